"""PyTorch and Keras in one process: in either order it trains or says why not, and never ends the process."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

HEAD = "from drawn_rows import SIDE, XOR, numbers\nfrom bighead.pipeline_lib.errors import DefinitionError\n"
FITS = {
    "torch": "from bighead.pipeline_lib.frameworks import TorchClassifier\n"
    "numbers(TorchClassifier(epochs=1)).fit(XOR, SIDE)\n",
    "keras": "from bighead.pipeline_lib.frameworks import KerasClassifier\n"
    "numbers(KerasClassifier(epochs=1)).fit(XOR, SIDE)\n",
}


def ended(code: str) -> subprocess.CompletedProcess[str]:
    path = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", HEAD + code], env=path, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_pytorch_before_keras_trains():
    told = ended(FITS["torch"] + FITS["keras"] + "print('both')")
    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.split()[-1] == "both"


@pytest.mark.slow
def test_keras_before_pytorch_trains_or_says_why_not():
    told = ended(FITS["keras"] + FITS["torch"] + "print('both')")
    if importlib.util.find_spec("triton") is None:
        assert told.returncode == 0, told.stderr[-2000:]
    else:
        assert told.returncode == 1, told.stderr[-2000:]
        assert "PyTorch cannot train in a process that has loaded TensorFlow before" in told.stderr
