"""``station evaluate`` from the command to its two files."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from recognition.confidence.judgement import Heads, Judgement
from recognition.crops.cache import CropSpec, build_cache
from recognition.crops.cutting import Crops
from recognition.crops.preprocessing import Coding
from recognition.evaluation.asking import Station
from recognition.evaluation.by_class import Pair
from recognition.evaluation.encoded import EncodedCaptures
from recognition.evaluation.examine import Examination, Findings
from recognition.evaluation.page import write_report
from recognition.models.multiview import MultiViewModel
from recognition.registry import load_model
from recognition.training.batches import plain_batches
from station.captures.mvip import find_captures
from station.cli.main import app
from station.errors import DatasetError, StorageError
from station.frames import ROLES
from tests.recognition.conftest import PROFILES, SMALL, write_small_model
from tests.recognition.small_tree import BOXES, Box, write_capture

REAL = Path(__file__).parents[4] / "shared" / "data" / "mvip_sample"
WRONG = Pair("red_block", "<i>stranger", 1, 2, 0)
STRANGER = Box("<i>stranger", (0.09, 0.05, 0.05), (190, 190, 40), 0.7)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two test captures and two validation captures of every class, and one of a class that no model here knows."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(4)
    for box in (*BOXES, STRANGER):
        folder = root / "sets" / box.class_id
        folder.mkdir(parents=True)
        words = {"name": box.class_id, "weight": box.weight_kg, "super_class": ["Box", box.class_id[:3]]}
        (folder / "meta.json").write_text(json.dumps(words))
        for index in range(1 if box is STRANGER else 2):
            write_capture(folder / "test_data" / str(index), box, rng, "test")
            if box is not STRANGER:
                write_capture(folder / "valid_data" / str(index), box, rng, "valid")
    shutil.rmtree(root / "sets" / BOXES[0].class_id / "test_data" / "0" / "cam_04")
    return root


@pytest.fixture(scope="module")
def model(small_model: MultiViewModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_model(tmp_path_factory.mktemp("models") / "model", small_model, PROFILES)


@pytest.fixture(scope="module")
def reported(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the command wrote."""
    out = tmp_path_factory.mktemp("out") / "report"
    arguments = ["--model", str(model), "--data", str(data), "--out", str(out), "--workers", "1", "--draws", "1"]
    result = CliRunner().invoke(app, ["evaluate", *arguments, "--device", "cpu"])
    assert result.exit_code == 0, result.output
    assert "The report lies in" in result.output
    return out


def test_the_report_counts_what_it_was_shown(reported: Path) -> None:
    report = json.loads((reported / "report.json").read_text(encoding="utf-8"))
    facts = report["data"]
    assert (facts["captures"], facts["classes"], facts["unknown_captures"], facts["fewer_views"]) == (8, 4, 1, 1)
    assert report["answers"]["top5"] == {"share": 1.0, "low": pytest.approx(0.6756, abs=1e-4), "high": 1.0, "count": 8}
    assert [row["top1"]["count"] for row in report["missing_cameras"]] == [8] * 10
    assert report["views"]["cameras"][3]["own_head"]["count"] == 7
    assert [row["percent"] for row in report["wrong_weight"] if row["sign"] == 0] == [0, 2.5, 5, 7.5, 10, 15, 20]
    assert [row["what"] for row in report["left_out"]][:2] == ["weight", "size"]
    assert [len(found["unknown_scores"]) for found in report["unknown"]] == [1, 1]
    assert [row["stated"] for row in report["calibrated_sets"]] == [0.9, 0.95, 0.99, 0.995]
    assert {row["name"] for row in report["super_classes"]["rows"]} == {"Box", "red", "blu", "gre", "dar"}
    assert report["super_classes"]["head"] is None
    assert sum(count for _, _, count in report["confusion"]["cells"]) == 8
    assert [fault for fault in report["faults"] if "There is no such folder." in fault and "cam_04" in fault]
    assert any("does not list the captures" in remark for remark in report["remarks"])


def test_the_page_needs_nothing_beside_itself(reported: Path) -> None:
    page = (reported / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page
    assert set(re.findall(r'(?:src|href)="([^"#]{5})', page)) <= {"data:"}
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == 8
    assert not [file.name for file in reported.iterdir() if file.name.endswith(".part")]


def test_every_key_is_documented(reported: Path) -> None:
    report = json.loads((reported / "report.json").read_text(encoding="utf-8"))
    document = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert [key for key in report if f"`{key}`" not in document] == []


def test_evaluation_answers_as_the_station_does(model: Path, data: Path, tmp_path: Path) -> None:
    folder = load_model(model)
    captures = [c for c in find_captures(data) if c.split == "test" and c.class_id in {b.class_id for b in BOXES}]
    cache = build_cache(captures, tmp_path, CropSpec(SMALL.input_size, 1.0), workers=1)
    rows, judgement = range(4), Judgement(folder)
    encoded = EncodedCaptures(folder.model, cache, rows)
    penalties = np.stack([judgement.turns.penalties(np.asarray(cache.reliefs[row, 0])) for row in rows])
    asked = Station(judgement, encoded, penalties, [cache.samples[row].class_id for row in rows])
    shown = np.random.default_rng(3).random((4, 10)) < 0.5
    shown[:, 8] = True
    weights = np.array([0.5, np.nan, 0.31, 2.0], np.float32)
    (_, batch) = next(iter(plain_batches(cache, rows, 4, coding=Coding.of(folder.config))))
    for row, found in enumerate(asked.recognitions(shown, weights)):
        seen = np.flatnonzero(shown[row] & cache.view_mask[row])
        alone = replace(
            batch,
            color=batch.color[row, seen][None],
            depth=batch.depth[row, seen][None],
            view_mask=torch.ones(1, len(seen), dtype=torch.bool),
            weight_kg=torch.tensor([weights[row]]),
            size_m=batch.size_m[row][None],
            slots=torch.from_numpy(seen)[None],
        )
        with torch.inference_mode():
            output = folder.model(alone)
            blind = folder.model.classify(output.features, torch.tensor([np.nan]), alone.size_m)
        heads = Heads(output.logits[0], output.visual_logits[0], output.view_logits[0], output.embedding[0], blind[0])
        crops = Crops(
            tuple(ROLES[slot] for slot in seen),
            np.asarray(cache.color[row][seen]),
            np.asarray(cache.depth_mm[row][seen]),
        )
        weight = None if np.isnan(weights[row]) else float(weights[row])
        expected = judgement.answer(heads, crops, None, weight, cache.samples[row].size_m)
        assert found is not None
        assert found.views_used == expected.views_used
        assert found.prediction_set == expected.prediction_set
        assert found.unknown_score == pytest.approx(expected.unknown_score, abs=1e-3)
        for one, other in zip(found.ranked, expected.ranked, strict=True):
            assert (one.class_id, one.weight_fits, one.size_fits) == (
                other.class_id,
                other.weight_fits,
                other.size_fits,
            )
            assert one.probability == pytest.approx(other.probability, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--split", "train"], "The tree has no captures in the split 'train'"),
        (["--split", "tests"], "--split is 'tests'"),
        (["--unknown-classes", "red_block"], "The model knows what is said to be unknown: red_block"),
        (["--unknown-classes", "nobody"], "have no captures in the split 'test': nobody"),
        (["--model", "nowhere"], "The model's description cannot be read"),
    ],
)
def test_what_cannot_be_evaluated_is_said_in_one_sentence(
    model: Path, data: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    out = tmp_path / "out"
    given = ["--model", str(model), "--data", str(data), "--out", str(out), *options]
    result = CliRunner().invoke(app, ["evaluate", *given])
    assert sentence in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not out.exists()


def test_a_model_that_knows_no_class_of_the_tree(small_model: MultiViewModel, data: Path, tmp_path: Path) -> None:
    others = tuple(replace(known, class_id=f"other_{known.class_id}") for known in PROFILES)
    folder = write_small_model(tmp_path / "model", small_model, others)
    with pytest.raises(DatasetError, match="The model knows none of the 5 classes that have captures"):
        Examination(load_model(folder), folder, (data,), "test", tmp_path / "crops").run(Quiet())


class Quiet:
    """Shows nothing, or stops with Ctrl-C in a stage."""

    def __init__(self, stopped_in: str = "") -> None:
        self.stopped_in = stopped_in

    def say(self, sentence: str) -> None:
        """Show nothing."""

    def advance(self, stage: str, done: int, total: int, note: str = "") -> None:
        if stage == self.stopped_in:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def findings(model: Path, data: Path, reported: Path) -> Findings:
    folder = load_model(model)
    return Examination(folder, model, (data,), "test", reported / "crops", draws=1, device="cpu").run(Quiet())


def test_ctrl_c_leaves_the_earlier_report_alone(findings: Findings, reported: Path, tmp_path: Path) -> None:
    before = (reported / "report.json").read_bytes()
    confused = replace(findings.report, confusion=replace(findings.report.confusion, pairs=(WRONG,)))
    with pytest.raises(KeyboardInterrupt):
        write_report(replace(findings, report=confused), reported, Quiet("pictures").advance)
    assert (reported / "report.json").read_bytes() == before
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="The report cannot be written"):
        write_report(findings, tmp_path / "file")
    with pytest.raises(KeyboardInterrupt):
        write_report(replace(findings, report=confused), tmp_path / "new", Quiet("pictures").advance)
    assert not (tmp_path / "new").exists()


def test_confused_classes_stand_beside_each_other_and_names_are_escaped(findings: Findings, tmp_path: Path) -> None:
    confused = replace(findings.report, confusion=replace(findings.report.confusion, pairs=(WRONG,)))
    write_report(replace(findings, report=confused), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/jpeg;base64,') == 2
    assert "taken for &lt;i&gt;stranger" in page
    assert "<i>stranger" not in page


@pytest.mark.skipif(not REAL.exists(), reason="the sample of the published data set is not here")
def test_a_published_tree_is_evaluated_as_it_is(small_model: MultiViewModel, tmp_path: Path) -> None:
    profiles = (replace(PROFILES[0], class_id="bosch_0_120_489_435", weight_kg=None), *PROFILES[1:])
    folder = write_small_model(tmp_path / "model", small_model, profiles)
    found = Examination(
        load_model(folder), folder, (REAL,), "test", tmp_path / "crops", draws=1, device="cpu", workers=1
    ).run(Quiet())
    report = found.report
    assert (report.data.captures, report.data.classes, report.data.weighed, report.data.unknown_captures) == (
        1,
        1,
        0,
        0,
    )
    assert report.wrong_weight == ()
    assert report.unknown == ()
    assert any("No capture has a weight of its own" in remark for remark in report.remarks)
    assert {row.name for row in report.super_classes.rows} == {"CarComponent", "Generator"}
    write_report(found, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Not measured: no capture has a weight of its own." in page
    assert ">nan" not in page
    json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
