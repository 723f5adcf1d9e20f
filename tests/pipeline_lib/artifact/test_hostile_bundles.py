"""Bundles by somebody who knows how to seal them: whatever the files hold, they load or are refused, and nothing else.

Hashes and the seal are made right again after each change, so that only the readers themselves stand in the way.
"""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.artifact.files import MANIFEST
from bighead.pipeline_lib.artifact.manifest import FileEntry, Manifest
from bighead.pipeline_lib.errors import BigheadError

BUNDLES = sorted(Path(__file__).parent.glob("format_1/*"))
MOST_KILOBYTES = 256 << 10
# Each loads a bundle; the profile `proof` asks for many more.
EXAMPLES = max(20, settings().max_examples // 4)


def sealed(folder: Path) -> None:
    """List the files as they are now, and make content hash and seal those of what is listed."""
    manifest = Manifest.from_json((folder / MANIFEST).read_bytes())
    files = {name: FileEntry.of((folder / name).read_bytes()) for name in manifest.files}
    (folder / MANIFEST).write_bytes(replace(manifest, files=files).sealed().to_json())


def loads_or_is_refused(folder: Path) -> bool:
    """Whether it loads; anything but one of our errors is let through, and so is much memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        load(folder).reproduce()
    except BigheadError:
        return False
    finally:
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES
    return True


@given(st.sampled_from(BUNDLES), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_changed_bytes_of_a_state_are_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, bundle: Path, data: st.DataObject
) -> None:
    folder = Path(shutil.copytree(bundle, tmp_path_factory.mktemp("hostile") / "bundle"))
    file = data.draw(st.sampled_from(sorted((folder / "state").iterdir())))
    content = bytearray(file.read_bytes())
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=4)
    ):
        content[place] = value
    file.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    sealed(folder)
    loads_or_is_refused(folder)
    shutil.rmtree(folder)


HOSTILE: dict[str, Any] = {
    "nothing": None,
    "a number": 10**400,
    "deep": json.loads("[" * 500 + "]" * 500),
    "a class": {"__class__": "os.system", "py/object": "os.system"},
    "texts": ["'; import os; os.system('true')"] * 3,
    "negative": -1,
    "not a number": float("nan"),
}


@given(st.sampled_from(BUNDLES), st.sampled_from(["graph.json", "plan.json", "example.json"]), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_hostile_values_anywhere_in_the_json_are_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, bundle: Path, name: str, data: st.DataObject
) -> None:
    folder = Path(shutil.copytree(bundle, tmp_path_factory.mktemp("hostile") / "bundle"))
    if not (folder / name).exists():
        return
    plain = json.loads((folder / name).read_text())
    at = plain
    # Walk down some way, and put something else there.
    while True:
        keys = sorted(at) if isinstance(at, dict) else [*range(len(at))]
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and data.draw(st.integers(0, 4)):
            at = at[key]
            continue
        at[key] = HOSTILE[data.draw(st.sampled_from(sorted(HOSTILE)))]
        break
    (folder / name).write_text(json.dumps(plain))
    sealed(folder)
    loads_or_is_refused(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda each: each.name)
def test_a_bundle_sealed_again_as_it_was_loads(bundle: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bundle, tmp_path / "bundle"))
    sealed(folder)
    assert loads_or_is_refused(folder)
    assert hashlib.sha256((folder / "graph.json").read_bytes()).hexdigest() in (folder / MANIFEST).read_text()


def test_json_that_is_too_deep_to_read_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BUNDLES[0], tmp_path / "bundle"))
    for name in ("graph.json", "plan.json", "example.json"):
        content = (folder / name).read_bytes()
        (folder / name).write_text("[" * 100_000 + "]" * 100_000)
        sealed(folder)
        assert not loads_or_is_refused(folder), name
        (folder / name).write_bytes(content)
