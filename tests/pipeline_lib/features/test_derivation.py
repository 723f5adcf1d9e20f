"""Definitions of derived features: refused with the cure, kept by YAML and JSON, counted by the hash."""

from __future__ import annotations

import pytest

from bighead.pipeline_lib.errors import BigheadError, DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.row_definition import row_definition


def flights(docs=None, **derivations) -> FeatureSet:
    return FeatureSet(
        name="fl",
        owner="t",
        keys=["k"],
        source=EventSource("t", "ts", event_id="id"),
        aggregations=[
            Aggregation("x", "sum", ["7d"]),
            Aggregation("x", "count", ["7d"]),
            Aggregation("y", "max", ["1d"]),
        ],
        docs=docs or {},
        derivations=derivations,
    )


@pytest.mark.parametrize(
    ("derivations", "error", "told"),
    [
        ({"a": "b", "b": "a"}, DefinitionError, r"circle: 'a' → 'b' → 'a'"),
        ({"a": "a + 1"}, DefinitionError, r"circle: 'a' → 'a'"),
        ({"x_sum_7d": "y_max_1d"}, NameCollisionError, "a feature 'x_sum_7d'"),
        ({"q": "1"}, DefinitionError, "reads no feature"),
        ({"q": "x_sum7d"}, UnknownNameError, "Did you mean 'x_sum_7d'"),
        ({"q": "fl_x_sum_7d"}, UnknownNameError, "Did you mean 'x_sum_7d'"),
        ({"q": "SUM(x_sum_7d)"}, DefinitionError, "looks beyond its row"),
        (
            {"q": "x_sum_7d - LAG(x_sum_7d) OVER (ORDER BY x_count_7d)"},
            DefinitionError,
            "looks beyond its row",
        ),
        ({"q": "x_sum_7d IN (SELECT 1)"}, DefinitionError, "subquery looks beyond its row"),
        ({"q": "CASE WHEN NOW() > x_sum_7d THEN 1 END"}, DefinitionError, "asks for the time"),
        ({"q": "x_sum_7d +"}, DefinitionError, "q"),
        ({"q": ""}, DefinitionError, "Expected an SQL expression"),
        ({"q": 3}, DefinitionError, "Expected an SQL expression"),
        ({"Q": "x_sum_7d"}, BigheadError, "'Q'"),
    ],
)
def test_what_cannot_be_derived_is_refused(derivations, error, told):
    with pytest.raises(error, match=told):
        flights(**derivations)
    with pytest.raises(DefinitionError, match="Expected"):
        FeatureSet(**{**vars_of(flights()), "derivations": "x_sum_7d"})


def vars_of(feature_set) -> dict[str, object]:
    names = ("name", "owner", "keys", "source", "aggregations")
    return {name: getattr(feature_set, name) for name in names}


def test_definitions_come_back_from_yaml_and_json_with_their_docs_and_order():
    made = flights(z="a * 2", a="x_sum_7d / x_count_7d", docs={"a": "the mean", "x": "minutes"})
    assert [f.name for f in made.features][3:] == ["fl_a", "fl_z"]
    for back in (from_yaml(to_yaml(made)), from_json(to_json(made))):
        assert back == made
        assert [f.name for f in back.features] == [f.name for f in made.features]
    assert next(f.doc for f in made.features if f.name == "fl_a") == "the mean"
    z = made.features[-1].derivation
    assert z is not None
    assert (z.reads, z.roots, z.columns, z.level) == (("a",), ("x_sum_7d", "x_count_7d"), ("x",), 2)


def test_a_wrong_name_in_yaml_is_told_by_its_line():
    text = to_yaml(flights(a="x_sum_7d / x_count_7d")).replace("x_sum_7d /", "x_sun_7d /")
    line = 1 + text[: text.index("x_sun")].count("\n")
    with pytest.raises(UnknownNameError, match=rf":{line}: .*'x_sun_7d'.*Did you mean 'x_sum_7d'"):
        from_yaml(text)


def test_the_hash_counts_derivations_and_the_rows_do_not():
    plain, made = flights(), flights(a="x_sum_7d / x_count_7d")
    assert len({plain.hash, made.hash, flights(a="x_sum_7d / 2").hash}) == 3
    assert flights(a="x_sum_7d", b="x_count_7d").hash == flights(b="x_count_7d", a="x_sum_7d").hash
    assert row_definition(plain).hash == row_definition(made).hash


def test_a_use_of_one_derived_feature_computes_only_what_it_reads():
    made = flights(mean="x_sum_7d / x_count_7d", twice="mean * 2", most="y_max_1d")
    use = made.on(prefix="p").pick("twice")
    assert use.columns() == ("p_fl_twice",)
    assert [f.name for f in use.computed.features] == ["fl_x_sum_7d", "fl_x_count_7d"]
    assert [f.name for f in use.derived] == ["fl_mean", "fl_twice"]
    assert made.on().pick("y_max_1d").derived == ()
