"""What cleaned rows call their own columns, beside keys and inputs."""

from __future__ import annotations

TIME, KNOWN, EVENT_ID = "event_time", "available_at", "event_id"
UNTIL = "available_to"
"""Only of sources whose rows are taken back: from then on a row no longer counts; null is for ever."""
