"""Where profiles and notes are kept, a port; and the profiles of a range of partitions, read once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY, grain_of_key
from bighead.pipeline_lib.ports import FeatureStore
from bighead.pipeline_lib.profiles.profile import Profile, merge_profiles

_HOURS = DAILY.length // HOURLY.length


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

    def forget(self, kind: str, name: str, partitions: Sequence[str]) -> None:
        """Drop the profiles of partitions that are no more; those there are not do not matter."""
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
    """The profiles of one table's partitions, each read when it is first asked for.

    Where a set went over from days to hours, or back, it has partitions of both forms. `partitions` holds each span
    once, in the order of time; a day is like a day, whether it was kept as one or in all its hours.
    """

    def __init__(self, profiles: ProfileStore, kind: str, name: str) -> None:
        self._profiles, self._kind, self._name = profiles, kind, name
        self._read: dict[str, Profile | None] = {}
        self._hours: dict[str, list[str]] = {}
        stored = sorted(profiles.stamps(kind, name))
        for each in stored:
            if grain_of_key(each) is HOURLY:
                self._hours.setdefault(_day(each), []).append(each)
        days = {each for each in stored if grain_of_key(each) is not HOURLY}
        # A day and its hours are both there only until what took the other's place is profiled whole.
        whole = {day for day, hours in self._hours.items() if len(hours) == _HOURS}
        self.partitions = [
            each for each in stored if (each not in whole if each in days else _day(each) not in days - whole)
        ]
        self._days = sorted(days | whole)

    def of(self, partition: str) -> Profile | None:
        """Return a partition's profile, None where it has none; that of a day may be made of its hours'."""
        if partition not in self._read:
            found = self._profiles.read(self._kind, self._name, partition)
            if found is None and len(self._hours.get(partition, ())) == _HOURS:
                found = self.merged(self._hours[partition])
            self._read[partition] = found
        return self._read[partition]

    def between(self, first: str = "", last: str = "") -> dict[str, Profile]:
        """Return the profiles of partitions from `first` to `last`, both included; by default all.

        Where both days and hours are among them, all are days: hours are merged, as many of a day as there are.
        """
        wanted = [each for each in self.partitions if first <= each and each[: len(last)] <= last]
        found = {key: profile for key in wanted if (profile := self.of(key)) is not None}
        if len({grain_of_key(key).name for key in found}) < 2:
            return found
        by_day: dict[str, list[Profile]] = {}
        for key, profile in found.items():
            by_day.setdefault(_day(key), []).append(profile)
        return {day: merge_profiles(some) for day, some in by_day.items()}

    def before(self, partition: str, count: int) -> list[Profile]:
        """Return the profiles of the last `count` partitions of its form before this one, the older first."""
        hourly = [each for each in self.partitions if grain_of_key(each) is HOURLY]
        alike = hourly if grain_of_key(partition) is HOURLY else self._days
        earlier = [each for each in alike if each < partition][-count:]
        return [profile for key in earlier if (profile := self.of(key)) is not None]

    def merged(self, partitions: Sequence[str]) -> Profile:
        """Return one profile of these partitions' rows."""
        return merge_profiles([profile for key in partitions if (profile := self.of(key)) is not None])


def _day(key: str) -> str:
    return key[: len("2024-01-05")]
