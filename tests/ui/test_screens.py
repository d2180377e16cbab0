"""Pictures of the page in every state, kept in ``test-output/`` for people to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from station.cameras.supervisor import CameraState
from ui.fonts import fonts_installed
from ui.offscreen import OffscreenWindow

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
    "unknown",
    "answered",
    "several_parts",
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


def test_page_in_german(stage: Any, qapp: QApplication) -> None:
    with OffscreenWindow(stage.handles("light", "de"), 1280, 800) as window:
        for state in ("empty", "unknown", "answered", "search"):
            stage_state(stage, window, state)
            window.save_picture(OUTPUT / f"{state}-light-1280x800-de.png")
        assert window.window.page.message.text.startswith("Name, Nummer")
        window.window.page.close_search()
        window.window.actions_registry.action("language_en").trigger()
        assert window.window.page.message.text.startswith("Enter confirms.")
