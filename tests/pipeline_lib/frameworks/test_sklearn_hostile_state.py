"""Garbled and hostile state comes to an error: it names nothing that runs, and ends no process."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from bighead.pipeline_lib.errors import ArtifactError, UnsupportedStepError
from bighead.pipeline_lib.frameworks.sklearn_state import put_together, take_apart
from bighead.pipeline_lib.frameworks.sklearn_state.arrays import from_bytes, to_bytes

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(40, 3))
CLASSES = (ROWS[:, 0] > 0).astype(int)


def changed(estimator, change):
    said, arrays = take_apart(estimator)
    plain = json.loads(said)
    held = from_bytes(arrays)
    change(plain["objects"], held)
    return json.dumps(plain).encode(), to_bytes(held)


def _of_class(path):
    return lambda objects, _: objects[0].update({"class": path})


def _attribute(name, value):
    return lambda objects, _: objects[0]["state"].update({name: value})


def _node(name, value):
    def change(_, arrays):
        nodes = next(array for array in arrays if array.dtype.names and name in array.dtype.names)
        nodes[name][0] = value

    return change


def _shorter(_, arrays):
    place = max(range(len(arrays)), key=lambda at: arrays[at].size)
    arrays[place] = arrays[place][:-1]


TREE = DecisionTreeClassifier(max_depth=3, random_state=0).fit(ROWS, CLASSES)
BOOSTED = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=2).fit(ROWS, CLASSES)
MACHINE = SVC().fit(ROWS, CLASSES)
HOSTILE = {
    "a class of the standard library": (Ridge(), _of_class("os:system")),
    "a class that is no estimator": (Ridge(), _of_class("sklearn.base:clone")),
    "a module of tests": (Ridge(), _of_class("sklearn.tests.test_base:MyEstimator")),
    "a class of another package": (Ridge(), _of_class("subprocess:Popen")),
    "a function that is not allowed": (Ridge(), _attribute("alpha", {"function": "os:system"})),
    "a function of NumPy that reads files": (Ridge(), _attribute("alpha", {"function": "numpy:load"})),
    "a kind that is none": (Ridge(), _attribute("alpha", {"pickle": "gASVAAAA"})),
    "an object that is not there": (Ridge(), _attribute("alpha", {"at": 9})),
    "an array that is not there": (Ridge(), _attribute("alpha", {"array": -1})),
    "a type of objects": (Ridge(), _attribute("alpha", {"scalar": ["O", 1]})),
    "a file to read": (CountVectorizer().fit(["quick fox"]), _attribute("input", "filename")),
    "a node that leads back": (TREE, _node("left_child", 0)),
    "a node that leads out": (TREE, _node("right_child", 10**9)),
    "a node that asks for another column": (TREE, _node("feature", 77)),
    "a tree without some values": (TREE, _shorter),
    "a boosted node that leads out": (BOOSTED, _node("right", 10**6)),
    "a boosted node of another column": (BOOSTED, _node("feature_idx", 99)),
    "fewer support vectors": (MACHINE, _shorter),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_state_is_refused(name):
    estimator, change = HOSTILE[name]
    assert put_together(*changed(estimator, lambda objects, arrays: None)) is not None
    with pytest.raises(ArtifactError, match=r"cannot be put together"):
        put_together(*changed(estimator, change))


def test_nested_beyond_reason_is_refused():
    deep: list = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(UnsupportedStepError, match="nested too deep"):
        take_apart(Ridge(alpha=deep))
    said, arrays = take_apart(Ridge())
    with pytest.raises(ArtifactError):
        put_together(said[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", arrays)


@pytest.mark.parametrize(
    ("shape", "dtype", "at"),
    [
        ([10**12], "<f8", [0, 16]),
        ([2**62, 0], "<f8", [0, 0]),
        ([10**9], "|V0", [0, 0]),
        ([2], "|O", [0, 16]),
        ([-1], "<f8", [0, 8]),
        ([2], "<f8", [8, 16]),
        ([2], "<f8", [0, 8]),
        ([1] * 60, "<f8", [0, 8]),
        ([10**10], "<U0", [0, 0]),
        ([2], ",f8", [0, 16]),
        ([2], "(2,)f4", [0, 16]),
        ([2], "<f77", [0, 16]),
        ([2], {"names": ["a"], "formats": ["O"], "offsets": [0], "itemsize": 8}, [0, 16]),
        ([2], {"names": ["a"], "formats": ["<f8"], "offsets": [64], "itemsize": 8}, [0, 16]),
    ],
)
def test_shapes_and_types_that_the_bytes_are_not_are_refused(shape, dtype, at):
    header = json.dumps([{"dtype": dtype, "shape": shape, "order": "C", "at": at}]).encode()
    with pytest.raises(ArtifactError, match="stored arrays cannot be read"):
        from_bytes(len(header).to_bytes(8, "little") + header + bytes(16))


def test_cut_bytes_are_refused():
    content = to_bytes([ROWS, np.arange(3)])
    for length in (0, 3, 8, 40, len(content) - 65):
        with pytest.raises(ArtifactError):
            from_bytes(content[:length])


def test_sparse_matrices_are_checked():
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2)
    search.matrix = csr_matrix(np.eye(3))
    assert np.array_equal(put_together(*take_apart(search)).matrix.toarray(), np.eye(3))

    def beyond(objects, arrays):
        place = next(each["new"][1]["array"] for each in objects if each["kind"] == "sparse")
        arrays[place] = arrays[place] + 1000

    with pytest.raises(ArtifactError, match="cannot be put together"):
        put_together(*changed(search, beyond))


FLIPS = """
import sys, warnings
import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.frameworks.sklearn_state import put_together, take_apart

warnings.simplefilter("ignore")
np.seterr(all="ignore")
random = np.random.default_rng(int(sys.argv[1]))
rows = random.normal(size=(40, 3))
classes = (rows[:, 0] > 0).astype(int)
models = (RandomForestClassifier(2, max_depth=3), HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=3),
          GradientBoostingClassifier(n_estimators=2), KNeighborsClassifier(algorithm="ball_tree"), SVC())
refused = answered = 0
for model in models:
    said, arrays = take_apart(model.fit(rows, classes))
    for _ in range(150):
        parts = [bytearray(said), bytearray(arrays)]
        part = parts[random.integers(2)]
        part[random.integers(len(part))] ^= 1 << random.integers(8)
        try:
            put_together(*map(bytes, parts)).predict(rows)
            answered += 1
        except ArtifactError:
            refused += 1
        except (ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError, MemoryError, RuntimeError):
            answered += 1
print(refused, answered)
"""


@pytest.mark.parametrize("seed", range(3))
def test_flipped_bits_never_end_the_process(seed):
    ran = subprocess.run(
        [sys.executable, "-c", FLIPS, str(seed)], capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    refused, answered = map(int, ran.stdout.split())
    assert refused > 100
    assert answered > 100
