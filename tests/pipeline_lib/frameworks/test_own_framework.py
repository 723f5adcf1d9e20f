"""docs/frameworks.md: its adapter of forty lines and its program run as they stand there, loaded only where trusted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bighead.pipeline_lib.artifact import register_step
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks import MODELS
from bighead.pipeline_lib.pipeline import Transformer

PAGE = (Path(__file__).parents[3] / "docs" / "frameworks.md").read_text()
ADAPTER, USE, PROGRAM, STEP = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
SAVED = "\nimport shutil; shutil.copytree(folder, 'bundle')"
LOAD = """from bighead.pipeline_lib.artifact import load
print(load('bundle').predict_rows([{'nights': 3.0, 'guests': None}]))"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "least_squares.py").write_text(ADAPTER)
    return folder


@pytest.fixture(scope="module")
def used(project):
    return run(project, USE + SAVED)


def run(folder: Path, code: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), *sys.path])
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_adapter_has_forty_lines():
    assert len(ADAPTER.splitlines()) <= 50
    code = [
        line
        for line in ADAPTER.splitlines()
        if line.strip() and not line.startswith(('"""', "from", "import"))
    ]
    assert len(code) <= 40


def test_the_page_runs_word_for_word_and_is_served_natively(used):
    assert used.returncode == 0, used.stderr[-3000:]
    assert used.stdout.split() == ["True"]


def test_the_program_of_the_page_runs_word_for_word(tmp_path):
    (tmp_path / "shorten.py").write_text(PROGRAM)
    answered = run(tmp_path, STEP)
    assert answered.returncode == 0, answered.stderr[-3000:]
    assert answered.stdout.strip() == "['Ada', 'Grace', None]"
    refused = run(tmp_path, re.sub(r"^allow_code.*$", "", STEP, flags=re.MULTILINE))
    assert "does not let it run" in refused.stderr


def test_the_table_names_every_model():
    named = {*re.findall(r"`(\w+)`", PAGE)}
    assert {each.__name__ for each in MODELS} <= named


def test_a_process_that_trusts_the_module_answers(project, used):
    trusting = "from bighead.pipeline_lib.artifact import allow_code\nallow_code('least_squares')\n"
    answered = run(project, trusting + LOAD)
    assert answered.returncode == 0, answered.stderr[-3000:]
    assert "prediction" in answered.stdout


def test_the_setting_trusts_it_too(project, used):
    reading = "from bighead.resources.settings import Settings\nSettings()\n"
    answered = run(project, reading + LOAD, BIGHEAD_STEP_MODULES="shop, least_squares")
    assert answered.returncode == 0, answered.stderr[-3000:]


def test_the_loader_is_told_whom_to_trust(project, used):
    verify = [sys.executable, "-m", "bighead.pipeline_lib.artifact.verify", "bundle"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project), *sys.path])}
    ended = [
        subprocess.run(
            [*verify, *more], cwd=project, env=environment, capture_output=True, check=False
        ).returncode
        for more in ([], ["least_squares"], ["least"])
    ]
    assert ended == [1, 0, 1]


def test_a_process_that_does_not_trust_the_module_never_imports_it(project, used, tmp_path):
    (tmp_path / "least_squares.py").write_text("print('imported')\n" + ADAPTER)
    loading = LOAD.replace("'bundle'", repr(str(project / "bundle")))
    refused = run(tmp_path, loading)
    assert refused.returncode != 0
    assert "which this process does not let it import" in refused.stderr
    assert "allow_code('least_squares')" in refused.stderr
    assert not refused.stdout
    trusting = "from bighead.pipeline_lib.artifact import allow_code\nallow_code('least_squares')\n"
    assert "imported" in run(tmp_path, trusting + loading).stdout


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("least_squares:Model", "registers no step 'Model'"),
        ("least_squares:np", "registers no step 'np'"),
        ("least_squares:", "registers no step ''"),
        ("os:system", "does not let it import"),
        ("least_squares.:LeastSquares", "does not let it import"),
        ("least_squares/../x:LeastSquares", "does not let it import"),
        ("LeastSquares", "unknown step 'LeastSquares'"),
    ],
)
def test_a_bundle_that_names_something_else_is_refused(project, used, step, says):
    names = "from bighead.pipeline_lib.artifact import allow_code\nallow_code('least_squares')\n"
    code = f"from bighead.pipeline_lib.artifact.step_names import class_of\nclass_of({json.dumps(step)})"
    refused = run(project, names + code)
    assert "ArtifactError" in refused.stderr
    assert says in refused.stderr


def test_a_module_that_is_not_installed_is_named(project, used, tmp_path):
    code = "from bighead.pipeline_lib.artifact import allow_code, load\nallow_code('least_squares')\n"
    refused = run(tmp_path, code + f"load({str(project / 'bundle')!r})")
    assert "'least_squares', which cannot be imported" in refused.stderr


def test_a_step_in_a_script_is_refused_when_it_is_saved(project):
    script = ADAPTER + USE.replace("from least_squares import LeastSquares\n", "")
    refused = run(project, script)
    assert "UnsupportedStepError" in refused.stderr
    assert "stands in __main__" in refused.stderr


def test_a_class_that_cannot_be_stored_is_refused_when_it_is_registered():
    class Mute(Transformer):
        def transform(self, frame):
            return frame

    with pytest.raises(DefinitionError, match="does not say how it is stored"):
        register_step(Mute)
    with pytest.raises(DefinitionError, match="is no step"):
        register_step(dict)  # type: ignore[type-var]
