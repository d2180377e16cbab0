"""Pictures of the page in every state, kept in ``test-output/`` for people to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from station.cameras.supervisor import CameraState
from tests.ui.scripted_calibration import at_board, solved
from ui.fonts import fonts_installed
from ui.offscreen import OffscreenWindow
from ui.presenters.calibration_view import CalibrationCommand, CalibrationStep
from ui.shell_actions import PageName

OUTPUT = Path(__file__).resolve().parents[2] / "test-output" / "screens"
LOOKS = (
    ("light", (1280, 800)),
    ("light", (1920, 1080)),
    ("dark", (1280, 800)),
    ("dark", (1920, 1080)),
    ("contrast", (1280, 800)),
)
STATES = (
    "empty",
    "settling",
    "recognised",
    "rivals",
    "many_rivals",
    "misfit",
    "unknown",
    "unknown_weight",
    "answered",
    "several_parts",
    "outside",
    "reached_into",
    "scale_drifts",
    "camera_missing",
    "scale_gone",
    "journal_full",
    "error",
    "search",
)


def stage_state(stage: Any, window: OffscreenWindow, state: str) -> None:
    stage.cameras.state, stage.cameras.blind = {}, set()
    if state == "camera_missing":
        stage.cameras.state = {"cam_04": CameraState.FAILED, "cam_07": CameraState.RECONNECTING}
        stage.cameras.blind = {"cam_05"}
    stage.show("recognised" if state in ("camera_missing", "search") else state)
    window.window.page.close_search()
    window.window.refresh()
    if state == "search":
        window.window.page.open_search("bolt")
    window.wait_for(lambda: False, 0.03)


def pixels(path: Path) -> np.ndarray:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize(("theme", "size"), LOOKS, ids=lambda value: str(value).replace(", ", "x").strip("()"))
def test_page_in_every_state(stage: Any, qapp: QApplication, theme: str, size: tuple[int, int]) -> None:
    assert fonts_installed()
    seen = []
    with OffscreenWindow(stage.handles(theme), *size) as window:
        for state in STATES:
            stage_state(stage, window, state)
            path = window.save_picture(OUTPUT / f"{state}-{theme}-{size[0]}x{size[1]}.png")
            picture = pixels(path)
            assert picture.shape == (size[1], size[0], 3)
            assert picture.std() > 10, f"{path.name} is blank"
            seen.append(picture)
    for first in range(len(seen)):
        for second in range(first):
            assert (seen[first] != seen[second]).any(), f"{STATES[first]} and {STATES[second]} look the same"


CALIBRATION_LOOKS = (
    ("light", "en", (1280, 800)),
    ("light", "de", (1024, 700)),
    ("dark", "en", (1280, 800)),
    ("dark", "de", (1280, 800)),
    ("contrast", "en", (1024, 700)),
    ("contrast", "de", (1280, 800)),
)


@pytest.mark.parametrize(("theme", "language", "size"), CALIBRATION_LOOKS, ids=lambda value: str(value))
def test_calibration_in_every_step(
    stage: Any, qapp: QApplication, theme: str, language: str, size: tuple[int, int]
) -> None:
    seen: dict[str, np.ndarray] = {}
    with OffscreenWindow(stage.handles(theme, language), *size) as window:
        main = window.window
        main.show_page(PageName.CALIBRATION)
        page = main.calibration
        assert page is not None

        def until(step: CalibrationStep) -> None:
            assert window.wait_for(lambda: page.view is not None and page.view.step is step, 10.0)

        def look(name: str) -> None:
            window.wait_for(lambda: False, 0.03)
            path = window.save_picture(OUTPUT / f"calibration-{name}-{theme}-{language}-{size[0]}x{size[1]}.png")
            picture = pixels(path)
            assert picture.shape == (size[1], size[0], 3), "the page does not fit into its window"
            assert picture.std() > 10, f"{path.name} is blank"
            seen[name] = picture

        assert window.wait_for(lambda: len(page.start.stored.rows) == 2, 10.0)
        look("start")
        page.press(CalibrationCommand.BEGIN)
        until(CalibrationStep.PLATE)
        look("plate")
        stage.door.work.show(at_board())
        until(CalibrationStep.BOARD)
        look("board")
        page.press(CalibrationCommand.STOP)
        look("question")
        page.press(CalibrationCommand.SOLVE)
        until(CalibrationStep.SOLVING)
        look("solving")
        stage.door.work.finish()
        until(CalibrationStep.RESULT)
        assert window.wait_for(lambda: page.result.worst.tiles[0].picture is not None, 10.0)
        look("result")
        stage.door.work.outcome = solved(without=("cam_10",), weak=("cam_07",))
        stage.door.work.finish()
        look("doubtful")
        page.press(CalibrationCommand.ACCEPT)
        look("doubts")
        page.press(CalibrationCommand.ACCEPT)
        until(CalibrationStep.ACCEPTED)
        look("accepted")
        main.actions_registry.action("language_en").trigger()
    names = list(seen)
    for place, first in enumerate(names):
        for second in names[:place]:
            assert (seen[first] != seen[second]).any(), f"{first} and {second} look the same"


def test_page_in_german(stage: Any, qapp: QApplication) -> None:
    with OffscreenWindow(stage.handles("light", "de"), 1280, 800) as window:
        for state in ("empty", "unknown", "answered", "search"):
            stage_state(stage, window, state)
            window.save_picture(OUTPUT / f"{state}-light-1280x800-de.png")
        assert window.window.page.message.text.startswith("Name, Nummer")
        window.window.page.close_search()
        window.window.actions_registry.action("language_en").trigger()
        assert window.window.page.message.text.startswith("Enter confirms.")
