"""What starts runs: promotion of releases, schedules, and the alert about runs that failed."""
