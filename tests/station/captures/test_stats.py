from __future__ import annotations

from pathlib import Path

import pytest

from station.captures.catalog import Catalog, Counts
from station.captures.reindex import reindex
from station.captures.stats import balance_of, disk_use, statistics_of
from tests.station.captures.tiny_captures import write_tiny_tree


def test_the_figures_of_a_tree(tmp_path: Path) -> None:
    tree = write_tiny_tree(tmp_path / "captures")
    catalog = Catalog(tmp_path / "catalog.sqlite")
    reindex(tree, catalog)
    figures = statistics_of(catalog)
    catalog.close()
    assert [(c.class_id, c.name, c.number, c.counts) for c in figures.classes] == [
        ("gear", "", "", Counts(1, 0, 0)),
        ("pump", "Pump", "12-3", Counts(3, 1, 0)),
    ]
    assert figures.total == Counts(4, 1, 0)
    assert figures.states == {"kept": 5, "review": 1, "trash": 1}
    assert figures.incomplete == ("gear", "pump")
    assert (figures.origins, figures.months) == ({"rig": 5}, {"2026-03": 5})
    assert figures.balance is not None
    assert (figures.balance.smallest, figures.balance.median, figures.balance.largest) == (1, 2.0, 3)


def test_an_empty_catalog_has_figures_too(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    figures = statistics_of(catalog)
    catalog.close()
    assert (figures.total, figures.balance, figures.classes) == (Counts(), None, ())


def test_evenness_is_one_for_equal_classes_and_falls_with_the_share_of_one() -> None:
    equal, skewed, single = balance_of([12, 12, 12]), balance_of([98, 1, 1]), balance_of([5])
    assert equal is not None
    assert equal.evenness == pytest.approx(1.0)
    assert skewed is not None
    assert skewed.evenness == pytest.approx(0.1019, abs=1e-3)
    assert single is not None
    assert single.evenness == 1.0


def test_the_disk_is_counted_where_the_files_lie(tmp_path: Path) -> None:
    tree = write_tiny_tree(tmp_path / "captures")
    used = disk_use(tree)
    files = [file for file in (tree / "sets").rglob("*") if file.is_file()]
    assert (used["kept"].files, used["kept"].bytes) == (len(files), sum(file.stat().st_size for file in files))
    assert (used["review"].files, used["trash"].files) == (9, 9)
    assert disk_use(tmp_path / "nowhere")["kept"].files == 0
