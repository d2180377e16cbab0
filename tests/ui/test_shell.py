"""The window around the page."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from station.errors import StorageError
from station.simulation.faults import CAMERA_FAULTS, FaultName
from station.simulation.situations import Situation
from ui.actions import ActionRegistry, ActionSpec
from ui.app import run
from ui.fonts import interface_families
from ui.offscreen import OffscreenWindow, display_available
from ui.presenters.operator_view import StatusTone
from ui.tokens import ThemeName


def test_window_pulls_news_by_itself(stage: Any, window: OffscreenWindow) -> None:
    stage.show("several_parts")
    assert window.wait_for(lambda: "Several parts" in window.window.page.banner.accessibleName(), 5.0)


def test_event_loop_is_not_held_by_ten_live_tiles(stage: Any, window: OffscreenWindow) -> None:
    stage.show("recognised")
    beats: list[float] = []

    def beat() -> None:
        beats.append(time.monotonic())
        # A new picture from every camera with each beat, faster than any camera delivers.
        stage.cameras.number += 1

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(5)
    assert window.wait_for(lambda: len(beats) > 200, 60.0)
    timer.stop()
    gaps = sorted(later - earlier for earlier, later in pairwise(beats))
    print(f"longest 1 % of the gaps between beats: {gaps[-2] * 1000:.1f} ms")
    # Not a promise about time, only that nothing in the window waits for anything.
    assert gaps[len(gaps) // 2] < 0.25


def test_workflow_that_takes_its_time_is_not_called_from_camera_threads(stage: Any, window: OffscreenWindow) -> None:
    callers: set[str] = set()
    preview = stage.cameras.preview
    stage.cameras.preview = lambda role: (callers.add(threading.current_thread().name), preview(role))[1]
    window.window.refresh()
    assert callers == {threading.main_thread().name}


def test_themes_and_scale_follow(stage: Any, window: OffscreenWindow) -> None:
    main = window.window
    for name in ThemeName:
        main.actions_registry.action(f"theme_{name}").trigger()
        assert main.page.palette().window().color().name() == main._theme.tokens.colors.window
    main.resize(1920, 1080)
    assert window.wait_for(lambda: main._theme.scale == pytest.approx(1.35), 5.0)


def test_simulated_hand_is_on_buttons_and_keys(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    strip = window.window.simulation
    for button in strip.findChildren(QPushButton)[:2]:
        button.click()
    window.window.actions_registry.action("simulate_clear").trigger()
    assert stage.controls.done == ["next", "unknown", "clear"]
    strip._menu.aboutToShow.emit()
    strip._menu.actions()[3].trigger()
    assert stage.controls.plugs["cam_04"] is False


def test_faults_on_purpose_are_begun_and_ended_from_their_menu(stage: Any, window: OffscreenWindow) -> None:
    strip = window.window.simulation
    strip._fault_menu.aboutToShow.emit()
    of_cameras = [action for action in strip._fault_menu.actions() if action.menu() is not None]
    assert len(of_cameras) == len(CAMERA_FAULTS)
    of_cameras[1].menu().actions()[3].trigger()
    strip._fault_menu.actions()[-1].trigger()
    assert stage.controls.held == {(FaultName.STALL, "cam_04"), (FaultName.SCALE_DRIFT, "scale")}
    strip._fault_menu.aboutToShow.emit()
    assert strip._fault_menu.actions()[1].menu().actions()[3].isChecked()
    strip._fault_menu.actions()[-1].trigger()
    assert stage.controls.held == {(FaultName.STALL, "cam_04")}


def test_every_situation_is_arranged_from_its_menu_and_a_hand_stays_until_it_is_taken_away(
    stage: Any, window: OffscreenWindow
) -> None:
    strip = window.window.simulation
    strip._situation_menu.aboutToShow.emit()
    hand, cable, _, *others = strip._situation_menu.actions()
    for action in (hand, *others):
        action.trigger()
    assert stage.controls.done == [situation.value for situation in Situation]
    assert stage.controls.held == {(FaultName.HAND, "plate")}
    strip._situation_menu.aboutToShow.emit()
    hand, cable, *_ = strip._situation_menu.actions()
    assert hand.isChecked()
    assert not cable.isChecked()
    hand.trigger()
    assert stage.controls.held == set()


def test_trouble_of_the_hand_is_shown(stage: Any, window: OffscreenWindow) -> None:
    stage.controls.trouble = "The simulated rig has stopped. Start the demo again."
    window.window.refresh()
    assert window.window.page.message.text == "The simulated rig has stopped. Start the demo again."


def test_strip_shows_what_is_broken(stage: Any, window: OffscreenWindow) -> None:
    stage.show("scale_gone")
    window.window.refresh()
    assert window.window.strip.item("scale").cell.tone is StatusTone.ERROR


def test_list_of_keys_holds_every_key(stage: Any, window: OffscreenWindow) -> None:
    window.window.actions_registry.action("keys").trigger()
    dialogs = window.window.findChildren(QDialog)
    assert len(dialogs) == 1
    dialogs[0].accept()


def test_registry_refuses_a_key_twice(qapp: QApplication) -> None:
    registry = ActionRegistry()
    registry.add(ActionSpec("one", "One", "F2", "F2"), print)
    with pytest.raises(ValueError, match="taken"):
        registry.add(ActionSpec("two", "Two", "F2", "F2"), print)


def test_picture_that_cannot_be_written_is_an_error_with_a_next_step(window: OffscreenWindow, tmp_path: Path) -> None:
    place = tmp_path / "there.png"
    place.mkdir()
    with pytest.raises(StorageError, match="disk full"):
        window.save_picture(place)


@pytest.mark.parametrize(
    ("environ", "platform", "shown"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "win32", True),
    ],
)
def test_display_is_known_before_qt_is_asked(environ: dict[str, str], platform: str, shown: bool) -> None:
    assert display_available(environ, platform) is shown


def test_program_runs_until_its_window_is_closed(stage: Any, qapp: QApplication) -> None:
    def close_soon() -> None:
        QTimer.singleShot(50, lambda: [w.close() for w in qapp.topLevelWidgets() if w.isVisible()])

    assert run(stage.handles(), ready=close_soon) == 0


def test_unexpected_error_is_told_and_the_window_goes_on(
    stage: Any, window: OffscreenWindow, qtbot: Any, caplog: Any
) -> None:
    from ui.app import _write_down

    error = RuntimeError("something broke")
    _write_down(window.window)(RuntimeError, error, None)
    window.window.refresh()
    assert "something broke" in window.window.page.message.text
    assert "unexpected error" in caplog.text
    qtbot.keyClick(window.window.page, Qt.Key.Key_Escape)


def test_some_font_family_is_chosen(qapp: QApplication) -> None:
    assert interface_families()
