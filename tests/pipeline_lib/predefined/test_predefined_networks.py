"""What of the predefined networks can be seen without their frameworks; tests/frameworks_apart fits them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError, MissingExtraError, UnknownNameError
from bighead.pipeline_lib.predefined import image_cnn, text_cnn

MODULES = {"torch": "torch", "keras": "tensorflow"}
LACKING = [framework for framework, module in MODULES.items() if not importlib.util.find_spec(module)]


@pytest.mark.parametrize("make", [text_cnn, image_cnn])
def test_other_words_are_refused_with_those_that_there_are(make):
    with pytest.raises(UnknownNameError, match="torch"):
        make("column", framework="mxnet")
    with pytest.raises(UnknownNameError, match="regression"):
        make("column", task="ranking")


def test_a_size_that_no_image_has_is_refused():
    with pytest.raises(DefinitionError):
        image_cnn("photo", size=0)


def test_making_one_imports_no_framework():
    code = (
        "import sys; from bighead.pipeline_lib.predefined import text_cnn, image_cnn\n"
        "for each in ('torch', 'keras'): text_cnn('t', framework=each); image_cnn('i', framework=each)\n"
        "assert not {'torch', 'keras', 'tensorflow'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "framework", [each for each, module in MODULES.items() if not importlib.util.find_spec(module)]
)
def test_a_framework_that_lacks_is_named_with_its_extra(framework):
    rows = pl.DataFrame({"t": ["very late", "in time"]})
    with pytest.raises(MissingExtraError, match=MODULES[framework]):
        text_cnn("t", framework=framework).fit(rows, pl.Series([1, 0]))
