"""Mergeable profiles of columns: what a partition holds, in a few kilobytes, merged over any range of days."""

from bighead.pipeline_lib.profiles.column import ColumnProfile, merge_columns
from bighead.pipeline_lib.profiles.profile import Profile, merge_profiles

__all__ = ["ColumnProfile", "Profile", "merge_columns", "merge_profiles"]
