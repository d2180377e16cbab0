"""The health page as it is drawn and pressed, in every theme; pictures go to ``test-output/``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from station.cameras.supervisor import CameraState
from station.frames import ROLES
from tests.ui.health_stage import NOW, FakeHealth, ill
from ui.app import make_application
from ui.pages.health_page import HealthPage
from ui.presenters.health import HealthPresenter
from ui.presenters.wording import Wording
from ui.theme import Theme
from ui.tokens import ThemeName

OUTPUT = Path(__file__).resolve().parents[2] / "test-output" / "screens"
HEIGHT, WIDTH = 690, 1280


class Shown:
    """The page on its own, with what it shows."""

    def __init__(self, stage: Any, theme: ThemeName) -> None:
        application = make_application(["station", "-platform", "offscreen"])
        self.door = FakeHealth()
        self.door.report = ill()
        self.cameras = stage.cameras
        self.cameras.number = time.monotonic_ns()
        self.presenter = HealthPresenter(self.door, self.cameras, time.monotonic, Wording(), lambda: NOW)
        self.theme = Theme(application, theme)
        self.page = HealthPage(self.presenter, self.theme)
        self.page.resize(WIDTH, HEIGHT)

    def pull(self) -> None:
        self.presenter.pull()
        self.page.refresh()

    def close(self) -> None:
        self.presenter.close()
        self.page.close()
        self.page.deleteLater()


@pytest.fixture
def shown(stage: Any, qtbot: Any, request: pytest.FixtureRequest) -> Iterator[Shown]:
    made = Shown(stage, getattr(request, "param", ThemeName.LIGHT))
    made.page.show()
    qtbot.waitUntil(lambda: made.pull() or (made.page.plot is not None and bool(made.page.plot.view.lines)))
    yield made
    made.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("shown", list(ThemeName), indirect=True, ids=str)
def test_the_page_in_every_theme(shown: Shown, qtbot: Any) -> None:
    shown.presenter.choose("cam_02")
    shown.pull()
    name = shown.theme.tokens.name
    picture = shown.page.grab().toImage()
    assert picture.save(str(_made(OUTPUT) / f"health-{name}-{WIDTH}x{HEIGHT}.png"))
    tone = shown.theme.tone("warning").strong
    plot = shown.page.plot
    assert plot is not None
    corner = plot.mapTo(shown.page, QPoint(0, 0))
    inside = {
        picture.pixelColor(corner.x() + x, corner.y() + y).name()
        for x in range(0, plot.width(), 2)
        for y in range(plot.height())
    }
    assert tone in inside, "limit and warning lines are drawn in the theme's colours"
    assert shown.page.table.height() + plot.height() < HEIGHT


def test_nothing_is_cut_off_when_cameras_and_table_grow(shown: Shown) -> None:
    assert len(shown.page.table.rows) == len(ROLES)
    assert shown.page.table.height() >= shown.page.table.sizeHint().height()
    shown.theme.fit(1920, 1080)
    shown.page.resize(1920, 930)
    assert shown.page.table.height() >= shown.page.table.sizeHint().height()


def test_a_press_and_the_arrow_keys_mark_a_camera_in_table_and_plot(shown: Shown, qtbot: Any) -> None:
    table, plot = shown.page.table, shown.page.plot
    assert plot is not None
    last = QPoint(60, table.height() - 8)
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=last)
    assert plot.view is not None
    assert plot.view.chosen == ROLES[-1]
    qtbot.keyClick(shown.page, Qt.Key.Key_Down)
    assert plot.view.chosen == ROLES[0]
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    assert plot.view.chosen == ROLES[0]


def test_f5_begins_the_daily_check_and_escape_ends_it(shown: Shown, qtbot: Any) -> None:
    shown.door.waits = True
    qtbot.keyClick(shown.page, Qt.Key.Key_F5)
    assert shown.page.check.text() == "End the check"
    assert "Hold the board" in shown.page.message.text
    qtbot.keyClick(shown.page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown.pull() or "ended" in shown.page.message.text)
    assert shown.page.check.text() == "Daily check"
    shown.door.waits = False
    qtbot.mouseClick(shown.page.check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.pull() or "8 of 10 cameras" in shown.page.message.text)


def test_a_lost_camera_is_said_first(shown: Shown, qtbot: Any) -> None:
    shown.cameras.state = {"cam_04": CameraState.FAILED}
    qtbot.waitUntil(lambda: shown.pull() or shown.page.summary.text == "Camera 4 gives no pictures.")
    assert "Camera 3 was moved" in shown.page.warnings_text


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
