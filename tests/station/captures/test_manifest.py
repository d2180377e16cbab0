from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.captures.course import CancelledError, Course
from station.captures.manifest import Manifest, ManifestLine, compare, manifest_of_tree, read_manifest
from station.errors import DatasetError
from tests.station.captures.tiny_captures import write_tiny_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tiny_tree(tmp_path / "captures")


def line(capture_id: str, content: str = "a", split: str = "train", class_id: str = "pump") -> ManifestLine:
    return ManifestLine(capture_id, hashlib.sha256(content.encode()).hexdigest(), split, class_id)


def test_a_tree_has_a_line_for_every_kept_capture(tree: Path) -> None:
    manifest = manifest_of_tree(tree)
    assert [one.capture_id for one in manifest.lines] == [
        "gear-train-0",
        "pump-train-0",
        "pump-train-1",
        "pump-train-2",
        "pump-valid-0",
    ]
    assert manifest.lines[-1].split == "valid"
    assert manifest.hash == manifest_of_tree(tree).hash


def test_a_record_without_hashes_is_hashed_to_the_same(tree: Path) -> None:
    before = manifest_of_tree(tree)
    for record in (tree / "sets").rglob("capture.json"):
        record.unlink()
    after = manifest_of_tree(tree)
    assert sorted(one.content_hash for one in after.lines) == sorted(one.content_hash for one in before.lines)
    assert compare(before, after).none


def test_what_changed_since(tree: Path) -> None:
    before = manifest_of_tree(tree)
    shutil.rmtree(tree / "sets" / "pump" / "train_data" / "0" / "1")
    (tree / "sets" / "gear" / "test_data").mkdir()
    (tree / "sets" / "pump" / "train_data" / "0" / "2").rename(tree / "sets" / "gear" / "test_data" / "5")
    changes = compare(before, manifest_of_tree(tree))
    assert [one.capture_id for one in changes.removed] == ["pump-train-1"]
    assert [(a.class_id, b.class_id, b.split) for a, b in changes.relabelled] == [("pump", "gear", "test")]
    assert (changes.added, changes.changed) == ((), ())


def test_changes_of_every_kind() -> None:
    old = Manifest.of([line("a"), line("b", "b"), line("c", "c"), line("v0-1", "d")])
    new = Manifest.of([line("a"), line("b", "B"), line("e", "e"), line("v0-2", "d", "test")])
    changes = compare(old, new)
    assert changes.added == (line("e", "e"),)
    assert changes.removed == (line("c", "c"),)
    assert changes.changed == ((line("b", "b"), line("b", "B")),)
    assert changes.relabelled == ((line("v0-1", "d"), line("v0-2", "d", "test")),)
    assert not changes.none
    assert compare(old, old).none


lines = st.builds(
    line,
    st.text("abcdef0123456789-", min_size=1, max_size=8),
    st.text(max_size=3),
    st.sampled_from(["train", "valid", "test"]),
    st.text(min_size=1, max_size=9).filter(lambda t: t.strip() == t and "\n" not in t),
)


@given(st.lists(lines, max_size=6))
def test_a_manifest_is_read_as_it_was_written(some: list[ManifestLine]) -> None:
    manifest = Manifest.of(some)
    assert Manifest.from_text(manifest.to_text(), "here") == manifest
    assert Manifest.of(reversed(some)) == manifest


def test_a_changed_or_foreign_file_is_refused(tree: Path, tmp_path: Path) -> None:
    file = tmp_path / "manifest.txt"
    text = manifest_of_tree(tree).to_text()
    file.write_text(text)
    assert read_manifest(file).to_text() == text
    file.write_text(text.replace("valid pump", "train pump"))
    with pytest.raises(DatasetError, match="changed after"):
        read_manifest(file)
    for wrong in ("", "x", text.replace("captures", "things"), text.replace(" pump", "")):
        file.write_text(wrong)
        with pytest.raises(DatasetError, match="no manifest"):
            read_manifest(file)
    with pytest.raises(DatasetError, match="cannot be read"):
        read_manifest(tmp_path / "nowhere.txt")


def test_it_can_be_cancelled(tree: Path) -> None:
    with pytest.raises(CancelledError):
        manifest_of_tree(tree, Course(cancelled=lambda: True))
