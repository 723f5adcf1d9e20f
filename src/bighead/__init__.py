"""Bighead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bighead.pipeline_lib.ports import bind_default

if TYPE_CHECKING:
    from bighead.session import Session


def _open_session() -> Session:
    # Stores and their libraries are heavy: they load with the first preview or collect, not with the name.
    from bighead.session import default_session

    return default_session()


bind_default(_open_session)
