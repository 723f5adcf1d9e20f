"""Dead letters: what a stream's log keeps of messages that no feature set could take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from bighead.resources.segment_log import SegmentReader
from bighead.resources.stream_events import Feed
from bighead.resources.stream_messages import Message, judge
from bighead.resources.stream_offers import Refusal
from bighead.resources.stream_records import DeadLetter, Event, dead_letter, decode


def log_folder(folder: Path, stream: str) -> Path:
    """Return where the log of a stream is, of those under a folder."""
    return folder / (quote(stream, safe="") or "_")


def dead_letters(folder: Path, stream: str, start: int = 0) -> list[DeadLetter]:
    """Return the dead letters of a stream whose log is under `folder`, while another process may write it."""
    records = SegmentReader(log_folder(folder, stream)).read(start)
    letters = (dead_letter(position, decode(data)) for position, data in records)
    return [letter for letter in letters if letter is not None]


def revive(
    feeds: Mapping[str, Feed], letters: Sequence[DeadLetter], oldest: int | None
) -> tuple[list[Event], list[Refusal]]:
    """Return the events that every definition can take by now, and why the other letters stay dead, by position.

    Args:
        feeds: The definitions.
        letters: What was refused, and what a topic dropped, of which nothing is left.
        oldest: Letters that arrived before it (UTC µs) may have been resent already and ids are forgotten.
    """
    sent = [Message(each.partition, each.offset, each.key, each.value, each.arrived) for each in letters]
    verdicts, _ = judge(feeds, sent)
    events, refused = list[Event](), list[Refusal]()
    for letter, verdict in zip(letters, verdicts, strict=True):
        if oldest is not None and letter.arrived < oldest:
            reason = (
                "it arrived longer ago than ids are kept: put it into the source's table and backfill its day"
            )
            refused.append(Refusal(letter.position, None, reason))
        elif verdict.event is None:
            reason = verdict.reason if letter.value is not None else letter.reason
            refused.append(Refusal(letter.position, None, reason))
        else:
            events.append(verdict.event)
    return events, refused
