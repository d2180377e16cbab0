"""The data directory: layout, version, lock, relative paths."""

import subprocess
import sys
from pathlib import Path

import pytest

from station.datadir import LAYOUT_VERSION, DataDir
from station.errors import StorageError


def test_a_new_folder_gets_the_layout(tmp_path: Path) -> None:
    with DataDir.open(tmp_path / "a" / "b") as data:
        assert (data.root / "version").read_text() == f"{LAYOUT_VERSION}\n"
        for folder in (data.references, data.models, data.calibrations, data.captures, data.logs):
            assert folder.is_dir()
        assert (data.captures / "sets").is_dir()
        assert {data.journal.parent, data.parts.parent} == {data.root}


def test_a_newer_layout_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "version").write_text(f"{LAYOUT_VERSION + 1}\n")
    with pytest.raises(StorageError, match=rf"layout {LAYOUT_VERSION + 1}.*up to {LAYOUT_VERSION}.*newer program"):
        DataDir.open(tmp_path)


@pytest.mark.parametrize("text", ["", "one", "-1", "0", "\x00\x01"])
def test_a_damaged_version_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "version").write_text(text)
    with pytest.raises(StorageError, match="version file says"):
        DataDir.open(tmp_path)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(StorageError, match=r"letters\.txt"):
        DataDir.open(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letters.txt"]


def test_the_layout_is_made_beside_a_running_station(tmp_path: Path) -> None:
    with DataDir.open(tmp_path / "data") as data:
        assert DataDir.lay_out(tmp_path / "data") == data.root
    root = DataDir.lay_out(tmp_path / "new")
    (root / "calibrations" / "a.json").write_text("{}")
    with DataDir.open(root) as data:
        assert [p.name for p in data.calibrations.iterdir()] == ["a.json"]
    (tmp_path / "stranger").mkdir()
    (tmp_path / "stranger" / "letters.txt").write_text("dear")
    with pytest.raises(StorageError, match=r"letters\.txt"):
        DataDir.lay_out(tmp_path / "stranger")


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match="cannot be used"):
        DataDir.open(tmp_path / "data")


def test_a_second_program_is_kept_out_until_the_first_ends(tmp_path: Path) -> None:
    holder = (
        "import sys, pathlib; from station.datadir import DataDir;"
        "d = DataDir.open(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StorageError, match="in use"):
            DataDir.open(tmp_path)
        other.kill()
        other.wait(timeout=20)
    DataDir.open(tmp_path).close()


def test_only_relative_paths_are_stored(tmp_path: Path) -> None:
    with DataDir.open(tmp_path) as data:
        inside = data.references / "a.jpg"
        assert data.relative(inside) == "references/a.jpg"
        assert data.resolve("references/a.jpg") == inside
        with pytest.raises(StorageError, match="outside"):
            data.relative(tmp_path.parent / "b.jpg")
        for stored in ("../b.jpg", "/etc/passwd"):
            with pytest.raises(StorageError, match="outside"):
                data.resolve(stored)


def test_two_stations_keep_their_unwritten_entries_apart(tmp_path: Path) -> None:
    with DataDir.open(tmp_path / "a") as one, DataDir.open(tmp_path / "b") as two:
        kept = {one.journal_rescue(tmp_path), two.journal_rescue(tmp_path)}
    assert len(kept) == 2
    assert all(path.parent == tmp_path for path in kept)
