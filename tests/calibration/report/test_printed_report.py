"""The report on paper, read and looked at as a reader would, and the commands that write it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from calibration.plate_pose import PLACEMENT
from calibration.report import RigReport, SolveReport, store_report
from calibration.report.pdf import report_pdf, write_report
from calibration.store import CalibrationStore
from station.boards import FrameBoard
from station.cli.calibrate import app
from station.datadir import DataDir
from station.errors import CalibrationError
from station.simulation.rig import handed_over, rig_models


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def pages(pdf: bytes, scale: float = 1.0) -> list[NDArray[np.uint8]]:
    return [np.asarray(page.render(scale=scale).to_pil().convert("RGB")) for page in pypdfium2.PdfDocument(pdf)]


def test_the_paper_says_everything_that_is_known(report: RigReport) -> None:
    solve = report.solve
    assert solve is not None
    said = words(report_pdf(report))
    for heading in ("Findings", "Rig", "Boards", "Errors and uncertainty", "Coverage", "largest errors", "Compared"):
        assert heading in said
    for role, camera in report.calibration.cameras.items():
        assert f"{role} {camera.serial} 1280×720" in said
        assert f"{solve.cameras[role].position_mm_95:.2f} {solve.cameras[role].rotation_deg_95:.3f}" in said
    for finding in solve.findings:
        assert finding.text in said
    for view in solve.worst:
        assert f"{view.placement}, {view.role}" in said
    assert "chessboard of 10 × 7 squares of 30 mm, 9 × 6 inner corners" in said
    assert "blurred: its edges are 6 px wide" in said
    assert "0.21 mm RMS, 0.44 mm p95" in said
    assert "0123456789ab" in said
    assert "OpenCV's own solve of the same boards stands at most 0.07 mm" in said


def test_the_same_report_gives_the_same_paper(report: RigReport) -> None:
    assert report_pdf(report) == report_pdf(report)


def test_nothing_leaves_the_margins(report: RigReport) -> None:
    for page in pages(report_pdf(report)):
        edge = np.concatenate([page[:, :35].ravel(), page[:, -35:].ravel(), page[:20].ravel(), page[-20:].ravel()])
        assert (edge == 255).all()


def test_the_worst_corners_lie_in_their_picture_where_they_were_found(report: RigReport) -> None:
    """Green circles lie on the corners of the squares: half of what is around each is black, half white."""
    pdf = report_pdf(report)
    plain = report_pdf(replace(report, pictures={}))
    assert len(pdf) > len(plain) + sum(map(len, report.pictures.values())) / 2
    shown = max(pages(pdf, scale=4.0), key=lambda page: int((page[..., 1] > page[..., 0].astype(int) + 60).sum()))
    green = (shown[..., 1].astype(int) > shown[..., 0].astype(int) + 60) & (shown[..., 2] < 140)
    rows, columns = np.nonzero(green)
    near = [shown[r - 12 : r + 13, c - 12 : c + 13].mean() for r, c in list(zip(rows, columns, strict=True))[::50]]
    assert np.median(near) == pytest.approx(127.0, abs=45.0)


def test_a_calibration_whose_solve_was_not_kept_still_has_its_paper(report: RigReport) -> None:
    said = words(report_pdf(RigReport(report.calibration, None)))
    assert "was not kept" in said
    assert "cam_07" in said


def test_what_only_an_earlier_version_stored_has_its_paper(report: RigReport) -> None:
    solve = report.solve
    assert solve is not None
    earlier = {key: solve.to_json()[key] for key in ("fixed", "rms_px", "noise_px", "corners", "placements", "seconds")}
    found = SolveReport.from_json({**earlier, "cameras": {}}, "file")
    said = words(report_pdf(replace(report, solve=found)))
    assert "Coverage" not in said
    assert "no active calibration to compare" in said


def test_a_plate_is_drawn_where_the_world_lies_on_it(report: RigReport) -> None:
    solve = report.solve
    assert solve is not None
    on_plate = solve.model_copy(update={"fixed": PLACEMENT, "boards": (FrameBoard().id, "cube-3", *solve.boards)})
    pdf = report_pdf(replace(report, solve=on_plate, calibration=handed_over(rig_models("1280x720", 3), 3)))
    said = words(pdf)
    assert "the plate's frame, z up" in said
    assert "from above" in said
    assert "a board that this version does not know" in said
    amber = [(np.abs(page.astype(int) - [180, 83, 9]).max(axis=2) < 25).sum() for page in pages(pdf, scale=3.0)[:2]]
    assert max(amber) > 30, "the world's origin is marked"


def test_odd_names_are_printed_as_they_are(report: RigReport) -> None:
    solve = report.solve
    assert solve is not None
    odd = replace(report.calibration.cameras["cam_01"], serial="<b>&1")
    calibration = replace(report.calibration, cameras={"cam_01": odd}, source="a <i> b & c")
    said = words(report_pdf(replace(report, calibration=calibration)))
    assert "<b>&1" in said
    assert "a <i> b & c" in said


def test_a_report_is_written_as_pdf_or_json_and_nothing_else(report: RigReport, tmp_path: Path) -> None:
    write_report(report, tmp_path / "report.JSON")
    assert json.loads((tmp_path / "report.JSON").read_text(encoding="utf-8")) == report.to_json()
    with pytest.raises(CalibrationError, match=r"\.pdf or a \.json"):
        write_report(report, tmp_path / "report.doc")
    with pytest.raises(CalibrationError, match="cannot be written"):
        write_report(report, tmp_path / "no folder" / "report.pdf")


def test_a_stored_calibration_is_reported_and_exported_from_the_command_line(
    report: RigReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'[station]\ndata_dir = "{(tmp_path / "data").as_posix()}"\n')
    monkeypatch.setenv("STATION_CONFIG", str(config))
    store = CalibrationStore(DataDir.lay_out(tmp_path / "data") / "calibrations")
    # Before worlds were noted, one that is not the plate could be active.
    report = replace(report, calibration=replace(report.calibration, world=""))
    name = store_report(store, report)
    run = CliRunner()
    done = run.invoke(app, ["report", name[:5], "--out", str(tmp_path / "report.pdf")])
    assert done.exit_code == 0, done.output
    assert name in done.stdout
    assert (tmp_path / "report.pdf").read_bytes() == report_pdf(report)
    store.use(name)
    assert run.invoke(app, ["report", "--out", str(tmp_path / "report.json")]).exit_code == 0
    for form, files in (("opencv", 1), ("ros", 11), ("kalibr", 2), ("colmap", 3)):
        exported = run.invoke(app, ["export", name, "--format", form, "--out", str(tmp_path / form)])
        assert exported.exit_code == 0, exported.output
        assert len(exported.stdout.split()) == files == len(list((tmp_path / form).iterdir()))
    assert run.invoke(app, ["export", "--format", "maya", "--out", str(tmp_path)]).exit_code == 2
