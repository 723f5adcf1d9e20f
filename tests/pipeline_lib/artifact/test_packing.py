"""A bundle as one file: the same answers and hashes; archives that somebody else made are refused."""

from __future__ import annotations

import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from listings import forest, listings

from bighead.pipeline_lib.artifact import InputColumn, load, pack, save, unpack
from bighead.pipeline_lib.errors import ArtifactError, BigheadError, TamperedArtifactError

FRAME, LABELS = listings()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    pipeline = forest(4, 0).fit(FRAME, LABELS)
    inputs = [InputColumn(each.name, each.dtype) for each in pipeline.graph.inputs]
    made = tmp_path_factory.mktemp("packing") / "bundle"
    save(pipeline, made, model="rental", inputs=inputs, example_rows=FRAME.head(50))
    return made


@pytest.fixture(scope="module")
def packed(folder) -> Path:
    return pack(folder, folder.parent / "rental.bighead")


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_a_packed_bundle_answers_and_comes_back_byte_for_byte(folder, packed, tmp_path):
    one, other = load(folder), load(packed)
    assert other.manifest == one.manifest
    assert other.predict(FRAME).equals(one.predict(FRAME))
    other.reproduce()
    assert contents(unpack(packed, tmp_path / "again")) == contents(folder)


def test_equal_bundles_are_equal_files(folder, packed, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    assert pack(copy, tmp_path / "copy.bighead").read_bytes() == packed.read_bytes()


def test_nothing_is_overwritten(folder, packed, tmp_path):
    with pytest.raises(ArtifactError, match="is there already"):
        pack(folder, packed)
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(ArtifactError, match="holds something already"):
        unpack(packed, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    with pytest.raises(ArtifactError, match="cannot be read"):
        unpack(tmp_path / "none.bighead", tmp_path / "new")


def with_entry(packed: Path, target: Path, entry: zipfile.ZipInfo, content: bytes) -> Path:
    """Add an entry to an archive, as somebody who means harm would."""
    shutil.copy(packed, target)
    with warnings.catch_warnings(), zipfile.ZipFile(target, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(entry, content)
    return target


def linked(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return entry


def deflated(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


HOSTILE = {
    "slip": (zipfile.ZipInfo("../outside"), b"x", "leads elsewhere"),
    "deep slip": (zipfile.ZipInfo("state/../../outside"), b"x", "leads elsewhere"),
    "absolute": (zipfile.ZipInfo("/outside"), b"x", "leads elsewhere"),
    "backslash": (zipfile.ZipInfo("..\\outside"), b"x", "leads elsewhere"),
    "drive": (zipfile.ZipInfo("C:outside"), b"x", "leads elsewhere"),
    "link": (linked("state/link"), b"/etc/hostname", "no plain file"),
    "folder": (zipfile.ZipInfo("state/"), b"", "leads elsewhere"),
    "twice": (zipfile.ZipInfo("graph.json"), b"{}", "twice"),
    "bomb": (deflated("state/bomb.arrow"), bytes(50_000_000), "more than fit"),
    "compressed": (deflated("state/small.arrow"), b"abcdefgh", "compressed"),
    "superfluous": (zipfile.ZipInfo("more.py"), b"print()", "differ in 'more.py'"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing(packed, tmp_path, name):
    entry, content, reason = HOSTILE[name]
    file = with_entry(packed, tmp_path / "hostile.bighead", entry, content)
    with pytest.raises(TamperedArtifactError, match=reason):
        load(file)
    with pytest.raises(TamperedArtifactError, match=reason):
        unpack(file, tmp_path / "new")
    assert [each.name for each in tmp_path.iterdir()] == ["hostile.bighead"]


def test_an_archive_that_lacks_a_file_is_refused(folder, tmp_path):
    for lacking in ("manifest.json", "graph.json"):
        file = tmp_path / f"{lacking}.bighead"
        with zipfile.ZipFile(file, "w") as archive:
            for path, content in contents(folder).items():
                if path != lacking:
                    archive.writestr(path, content)
        with pytest.raises(TamperedArtifactError, match=lacking):
            load(file)


@given(st.data())
def test_a_changed_or_cut_archive_is_refused_or_the_same(packed, tmp_path_factory, data):
    content = bytearray(packed.read_bytes())
    file = tmp_path_factory.mktemp("changed") / "changed.bighead"
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content) - 1)))
    file.write_bytes(content[:cut])
    try:
        manifest = load(file).manifest
    except BigheadError:
        return
    assert manifest == load(packed).manifest
