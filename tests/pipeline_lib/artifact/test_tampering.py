"""A bundle that is not what was saved is never loaded, whatever was done to it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listings import forest, listings

from bighead.pipeline_lib.artifact import InputColumn, load, save
from bighead.pipeline_lib.artifact.files import inside
from bighead.pipeline_lib.artifact.manifest import canonical
from bighead.pipeline_lib.errors import ArtifactError, TamperedArtifactError

FRAME, LABELS = listings()


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("original") / "bundle", seed=0)


@pytest.fixture
def bundle(original, tmp_path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "bundle"))


def written(folder: Path, seed: int) -> Path:
    pipeline = forest(4, seed).fit(FRAME, LABELS)
    inputs = [InputColumn(each.name, each.dtype) for each in pipeline.graph.inputs]
    save(pipeline, folder, model="rental", inputs=inputs, example_rows=FRAME.head(50))
    return folder


def listed(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def resealed(folder: Path, change) -> None:
    """Change the manifest and seal it again, as somebody would who knows how."""
    plain = json.loads((folder / "manifest.json").read_text())
    plain.pop("seal")
    change(plain)
    seal = hashlib.sha256(canonical(plain)).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({**plain, "seal": seal}))


def test_every_flipped_byte_is_seen(original, tmp_path):
    for name in listed(original):
        bundle = Path(shutil.copytree(original, tmp_path / name.replace("/", "_")))
        content = bytearray((bundle / name).read_bytes())
        content[len(content) // 2] ^= 1
        (bundle / name).write_bytes(content)
        with pytest.raises(TamperedArtifactError):
            load(bundle)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_change_of_any_file_is_seen(original, tmp_path_factory, data):
    bundle = Path(shutil.copytree(original, tmp_path_factory.mktemp("any") / "bundle"))
    file = bundle / data.draw(st.sampled_from(listed(original)))
    content = file.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    changed = data.draw(st.sampled_from(["cut", "byte", "grow"]))
    new = {
        "cut": content[:at],
        "byte": content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :],
        "grow": content + b" ",
    }[changed]
    file.write_bytes(new)
    if file.name == "manifest.json" and _same_json(content, new):
        return
    with pytest.raises(ArtifactError):
        load(bundle)


def _same_json(left: bytes, right: bytes) -> bool:
    try:
        return bool(json.loads(left) == json.loads(right))
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["graph.json", "plan.json", "example.json", "state/0.means.arrow"])
def test_a_missing_file_is_named(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(TamperedArtifactError, match=name):
        load(bundle)


def test_another_models_state_is_seen(bundle, tmp_path):
    other = written(tmp_path / "other", seed=1)
    shutil.copy(other / "state" / "4.booster.ubj", bundle / "state" / "4.booster.ubj")
    with pytest.raises(TamperedArtifactError, match=r"4\.booster\.ubj"):
        load(bundle)


def test_swapped_state_is_seen_even_if_the_manifest_is_sealed_again(bundle):
    def swap(plain):
        files = plain["files"]
        a, b = "state/0.means.arrow", "state/1.moments.arrow"
        files[a], files[b] = files[b], files[a]

    resealed(bundle, swap)
    means, moments = bundle / "state" / "0.means.arrow", bundle / "state" / "1.moments.arrow"
    content = means.read_bytes()
    means.write_bytes(moments.read_bytes())
    moments.write_bytes(content)
    with pytest.raises(TamperedArtifactError, match="content_hash"):
        load(bundle)


@pytest.mark.parametrize("field", ["inputs", "key_columns", "outputs", "feature_sets_json"])
def test_a_changed_schema_is_seen_even_if_sealed_again(bundle, field):
    other = {
        "inputs": [{"name": "x", "dtype": "string", "nullable": True, "origin": "key"}],
        "key_columns": ["room"],
        "outputs": ["certainty"],
        "feature_sets_json": '["x"]',
    }
    resealed(bundle, lambda plain: plain.update({field: other[field]}))
    with pytest.raises(TamperedArtifactError, match="content_hash"):
        load(bundle)


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/hostname", "state/../../secret", "..\\secret", "", "a\0b"]
)
def test_a_path_out_of_the_folder_is_refused(bundle, path):
    (bundle.parent / "secret").write_text("secret")
    entry = {"sha256": hashlib.sha256(b"secret").hexdigest(), "size": 6}
    resealed(bundle, lambda plain: plain["files"].update({path: entry}))
    with pytest.raises(TamperedArtifactError):
        load(bundle)
    with pytest.raises(TamperedArtifactError, match="outside of it"):
        inside(bundle, path)


def test_a_link_out_of_the_folder_is_refused(bundle):
    outside = bundle.parent / "graph.json"
    shutil.move(bundle / "graph.json", outside)
    (bundle / "graph.json").symlink_to(outside)
    with pytest.raises(TamperedArtifactError, match="outside of it"):
        load(bundle)
    assert inside(bundle, "plan.json") == bundle / "plan.json"


def test_an_unknown_step_is_never_loaded(bundle):
    graph = json.loads((bundle / "graph.json").read_text())
    graph["nodes"][0]["step"] = "os.system"
    content = canonical(graph)
    (bundle / "graph.json").write_bytes(content)

    def rehash(plain):
        plain["files"]["graph.json"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        hashes = {
            n: f["sha256"] for n, f in plain["files"].items() if n.startswith(("graph", "plan", "state/"))
        }
        schema = {name: plain[name] for name in ("inputs", "outputs", "key_columns")}
        schema["feature_sets"] = json.loads(plain["feature_sets_json"])
        plain["content_hash"] = hashlib.sha256(canonical({"content": hashes, "schema": schema})).hexdigest()

    resealed(bundle, rehash)
    with pytest.raises(ArtifactError, match=r"unknown step 'os\.system'"):
        load(bundle)


def test_no_bundle_and_another_format(tmp_path, bundle):
    with pytest.raises(ArtifactError, match=r"holds no manifest\.json"):
        load(tmp_path)
    resealed(bundle, lambda plain: plain.update({"format": 9}))
    with pytest.raises(ArtifactError, match="format 9"):
        load(bundle)


def test_another_answer_than_the_stored_one_is_seen(bundle):
    example = json.loads((bundle / "example.json").read_text())
    example["answers"][3]["probability"] += 1e-6
    content = canonical(example)
    (bundle / "example.json").write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    resealed(bundle, lambda plain: plain["files"].update({"example.json": entry}))
    with pytest.raises(ArtifactError, match="row 3 of the example: 'probability'"):
        load(bundle).reproduce()


def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bighead.pipeline_lib.artifact.verify", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_loaders_check_exits_0_for_a_good_bundle_and_says_why_not(bundle):
    assert verify(str(bundle)).returncode == 0
    (bundle / "plan.json").write_bytes(b"{}")
    refused = verify(str(bundle))
    assert refused.returncode == 1
    assert "TamperedArtifactError: plan.json" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert verify().returncode == 2
