"""The tree drawn at the top of errors.py is the tree there is, and every error tells its cure."""

from __future__ import annotations

import inspect

import pytest

from bighead.pipeline_lib import errors

TREE = errors.__doc__ or ""


def classes() -> list[type[BaseException]]:
    found = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    return sorted(found, key=lambda c: c.__name__)


@pytest.mark.parametrize("error", classes(), ids=lambda c: c.__name__)
def test_each_error_is_drawn_in_the_tree_and_hangs_from_its_root(error):
    assert error.__name__ in TREE
    assert issubclass(error, errors.BigheadError)
    assert error.__doc__


def test_the_tree_draws_nothing_that_does_not_exist():
    drawn = {word for word in TREE.replace("├──", " ").replace("└──", " ").split() if word.endswith("Error")}
    assert drawn == {c.__name__ for c in classes()}


@pytest.mark.parametrize("error", classes(), ids=lambda c: c.__name__)
def test_each_error_stands_under_its_parent_in_the_drawing(error):
    if error is errors.BigheadError:
        return
    lines = TREE.splitlines()
    mine = next(i for i, line in enumerate(lines) if f"── {error.__name__} " in line)
    depth = lines[mine].index("── ")
    above = [line for line in lines[:mine] if "Error" in line and _depth(line) < depth]
    parent = max(enumerate(above), key=lambda pair: pair[0])[1]
    assert error.__base__ is not None
    assert error.__base__.__name__ in parent


def _depth(line: str) -> int:
    return line.index("── ") if "── " in line else 0


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.UnknownNameError("model", "flight_lat", ["flight_late"]),
         "no model is called 'flight_lat'. Did you mean 'flight_late'?"),
        (errors.UnknownNameError("model", "x", []), "no model is called 'x'. There are none yet."),
        (errors.UnknownNameError("model", "zzz", ["a", "b"]), "no model is called 'zzz'. There are: 'a', 'b'."),
        (errors.SchemaError.columns("table 't'", seen=["b"], expected=["a", "c"]),
         "table 't' lacks the columns 'a', 'c'; it has 'b'. There are: 'b'."),
        (errors.MissingExtraError("Dagster", "orchestrate"),
         "Dagster is not installed. Install it with: pip install 'bighead[orchestrate]'"),
    ],
)  # fmt: skip
def test_messages_say_what_was_seen_what_was_expected_and_the_cure(error, text):
    assert str(error) == text


def test_a_request_error_names_column_and_row():
    error = errors.RequestError("is a string", column="distance", row=3, status=400)
    assert (error.column, error.row, error.status) == ("distance", 3, 400)
