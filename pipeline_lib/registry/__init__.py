"""Steps 5 and 6 of 9: register an artifact, promote it when its gates pass. Rules and values, no database.

`values` says what the registry knows; `state_machine` which way a promotion may go; `gates`, `staleness` and
`rollback` what may become active; `followers` when every gateway has followed. The store that keeps it all is
`bighead.resources.registry_store`.
"""
