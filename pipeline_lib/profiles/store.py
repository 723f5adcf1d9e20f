"""Where profiles and notes are kept, a port; and the profiles of a range of partitions, read once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bighead.pipeline_lib.ports import FeatureStore
from bighead.pipeline_lib.profiles.profile import Profile, merge_profiles


class ProfileStore(Protocol):
    """Profiles by kind (`features`, `training_sets`), name and partition, and notes beside them.

    A profile bears the stamp of the rows it was made of: another stamp, other rows.
    """

    def write(self, kind: str, name: str, partition: str, stamp: str, profile: Profile) -> None:
        """Replace a partition's profile at once; whoever is killed meanwhile leaves the one before."""
        ...

    def read(self, kind: str, name: str, partition: str) -> Profile | None:
        """Return a partition's profile; None where there is none that can be read."""
        ...

    def stamps(self, kind: str, name: str) -> dict[str, str]:
        """Return the stamp of each partition that has a profile, in order of their keys."""
        ...

    def note(self, kind: str, name: str, what: str, told: Mapping[str, Any]) -> None:
        """Replace a note, a JSON object, at once."""
        ...

    def noted(self, kind: str, name: str, what: str) -> dict[str, Any]:
        """Return a note; an empty one where there is none that can be read."""
        ...


class StampedStore(FeatureStore, Protocol):
    """An offline store that says which rows a partition has."""

    def stamps(self, kind: str, name: str) -> dict[str, str]:
        """Return a text for each stored partition that changes whenever its rows are replaced."""
        ...


class History:
    """The profiles of one table's partitions, each read when it is first asked for."""

    def __init__(self, profiles: ProfileStore, kind: str, name: str) -> None:
        self._profiles, self._kind, self._name = profiles, kind, name
        self._read: dict[str, Profile | None] = {}
        stored = sorted(profiles.stamps(kind, name))
        # Where a set went over from days to hours, or back, a day and an hour are not each other's like.
        self.partitions = [each for each in stored if len(each) == len(stored[-1])]

    def of(self, partition: str) -> Profile | None:
        """Return a partition's profile, None where it has none."""
        if partition not in self._read:
            self._read[partition] = self._profiles.read(self._kind, self._name, partition)
        return self._read[partition]

    def between(self, first: str = "", last: str = "") -> dict[str, Profile]:
        """Return the profiles of partitions from `first` to `last`, both included; by default all."""
        wanted = [each for each in self.partitions if first <= each and each[: len(last)] <= last]
        return {key: profile for key in wanted if (profile := self.of(key)) is not None}

    def before(self, partition: str, count: int) -> list[Profile]:
        """Return the profiles of the last `count` partitions before this one, the older first."""
        earlier = [each for each in self.partitions if each < partition][-count:]
        return [profile for key in earlier if (profile := self.of(key)) is not None]

    def merged(self, partitions: Sequence[str]) -> Profile:
        """Return one profile of these partitions' rows."""
        return merge_profiles([profile for key in partitions if (profile := self.of(key)) is not None])
