"""JSON and YAML read back to equal definitions; YAML errors point at the file and the line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    Mutations,
    TrainingSet,
)
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.json_schema import feature_set_schema

EDITOR = Draft202012Validator(feature_set_schema())

words = st.text(st.sampled_from("abcxyz"), min_size=1, max_size=6)
# Text that YAML would read as something else unless it is quoted.
texts = (
    st.sampled_from(
        [
            "yes",
            "1",
            "2013-01-01",
            "null",
            "a: b",
            "#",
            "é – 日本",
            "'",
            '"',
            "- x",
            "line\nbreak",
            "\x85",
            "a\u2028\r\nb",
        ]
    )
    | st.text()
)
columns = st.lists(words, min_size=1, max_size=3, unique=True)
windows = st.lists(
    st.sampled_from(
        [
            *("7d", "3h", "5m", "sliding:3h", "1y", "unbounded", "tumbling:1w", "snapshot:7d"),
            *("snapshot:7d+90m", "calendar:1mo@America/New_York", "calendar:-2q"),
        ]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)
operations = st.sampled_from(["count", "sum", "mean", "first", "last_5", "p99", "lag_1", "histogram", "std"])


@st.composite
def full_aggregations(draw, column, place):
    """An aggregation with any of its parameters; its name tells it from the others."""
    operation, given = draw(
        st.sampled_from(
            [
                ("sum", {"empty": -1.5}),
                ("count", {"buckets": ["city", "kind"], "empty": {"a: b": 1}}),
                ("percentile", {"quantiles": [0.25, 1]}),
                ("decayed_sum", {"half_life": "3d"}),
                ("last_k", {"k": 2, "empty": ["yes", "null"]}),
                ("last", {"empty": "2013-01-01"}),
                ("min", {"empty": False}),
            ]
        )
    )
    where = draw(st.none() | texts.filter(str.strip))
    return Aggregation(column, operation, draw(windows), where=where, name=f"made_{place}", **given)


selects = st.none() | st.dictionaries(st.sampled_from(["kind", "a", "on"]), texts, min_size=1)
mutations = st.sampled_from(
    [
        Mutations(operation="=op"),
        Mutations("=at", is_before="=before"),
        Mutations("=at", operation="=op", sequence="=lsn"),
    ]
)
enveloped = Mutations("=at", operation="=op", envelope="debezium")
event_sources = st.one_of(
    st.builds(EventSource, table=words, stream=words, event_id=words, mutations=st.just(enveloped)),
    st.builds(EventSource, table=words, event_id=words, mutations=mutations, cumulative=st.none() | words),
    st.builds(
        EventSource,
        table=words,
        event_time=words,
        stream=st.none() | words,
        event_id=st.none() | words,
        delay=st.none() | st.just("1h"),
        select=selects,
        where=st.none() | texts,
        timezone=st.none() | st.just("Europe/Paris"),
        start_date=st.none() | st.just("2013-01-01"),
    ),
    st.builds(
        EventSource,
        query=texts.filter(bool),
        dependencies=columns,
        type=st.just("hive"),
        lateness=st.just("5d"),
    ),
)
entity_sources = st.one_of(
    st.builds(EntitySource, table=words, landing=st.just("2h"), select=selects),
    st.builds(EntitySource, table=words, valid_from=words, valid_to=words, timezone=st.just("UTC")),
    st.builds(EntitySource, table=words, mutations=mutations, where=st.none() | texts),
)
shared = {
    "name": words,
    "owner": texts,
    "tags": st.lists(words, unique=True, max_size=2),
    "version": st.integers(1, 9),
}


@st.composite
def feature_sets(draw):
    given = {name: draw(strategy) for name, strategy in shared.items()}
    kind = draw(st.sampled_from(["product", "listed", "entity", "calendar"]))
    if kind != "calendar" and draw(st.booleans()):
        given |= {"max_age": "30d", "on_stale": draw(st.sampled_from(["null", "keep"]))}
    inputs = draw(columns)
    if kind == "entity":
        given |= {"source": draw(entity_sources), "columns": inputs}
    elif kind == "calendar":
        given |= {"source": CalendarSource("Asia/Tokyo", shift="-1h", fields=["month", "hour"])}
        given |= {"columns": draw(st.sampled_from([[], ["hour"]]))}
        inputs = given["columns"]
    else:
        given |= {
            "source": draw(event_sources),
            "boundary": draw(st.sampled_from(["exclusive", "inclusive"])),
        }
        many = draw(st.lists(operations, min_size=1, max_size=2, unique=True)) if kind == "product" else []
        spans = draw(windows)
        given["aggregations"] = [Aggregation(c, o, spans) for c in inputs for o in many] or [
            draw(full_aggregations(c, place))
            if draw(st.booleans())
            else Aggregation(c, draw(operations), draw(windows))
            for place, c in enumerate(inputs)
        ]
    given["keys"] = [] if kind == "calendar" else ["key_one", "key_two"]
    given["docs"] = draw(st.dictionaries(st.sampled_from(inputs), texts)) if inputs else {}
    return FeatureSet(**given)


@settings(deadline=None)
@given(feature_sets())
def test_yaml_reads_back_to_an_equal_set(feature_set):
    again = from_yaml(to_yaml(feature_set))
    assert again == feature_set
    assert again.hash == feature_set.hash


@settings(deadline=None)
@given(feature_sets())
def test_json_reads_back_to_an_equal_set(feature_set):
    assert from_json(to_json(feature_set)) == feature_set
    assert to_json(from_json(to_json(feature_set))) == to_json(feature_set)


@settings(deadline=None)
@given(feature_sets().filter(lambda s: s.keys and "key_one" not in s.inputs))
def test_training_sets_are_json_too(feature_set):
    training = TrainingSet(
        name="t",
        left=LeftTable("views", known={"home": "-1d", "key_two": "0s"}),
        timestamp="ts",
        row_id="id",
        features=[feature_set.on(key_one="home", prefix="p"), "other:x"],
        label=Label("y", "1d"),
    )
    assert from_json(to_json(training)) == training


PAPER = """\
name: bookings
owner: bighead-team@airbnb.com
keys: [listing]
event_time: ts
source:
  type: hive
  query: >
    SELECT listing, ts, 1 AS n_nights_booked FROM bookings
    WHERE ds BETWEEN '{{ start_date }}' AND '{{ end_date }}'
  dependencies: [bookings]
  start_date: 2010-01-01
operation: sum
windows: [7, 14d, 30d, 1y]
features:
  n_nights_booked: Total number of nights booked
"""


def test_the_papers_own_form_is_read():
    feature_set = from_yaml(PAPER)
    assert isinstance(feature_set.source, EventSource)
    assert feature_set.source.start_date == "2010-01-01"
    assert feature_set.source.tables == ("bookings",)
    assert feature_set.aggregations == (Aggregation("n_nights_booked", "sum", ["7d", "14d", "30d", "1y"]),)
    assert feature_set.docs == {"n_nights_booked": "Total number of nights booked"}
    assert from_yaml(to_yaml(feature_set)) == feature_set


@pytest.mark.parametrize(
    ("old", "new", "error", "line", "words"),
    [
        ("operation: sum", "operation: summ", UnknownNameError, 12, "Did you mean 'sum'"),
        ("operation: sum", "opperation: sum", UnknownNameError, 12, "Did you mean 'operation'"),
        ("  type: hive", "  type: hife", UnknownNameError, 6, "Did you mean 'hive'"),
        ("  type: hive", "  typ: hive", UnknownNameError, 6, "Did you mean 'type'"),
        ("  dependencies", "  stream: live\n  dependencies", DefinitionError, 10, "the stream 'live'"),
        ("2010-01-01", "2010-13-01", DefinitionError, 11, "Expected a day|in quotes"),
        ("[7, 14d, 30d, 1y]", "[7, 14 days]", DefinitionError, 13, "'14 days' is no duration"),
        ("[7, 14d, 30d, 1y]", "7d", DefinitionError, 13, "Expected a list"),
        ("name: bookings\n", "", DefinitionError, 1, "'name' is missing"),
        ("name: bookings", "name: Bookings", DefinitionError, 1, "'Bookings' cannot name"),
        ("owner:", "name: x\nowner:", DefinitionError, 2, "'name' stands here twice"),
        ("keys: [listing]", "keys: listing", DefinitionError, 3, r"as \['listing'\]"),
        ("keys: [listing]", "keys: [listing", DefinitionError, 4, "no YAML"),
        (
            "operation: sum",
            "operation: sum\nboundary: open",
            DefinitionError,
            13,
            "'exclusive' or 'inclusive'",
        ),
        ("operation: sum", "operation: sum\ndocs: {}", DefinitionError, 13, "do not go together"),
        ("  type: hive", "  type: !!python/object:os.system hive", DefinitionError, 6, "cannot be read"),
    ],
)
def test_yaml_errors_name_file_and_line(old, new, error, line, words):
    with pytest.raises(error, match=words) as caught:
        from_yaml(PAPER.replace(old, new, 1), where="bookings.yaml")
    assert str(caught.value).startswith(f"bookings.yaml:{line}: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", "Expected a mapping"),
        ("{", "is no JSON"),
        ('{"kind": "FeatureSett"}', "Did you mean 'FeatureSet'"),
        ('{"kind": "Label", "column": "y", "horizn": "1d"}', "Did you mean 'horizon'"),
        ('{"kind": "Label", "column": "y"}', "cannot be built"),
        ('{"kind": "FeatureSet", "aggregations": 3}', "Expected a list"),
    ],
)
def test_json_errors(text, words):
    with pytest.raises(DefinitionError, match=words):
        from_json(text)


def test_an_empty_file_is_no_feature_set(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text("")
    with pytest.raises(DefinitionError, match=r"empty.yaml:1: a feature set is a mapping"):
        FeatureSet.from_yaml(path)


@given(feature_sets())
def test_the_schema_for_editors_takes_whatever_we_write(feature_set):
    told = EDITOR.iter_errors(yaml.safe_load(to_yaml(feature_set)))
    assert [error.message for error in told] == []
