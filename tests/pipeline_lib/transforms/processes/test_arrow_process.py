"""Programs of any language: they answer tables, are stored by their files, and fail with a word about why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bighead.pipeline_lib import foreign_code
from bighead.pipeline_lib.artifact import InputColumn, allow_code, load, save
from bighead.pipeline_lib.errors import ArtifactError, DataError, DefinitionError, UnsupportedStepError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms.processes import ArrowProcess

ROOT = Path(__file__).parents[4]
ROWS = pl.DataFrame({"n": [1.0, None, -3.5, 0.0], "m": [0.5, float("inf"), None, -1e300]})
# The head of a message, and then no message.
WRITE = "sys.stdout.buffer.write"
GARBAGE = WRITE + "(b'\\xff\\xff\\xff\\xff\\x10\\0\\0\\0' + b'x' * 64); sys.stdout.flush(); time.sleep(5)"
LOOP = """
import os, sys, time, pyarrow as pa, pyarrow.ipc
while sys.stdin.buffer.peek(1):
    table = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    {body}
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as out:
        out.write(table)
    sys.stdout.flush()
"""


def program(body: str = "pass") -> list[str]:
    return [sys.executable, "-c", LOOP.format(body=body)]


def on(step, columns=("n", "m")) -> Pipeline:
    p = Pipeline("program")
    p[list(columns)] >>= step
    return p


def test_a_program_answers_and_lives_for_many_tables():
    step = ArrowProcess(
        program("table = table.append_column('pid', pa.array([os.getpid()] * len(table), pa.int64()))")
    )
    first, second = step.transform(ROWS), step.transform(ROWS[:1])
    assert first.select("n", "m").equals(ROWS)
    assert first["pid"].n_unique() == 1
    assert first["pid"][0] == second["pid"][0]
    assert step.transform(ROWS[:0]).height == 0
    step.close()
    assert step.transform(ROWS)["pid"][0] != first["pid"][0]
    step.close()


def test_columns_of_every_kind_come_back():
    frame = pl.DataFrame(
        {
            "s": ["", "ünïcødé 𝄞", None],
            "i": pl.Series([2**63 - 1, None, -(2**63)], dtype=pl.Int64),
            "b": [True, None, False],
            "t": pl.Series([datetime(2013, 7, 4, tzinfo=UTC), None, None], dtype=pl.Datetime("us", "UTC")),
            "y": pl.Series([b"\x00\xff", None, b""], dtype=pl.Binary),
            "l": [["a"], [], None],
            "x": pl.Series([np.ones((2, 2)), None, np.zeros((2, 2))], dtype=pl.Array(pl.Float32, (2, 2))),
        }
    )
    step = ArrowProcess(program())
    assert step.transform(frame).equals(frame)
    large = pl.DataFrame({"n": np.arange(2_000_000, dtype=np.float64)})
    assert step.transform(large).equals(large)
    step.close()


def test_a_program_answers_while_it_reads():
    # More than a pipe holds, written before all is read: neither side may wait for the other.
    body = "sys.stdout.flush()"
    step = ArrowProcess(program(body), timeout=60)
    frame = pl.DataFrame({"n": np.arange(500_000, dtype=np.float64)})
    assert step.transform(frame).equals(frame)
    step.close()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sys.exit(3)", "ended with status 3"),
        ("raise ValueError('no such room')", "no such room"),
        ("os.abort()", "ended with status -6"),
        ("table = table.slice(1)", "answered 3 rows for 4"),
        (GARBAGE, "answered no Arrow"),
        ("sys.stdout.buffer.write(b'hello, no Arrow' * 9); sys.stdout.flush(); time.sleep(9)", "did not answer"),
        ("sys.stdout.buffer.write(b'\\xff\\xff\\xff\\xff\\x10\\0\\0\\0'); sys.exit()", "ended with status 0"),
        ("time.sleep(60)", "did not answer within 2 s"),
    ],
)  # fmt: skip
def test_a_program_that_fails_is_told_and_started_again(body, says, tmp_path):
    once = (
        f"first = not os.path.exists({str(tmp_path / 'ran')!r}); open({str(tmp_path / 'ran')!r}, 'w').close()"
    )
    step = ArrowProcess(program(f"{once}\n    if first: {body}"), timeout=2)
    began = time.monotonic()
    with pytest.raises(DataError, match=says):
        step.transform(ROWS)
    assert time.monotonic() - began < 20
    assert step.transform(ROWS).equals(ROWS)
    step.close()


def test_garbage_of_valid_form_is_refused_not_followed():
    # A stream whose offsets point far outside of it: Arrow's reader looks before anything follows them.
    body = "table = pa.table({'n': pa.StringArray.from_buffers(4, pa.py_buffer(b'\\x7f' * 20), pa.py_buffer(b'ab'))})"
    step = ArrowProcess(program(body), timeout=10)
    with pytest.raises(DataError, match=r"answered no Arrow|ended with status"):
        step.transform(ROWS)
    step.close()


def test_a_program_sees_only_the_variables_that_are_named(monkeypatch):
    monkeypatch.setenv("SECRET", "s")
    monkeypatch.setenv("TOWN", "Paris")
    body = "table = table.append_column('seen', pa.array([','.join(sorted(os.environ))] * len(table)))"
    for names, expected in ([], ""), (["TOWN", "ABSENT"], "TOWN"):
        step = ArrowProcess(program(body), environment=names)
        seen = set(step.transform(ROWS)["seen"][0].split(",")) - {"LC_CTYPE", ""}
        assert seen == ({expected} if expected else set())
        step.close()


def test_a_step_that_is_gone_leaves_no_program():
    step = ArrowProcess(program("table = table.append_column('pid', pa.array([os.getpid()] * len(table)))"))
    pid = step.transform(ROWS)["pid"][0]
    del step
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ArrowProcess([]), "the command is"),
        (lambda: ArrowProcess("sort"), "Give a list"),
        (lambda: ArrowProcess(["sort"], timeout=0), "timeout is 0"),
        (lambda: ArrowProcess(["/no/such/program"]).transform(ROWS), "cannot be run"),
        (lambda: on(ArrowProcess(["{program}"], program="/no/such/file")).fit(ROWS), "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, says):
    with pytest.raises(DefinitionError, match=says):
        make()


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "twice.py"
    file.write_text(f"#!{sys.executable}\n" + LOOP.format(body="pass"))
    return file


def test_a_program_that_is_a_file_is_stored_and_run_where_it_is_allowed(script, tmp_path, monkeypatch):
    monkeypatch.setattr(foreign_code, "_allowed", set())
    p = on(ArrowProcess(["{program}"], program=str(script))).fit(ROWS)
    expected = p.answer(ROWS)
    inputs = [InputColumn(name, "float64") for name in ROWS.columns]
    manifest = save(p, tmp_path / "bundle", model="program", inputs=inputs, example_rows=ROWS)
    assert not manifest.plan.lowered
    script.unlink()
    with pytest.raises(ArtifactError, match=r"does not let it run.*allow_code\('program:"):
        load(tmp_path / "bundle")
    step = p.graph.nodes[0].step
    assert isinstance(step, ArrowProcess)
    allow_code(step.identity)
    loaded = load(tmp_path / "bundle")
    loaded.reproduce()
    assert loaded.pipeline.answer(ROWS).equals(expected)
    # What is allowed is this program with these arguments, not any use of it.
    other = {**step.params(), "command": ["sh", "-c", "true", "{program}"]}
    with pytest.raises(ArtifactError, match="does not let it run"):
        ArrowProcess.from_state(other, step.state())
    with pytest.raises(ValueError, match="another one than its hash says"):
        ArrowProcess.from_state(step.params(), {"program.bin": b"#!/bin/sh\n"})


def test_a_program_of_this_machine_is_refused_when_it_is_saved(tmp_path):
    p = on(ArrowProcess(program())).fit(ROWS)
    with pytest.raises(UnsupportedStepError, match="a file of this machine"):
        p.graph.nodes[0].step.state()


@pytest.fixture(scope="session")
def rust_program(require_program):
    folder = ROOT / "examples" / "rust_transform"
    cargo = require_program("cargo", "see rustup")
    subprocess.run([cargo, "build", "--release", "--locked", "--quiet"], cwd=folder, check=True)
    told = subprocess.run(
        [cargo, "metadata", "--format-version", "1", "--no-deps", "--locked"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(json.loads(told.stdout)["target_directory"]) / "release" / "rust-transform"


@pytest.mark.slow
def test_the_template_in_rust_builds_answers_and_is_stored(rust_program, tmp_path, monkeypatch):
    monkeypatch.setattr(foreign_code, "_allowed", set())
    random = np.random.default_rng(0)
    rows = pl.concat(
        [ROWS, pl.DataFrame({"n": random.normal(size=5000), "m": random.normal(size=5000) * 1e6})]
    )
    p = on(ArrowProcess(["{program}"], program=str(rust_program))).fit(rows)
    answered = p.answer(rows)
    expected = rows.select(pl.all().sign() * pl.all().abs().log1p())
    for name in rows.columns:
        np.testing.assert_allclose(
            answered[name].fill_null(np.nan).to_numpy(),
            expected[name].fill_null(np.nan).to_numpy(),
            rtol=1e-14,
        )
    assert p.answer(rows[:0]).height == 0
    inputs = [InputColumn(name, "float64") for name in ROWS.columns]
    save(p, tmp_path / "bundle", model="rust", inputs=inputs, example_rows=ROWS[:1])
    allow_code(p.graph.nodes[0].step.identity)  # type: ignore[attr-defined]
    loaded = load(tmp_path / "bundle")
    loaded.reproduce()
    assert loaded.pipeline.answer(rows).equals(answered)
    words = ArrowProcess([str(rust_program)])
    with pytest.raises(DataError, match="is LargeUtf8, expected Float64"):
        words.transform(pl.DataFrame({"s": ["x"]}))
