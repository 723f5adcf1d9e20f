"""These tests need frameworks of their own: `test_apart.py` runs them in environments that have those."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# By file: what it needs. `test_apart.py` knows the same list.
NEEDS = {
    "test_torch.py": "torch",
    "test_catboost.py": "catboost",
    "test_gensim.py": "gensim",
    "test_h2o.py": "h2o",
    "test_keras.py": "tensorflow",
    "test_onnx.py": "onnxruntime",
    "test_spacy.py": "spacy",
    "test_statsmodels.py": "statsmodels",
}
collect_ignore = [file for file, module in NEEDS.items() if importlib.util.find_spec(module) is None]
