from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recognition.models.multiview import MultiViewModel
from recognition.study.measures import measure
from recognition.study.plan import PROFILES, TABLES, Row, Table
from recognition.study.report import table_text
from recognition.study.runs import RESULT, Result, fewer, run_of, runs_of, unique
from recognition.training.tree import TrainingTree
from station.cli.main import app
from tests.recognition.conftest import SMALL
from tests.recognition.small_tree import write_tree

SMALL_PROFILE = PROFILES["small"]


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of boxes with two training, one validation and two test captures each."""
    return write_tree(tmp_path_factory.mktemp("tested"), train=2, valid=1, test=2)


@pytest.mark.parametrize("table", TABLES, ids=[table.key for table in TABLES])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_every_row_can_be_trained(table: Table, profile) -> None:
    for row in table.rows:
        settings = profile.settings(row, 3)
        assert settings.training.seed == 3
        assert settings.model.input_size >= 96
    assert len({row.name for row in table.rows}) == len(table.rows)


def test_rows_that_come_to_the_same_are_trained_once() -> None:
    by_key = {table.key: table for table in TABLES}
    runs = [run for key in ("mh-loss", "fusions", "start") for run in runs_of(by_key[key], SMALL_PROFILE)]
    assert len(unique(runs)) < len(runs)
    base = {run_of(row, SMALL_PROFILE, 1).key for row in (by_key["mh-loss"].rows[0], by_key["rotations"].rows[-1])}
    assert len(base) == 1
    assert run_of(Row("a"), SMALL_PROFILE, 1).key != run_of(Row("a"), SMALL_PROFILE, 2).key
    assert run_of(Row("a"), SMALL_PROFILE, 1).key != run_of(Row("a", rotations=3), SMALL_PROFILE, 1).key


def test_rows_for_a_gpu_wait_for_one() -> None:
    table = next(table for table in TABLES if table.key == "resolution")
    pixels = [run.settings.model.input_size for run in runs_of(table, SMALL_PROFILE)]
    assert pixels == [128, 96]
    assert 512 in [run.settings.model.input_size for run in runs_of(table, SMALL_PROFILE, gpu=True)]


def test_fewer_rotations_are_spread_evenly() -> None:
    labels = [0, 1] * 12
    kept = fewer(labels, 3)
    assert [row for row, label in enumerate(kept) if label == 0] == [0, 8, 16]
    assert kept.count(1) == 3
    assert fewer(labels, 0) == labels
    assert fewer(labels, 20) == labels


def result(seed: int, top1: float, encoder: str = "resnet18") -> Result:
    facts = {
        "seed": seed, "encoder": encoder, "pixels": 128, "views": [3, 5], "epochs": 8, "classes": 100, "captures": 1200,
    }  # fmt: skip
    return Result({"top1": top1, "captures": 500.0}, facts)


def test_a_table_states_its_setting_spread_and_interval() -> None:
    table = Table("t", "Title", "Why?", (Row("first"), Row("other"), Row("later")), figures=("top1",))
    text = table_text(table, {"first": [result(1, 0.90), result(2, 0.92)], "other": [result(2, 0.80), result(1, 0.84)]})
    assert "resnet18, 128 px, 3–5 views drawn in training and ten in the test, 8 epochs, 100 classes" in text
    assert "| first | 2 | 91.0 ± 1.4 (88.2–93.2) |" in text  # Wilson's interval of 455 in 500
    assert "| later | | not run |" in text
    assert "other −9.0 ± 4.2" in text  # −6 and −12 points, seed by seed


def test_measures_of_a_model_that_knows_nothing(small_model: MultiViewModel, tested: Path, tmp_path: Path) -> None:
    tree = TrainingTree.of(tested, (), tmp_path / "crops", workers=1)
    test = tree.shown("test", SMALL)
    labels: Sequence[int] = [tree.numbers[one.class_id] for one in test.samples]
    found = measure(small_model, test, labels, weight=True, size=True)
    assert found["captures"] == 8.0
    assert found["top5"] == 1.0  # of four classes
    assert found["top1_missing_3"] == found["top1_views_7"]
    assert 0.0 <= found["consistency"] < 0.25
    assert 0.1 <= found["agreement"] <= 1.0
    assert {"top1_no_depth", "top1_no_weight", "top1_weight_20", "top1_no_size", "top1_pictures"} <= set(found)
    blind = measure(small_model, test, labels, weight=False, size=False)
    assert "top1_weight_20" not in blind
    assert blind["top1"] == found["top1_pictures"]


def test_a_study_trains_each_run_once(tested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = replace(
        SMALL_PROFILE,
        base=replace(
            SMALL_PROFILE.base,
            model=replace(SMALL_PROFILE.base.model, color_encoder="shufflenet_v2_x0_5", input_size=32),
            training=replace(SMALL_PROFILE.base.training, epochs=1, validate_every=1),
        ),
    )
    monkeypatch.setitem(PROFILES, "small", quick)
    out, doc = tmp_path / "study", tmp_path / "studies.md"
    command = ["study", "--data", str(tested), "--out", str(out), "--doc", str(doc), "--device", "cpu"]
    runner = CliRunner()
    first = runner.invoke(app, [*command, "--tables", "mh-loss,roi", "--seeds", "1"])
    assert first.exit_code == 0, first.output
    files = sorted(out.glob(f"*/{RESULT}"))
    assert len(files) == 3  # the first rows of both tables are the same
    assert not list(out.glob("*/checkpoint.safetensors"))
    stamps = [file.stat().st_mtime_ns for file in files]
    again = runner.invoke(app, [*command, "--tables", "mh-loss,background", "--report-only"])
    assert again.exit_code == 0, again.output
    assert [file.stat().st_mtime_ns for file in files] == stamps
    text = doc.read_text(encoding="utf-8")
    assert "| masked | | not run |" in text
    assert "Cameras in use" in text
    files[0].write_text("{", encoding="utf-8")
    broken = runner.invoke(app, [*command, "--tables", "mh-loss,roi", "--seeds", "1", "--report-only"])
    assert broken.exit_code == 1
    assert "cannot be read" in str(broken.exception)


def test_wrong_words_are_one_sentence(tested: Path, tree: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    command = ["study", "--out", str(tmp_path / "study"), "--device", "cpu"]
    for words, said in (
        (["--data", str(tested), "--tables", "fusion"], "--tables is 'fusion'"),
        (["--data", str(tested), "--profile", "tiny"], "Allowed are small, full"),
        (["--data", str(tested), "--seeds", "1;2"], "--seeds is '1;2'"),
        (["--data", str(tree), "--tables", "mh-loss"], "no test captures"),
    ):
        done = runner.invoke(app, [*command, *words])
        assert done.exit_code != 0
        assert said in str(done.exception), words
