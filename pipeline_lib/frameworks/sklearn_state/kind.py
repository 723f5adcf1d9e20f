"""A kind of objects that estimators are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bighead.pipeline_lib.frameworks.sklearn_state.graph import Apart, Together

Said = dict[str, Any]


class Kind:
    """A kind of object; `new` of what is said makes it, `state` fills it."""

    name = ""

    def holds(self, value: Any) -> bool:
        """Whether an object is of this kind."""
        raise NotImplementedError

    def take(self, value: Any, apart: Apart, path: str) -> Said:
        """Return what an object is made of."""
        raise NotImplementedError

    def blank(self, said: Mapping[str, Any], together: Together) -> Any:
        """Return an object that may lack what other objects give it."""
        raise NotImplementedError

    def fill(self, made: Any, said: Mapping[str, Any], together: Together) -> None:
        """Give it that; nothing by default."""

    def check(self, made: Any) -> None:
        """Refuse one whose parts contradict each other; nothing by default."""
