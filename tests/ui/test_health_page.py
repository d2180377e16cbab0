"""The health page as it is drawn and pressed, in every theme; pictures go to ``test-output/``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from station.acquisition.picture_health import Finding, Symptom
from station.cameras.supervisor import CameraState
from station.figures import Quantity
from station.frames import ROLES
from tests.ui.health_stage import NOW, FakeHealth, ill
from ui.app import make_application
from ui.pages.health_page import HealthPage
from ui.presenters.health import HealthPresenter
from ui.presenters.health_view import LineLook
from ui.presenters.wording import Wording
from ui.theme import Theme
from ui.tokens import ThemeName
from ui.widgets.recent_plot import _spread

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
    qtbot.waitUntil(lambda: made.pull() or made.page.recent is not None)
    yield made
    made.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("shown", list(ThemeName), indirect=True, ids=str)
def test_the_page_in_every_theme(shown: Shown, qtbot: Any) -> None:
    shown.presenter.choose("cam_02")
    shown.door.findings = (Finding("cam_04", Symptom.FROZEN, 12.0),)
    shown.pull()
    name = shown.theme.tokens.name
    picture = shown.page.grab().toImage()
    assert picture.save(str(_made(OUTPUT) / f"health-{name}-{WIDTH}x{HEIGHT}.png"))
    plot = shown.page.recent
    assert plot is not None
    assert shown.theme.tone("working").strong in _colors(picture, plot, shown.page), "the marked camera's line is drawn"
    assert shown.theme.tone("warning").strong in _colors(picture, plot, shown.page), "so is that of one that ails"
    qtbot.keyClick(shown.page, Qt.Key.Key_F8)
    picture = shown.page.grab().toImage()
    assert picture.save(str(OUTPUT / f"health-drift-{name}-{WIDTH}x{HEIGHT}.png"))
    trend = shown.page.trend
    assert trend is not None
    assert shown.theme.tone("warning").strong in _colors(picture, trend, shown.page), "limit and lines that warn"
    assert shown.page.table.height() + trend.height() < HEIGHT
    assert plot.height() > 120, "there is room to see something"


def test_nothing_is_cut_off_when_cameras_and_table_grow(shown: Shown) -> None:
    assert len(shown.page.table.rows) == len(ROLES)
    assert shown.page.table.height() >= shown.page.table.sizeHint().height()
    shown.theme.fit(1920, 1080)
    shown.page.resize(1920, 930)
    assert shown.page.table.height() >= shown.page.table.sizeHint().height()


def test_a_press_and_the_arrow_keys_mark_a_camera_in_table_and_plots(shown: Shown, qtbot: Any) -> None:
    table, trend, recent = shown.page.table, shown.page.trend, shown.page.recent
    assert trend is not None
    assert recent is not None
    last = QPoint(60, table.height() - 8)
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=last)
    assert _marked(recent) == ["10"]
    qtbot.keyClick(shown.page, Qt.Key.Key_Down)
    assert _marked(recent) == ["1"]
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    assert _marked(recent) == ["1"]
    qtbot.keyClick(shown.page, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: shown.pull() or (trend.view is not None and bool(trend.view.lines)))
    assert trend.view is not None
    assert trend.view.chosen == ROLES[0]


def test_keys_and_buttons_choose_what_the_plot_and_the_table_show(shown: Shown, qtbot: Any) -> None:
    page = shown.page
    assert page.plot_title == "Pictures per second"
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert page.plot_title == "Age of the newest picture, s"
    qtbot.mouseClick(page.earlier, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.earlier, Qt.MouseButton.LeftButton)
    assert page.plot_title == "Memory, %"
    qtbot.mouseClick(page.switch_plot, Qt.MouseButton.LeftButton)
    assert page.plot_title.startswith("Distance from the calibrated place")
    assert page.trend is not None
    assert page.trend.isVisible()
    qtbot.mouseClick(page.later, Qt.MouseButton.LeftButton)
    assert page.plot_title == "Memory, %"
    assert page.recent is not None
    assert page.recent.isVisible()
    titles = [column.title for column in shown.presenter.view().columns]
    qtbot.mouseClick(page.switch_table, Qt.MouseButton.LeftButton)
    assert "Place" in [column.title for column in shown.presenter.view().columns]
    qtbot.keyClick(page, Qt.Key.Key_F2)
    assert [column.title for column in shown.presenter.view().columns] == titles
    for button in (page.earlier, page.later, page.switch_plot, page.switch_table, page.check):
        assert min(button.width(), button.height()) >= 44, "gloves"


def test_every_quantity_can_be_drawn_and_one_without_figures_says_so(shown: Shown, qtbot: Any) -> None:
    recent = shown.page.recent
    assert recent is not None
    for _ in Quantity:
        qtbot.keyClick(shown.page, Qt.Key.Key_Right)
        assert recent.view is not None
        assert recent.view.lines
        assert not shown.page.grab().isNull()
    shown.door.empty = True
    qtbot.waitUntil(lambda: shown.pull() or bool(recent.view.note))
    assert "One comes every second" in recent.view.note
    assert recent.view.lines == ()


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


def _marked(plot: Any) -> list[str]:
    return [line.label for line in plot.view.lines if line.look is LineLook.MARKED]


def _colors(picture: QImage, widget: QWidget, page: QWidget) -> set[str]:
    """Return the colours that are seen where the widget stands."""
    corner = widget.mapTo(page, QPoint(0, 0))
    return {
        picture.pixelColor(corner.x() + x, corner.y() + y).name()
        for x in range(0, widget.width(), 2)
        for y in range(widget.height())
    }


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_names_of_lines_are_kept_apart_and_within_the_plot() -> None:
    assert _spread([], 1.0, 0.5, 9.5) == []
    assert _spread([3.0, 3.2, 8.0], 1.0, 0.5, 9.5) == [3.0, 4.0, 8.0]
    assert _spread([0.0, 0.0, 9.0], 1.0, 0.5, 9.5) == [0.5, 1.5, 9.0]
    assert _spread([9.0, 9.4, 9.9], 1.0, 0.5, 9.5) == [7.5, 8.5, 9.5]
