"""Every estimator of scikit-learn is stored without pickle, and answers bit for bit the same in another process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from every_estimator import NAMES, answers, fitted

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks.sklearn_state import put_together, take_apart

# With the estimators that cannot be stored as they are made here, and why. None at present.
REFUSED: dict[str, str] = {}
# These answer nothing to rows that they were not fitted on.
SILENT = {
    *("AgglomerativeClustering", "DBSCAN", "HDBSCAN", "OPTICS", "SpectralClustering"),
    *("ClassicalMDS", "MDS", "SpectralEmbedding", "SpectralBiclustering", "SpectralCoclustering", "TSNE"),
    *("EmpiricalCovariance", "GraphicalLasso", "GraphicalLassoCV", "LedoitWolf"),
    *("MinCovDet", "OAS", "ShrunkCovariance"),
}
CHILD = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {beside!r})
from every_estimator import answers
from bighead.pipeline_lib.frameworks.sklearn_state import put_together

for stored in sorted(Path(sys.argv[1]).glob("*.json")):
    estimator = put_together(stored.read_bytes(), stored.with_suffix(".arrays").read_bytes())
    np.savez(stored.with_suffix(".npz"), **answers(stored.stem, estimator))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The answers of all estimators that can be stored, given by another process."""
    folder = tmp_path_factory.mktemp("estimators")
    for name in NAMES:
        if name not in REFUSED:
            said, arrays = take_apart(fitted(name))
            (folder / f"{name}.json").write_bytes(said)
            (folder / f"{name}.arrays").write_bytes(arrays)
    code = CHILD.format(beside=str(Path(__file__).parents[1]))
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return folder


def test_there_are_as_many_as_scikit_learn_has():
    assert len(NAMES) > 200
    assert set(REFUSED) <= set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED])
def test_another_process_answers_the_same(name, folder):
    expected, seen = answers(name, fitted(name)), np.load(folder / f"{name}.npz")
    assert sorted(expected) == sorted(seen.files)
    assert bool(expected) == (name not in SILENT)
    for method, values in expected.items():
        assert values.dtype == seen[method].dtype
        assert values.tobytes() == seen[method].tobytes(), method


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REFUSED])
def test_equal_training_gives_equal_bytes_and_so_does_what_was_read(name):
    said, arrays = take_apart(fitted(name))
    assert (said, arrays) == take_apart(fitted(name))
    assert (said, arrays) == take_apart(put_together(said, arrays))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_for_the_reason_that_stands_here(name):
    with pytest.raises(UnsupportedStepError, match=REFUSED[name]):
        take_apart(fitted(name))
