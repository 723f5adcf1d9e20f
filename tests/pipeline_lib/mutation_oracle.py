"""What mutations make of rows, by definition: at t the last mutation of those known by then is in force.

Nothing here is sorted once or swept: every question looks at every mutation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

Mutation = Mapping[str, Any]
META = ("mutated", "known", "opens", "seq")


def place(mutation: Mutation, among: Sequence[Mutation], *, images: bool) -> tuple[Any, ...]:
    """Where a mutation stands among those of its row."""
    moment = (mutation["mutated"], (mutation["seq"] is not None, mutation["seq"]))
    content = row_of(mutation)
    taken_back = images and any(
        (other["mutated"], (other["seq"] is not None, other["seq"])) == moment
        and other["opens"] != mutation["opens"]
        and row_of(other) == content
        for other in among
    )
    return (*moment, mutation["opens"], not taken_back, content)


def row_of(mutation: Mutation) -> str:
    cleaned = {"event_time" if name == "ts" else name: value for name, value in mutation.items()}
    row = {name: cleaned[name] for name in sorted(cleaned) if name not in (*META, "id")}
    return json.dumps(row, default=lambda at: at.isoformat(), separators=(",", ":"), ensure_ascii=False)


def in_force(
    mutations: Iterable[Mutation], id: Any, at: datetime, *, inclusive: bool = False, images: bool = False
) -> dict[str, Any] | None:
    """The row of an id that counts at `at`, if one does: what happens later does not yet."""
    own = [each for each in mutations if each["id"] == id]
    known = [each for each in own if (each["known"] <= at if inclusive else each["known"] < at)]
    if not known:
        return None
    last = max(known, key=lambda each: place(each, own, images=images))
    if not last["opens"]:
        return None
    happened = last["ts"] <= at if inclusive else last["ts"] < at
    return {name: value for name, value in last.items() if name not in META} if happened else None


def rows_in_force(
    mutations: Sequence[Mutation], at: datetime, *, inclusive: bool = False, images: bool = False
) -> list[dict[str, Any]]:
    """Every row that counts at `at`."""
    ids = dict.fromkeys(each["id"] for each in mutations)
    found = [in_force(mutations, id, at, inclusive=inclusive, images=images) for id in ids]
    return [row for row in found if row is not None]
