"""The door to the disk: what it makes lasts, what it removes it does not follow out of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.errors import StorageError
from station.file_calls import OS_FILES, DurableFolders, OsFiles, append_durably, remove_tree


class Recorder(OsFiles):
    """Notes which folders are made and synced."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def make_folder(self, path: Path) -> None:
        self.calls.append(f"make {path.name}")
        super().make_folder(path)

    def sync_folder(self, path: Path) -> None:
        self.calls.append(f"sync {path.name}")
        super().sync_folder(path)


def test_a_removed_tree_takes_nothing_along_that_it_only_links_to(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").write_bytes(b"x")
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "file").write_bytes(b"y")
    (tree / "a" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    (tree / "nowhere").symlink_to(tmp_path / "nothing")
    remove_tree(OS_FILES, tree)
    remove_tree(OS_FILES, tree)
    assert not tree.exists()
    assert (tmp_path / "outside" / "kept").read_bytes() == b"x"


def test_new_folders_are_synced_from_above_and_old_ones_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "old").mkdir(parents=True)
    files = Recorder()
    folders = DurableFolders(files, root)
    folders.ensure(root / "old" / "new")
    assert files.calls == ["sync root", "make new", "sync old"]
    files.calls.clear()
    folders.ensure(root / "old" / "new")
    assert files.calls == []
    (root / "old" / "new").rmdir()
    folders.ensure(root / "old" / "new")
    assert files.calls == ["make new", "sync old"]


def test_a_folder_outside_the_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="lies outside"):
        DurableFolders(OS_FILES, tmp_path / "root").ensure(tmp_path / "other")


def test_rows_go_to_the_end_of_a_file_that_is_made_where_it_is_missing(tmp_path: Path) -> None:
    for row in (b"one\n", b"two\n"):
        append_durably(OS_FILES, tmp_path / "rows", row)
    assert (tmp_path / "rows").read_bytes() == b"one\ntwo\n"
