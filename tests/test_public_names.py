"""What `import bighead` offers is what it says, and it stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bighead


def test_all_names_exactly_what_can_be_loaded():
    assert sorted(bighead.__all__) == sorted(bighead._PUBLIC)


@pytest.mark.parametrize("name", bighead.__all__)
def test_each_public_name_loads_and_explains_itself(name):
    assert getattr(bighead, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Featureset'"):
        _ = bighead.Featureset


def test_importing_it_loads_nothing_heavy():
    code = "import bighead, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"polars", "pandas", "dagster", "xgboost", "sklearn", "sqlalchemy"} & set(loaded)
