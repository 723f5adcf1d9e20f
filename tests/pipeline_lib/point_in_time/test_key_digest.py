"""The kernel's digests are those of one key at a time, whatever integers, text, truths and nulls a key holds."""

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from bighead.pipeline_lib.point_in_time.key_digest import digest, digests_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXTS
EDGES = [
    edge + step
    for bits in (5, 7, 8, 15, 16, 31, 32, 63)
    for edge in (2**bits, -(2**bits))
    for step in (-1, 0, 1)
]


@given(st.lists(st.lists(VALUES, max_size=20), max_size=5))
@example([[edge] for edge in EDGES if edge >= -(2**63)])
@example([["x" * length] for length in (31, 32, 255, 256, 65_535, 65_536)])
def test_many_keys_have_the_digests_of_each(keys):
    assert digests_of(keys) == [digest(key) for key in keys]


def test_tuples_are_keys_and_other_types_keep_their_digest():
    assert digests_of([(1, "a"), [1, "a"]]) == [digest([1, "a"])] * 2
    other: list[list[object]] = [[date(2024, 2, 29), 1], [2.5]]
    assert digests_of(other) == [digest(key) for key in other]
