"""These tests need frameworks of their own, which `just frameworks` installs in an environment apart.

Any other run leaves out those whose framework it lacks, and says so at its end.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# By file: the modules that it imports.
NEEDS = {
    "test_catboost.py": ["catboost"],
    "test_keras.py": ["tensorflow"],
    "test_one_process.py": ["tensorflow", "torch"],
    "test_onnx.py": ["onnxruntime", "onnx"],
    "test_predefined.py": ["tensorflow", "torch"],
    "test_statsmodels.py": ["statsmodels"],
    "test_torch.py": ["torch"],
}
LACKING = {
    file: [module for module in modules if importlib.util.find_spec(module) is None]
    for file, modules in NEEDS.items()
}
collect_ignore = [file for file, modules in LACKING.items() if modules]


def pytest_terminal_summary(terminalreporter):
    if collect_ignore:
        lacking = sorted({module for modules in LACKING.values() for module in modules})
        terminalreporter.write_line(
            f"left out {len(collect_ignore)} of {len(NEEDS)} files in tests/frameworks_apart, for want of "
            f"{', '.join(lacking)}: `just frameworks` runs them"
        )
