"""The calibration page under keys and presses, with a calibration that goes by a script."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from station.cameras.supervisor import CameraState
from tests.ui.scripted_calibration import BOARD, at_board, solved
from ui.offscreen import OffscreenWindow
from ui.pages.calibration_page import CalibrationPage
from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.presenters.calibration_view import CalibrationStep as Step
from ui.presenters.calibration_view import SightState
from ui.shell_actions import PageName


@pytest.fixture
def page(window: OffscreenWindow) -> CalibrationPage:
    window.window.actions_registry.action("page_calibration").trigger()
    shown = window.window.calibration
    assert shown is not None
    assert window.wait_for(lambda: len(shown.start.stored.rows) == 2, 10.0)
    return shown


def wait_step(window: OffscreenWindow, page: CalibrationPage, step: Step) -> None:
    assert window.wait_for(lambda: page.view is not None and page.view.step is step, 10.0), page.view


def click(page: CalibrationPage, command: Command, qtbot: Any) -> None:
    button = page.buttons.button(command)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def at_result(stage: Any, window: OffscreenWindow, page: CalibrationPage) -> None:
    page.press(Command.BEGIN)
    wait_step(window, page, Step.PLATE)
    stage.door.work.show(at_board(20))
    page.refresh()
    page.press(Command.SOLVE)
    stage.door.work.finish()
    page.refresh()


def test_whole_way_by_mouse(stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any) -> None:
    click(page, Command.BEGIN, qtbot)
    wait_step(window, page, Step.PLATE)
    click(page, Command.TAKE, qtbot)
    wait_step(window, page, Step.BOARD)
    assert not page.buttons.button(Command.SOLVE).isEnabled()
    for _ in range(6):
        click(page, Command.TAKE, qtbot)
    click(page, Command.SOLVE, qtbot)
    wait_step(window, page, Step.SOLVING)
    assert page.quiet.bar.value() == 350
    stage.door.work.finish()
    wait_step(window, page, Step.RESULT)
    assert [line.label for line in page.result.table.lines] == [str(n) for n in range(1, 11)]
    click(page, Command.ACCEPT, qtbot)
    wait_step(window, page, Step.ACCEPTED)
    click(page, Command.DONE, qtbot)
    assert window.window.pages.currentWidget() is window.window.page
    assert window.wait_for(lambda: [words[0] for words in stage.door.told] == ["begin", "accept", "end"], 5.0)
    assert threading.current_thread().name not in stage.door.threads


def test_whole_way_by_keys(stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any) -> None:
    qtbot.keyClick(page, Qt.Key.Key_Return)
    wait_step(window, page, Step.PLATE)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    wait_step(window, page, Step.BOARD)
    for _ in range(6):
        qtbot.keyClick(page, Qt.Key.Key_Space)
    qtbot.keyClick(page, Qt.Key.Key_Down)
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    assert stage.door.work.told[-1] == "drop board_005"
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    assert stage.door.work.told[-1] == "keep board_005"
    qtbot.keyClick(page, Qt.Key.Key_Return)
    wait_step(window, page, Step.SOLVING)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert stage.door.work.told[-1] == "cancel"
    page.refresh()
    qtbot.keyClick(page, Qt.Key.Key_Return)
    stage.door.work.finish()
    wait_step(window, page, Step.RESULT)
    qtbot.keyClick(page, Qt.Key.Key_D)
    again = ["more", "drop board_017", "solve"]
    qtbot.waitUntil(lambda: stage.door.work.told[-3:] == again, timeout=5000)
    wait_step(window, page, Step.SOLVING)
    stage.door.work.finish()
    wait_step(window, page, Step.RESULT)
    qtbot.keyClick(page, Qt.Key.Key_Return)
    wait_step(window, page, Step.ACCEPTED)
    qtbot.keyClick(page, Qt.Key.Key_B)
    wait_step(window, page, Step.START)
    assert stage.door.told[-1] == ("back",)


def test_escape_gives_up_only_when_pressed_twice(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    page.press(Command.BEGIN)
    wait_step(window, page, Step.PLATE)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert "Esc again" in page.message.text
    qtbot.keyClick(page, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: "Esc again" not in page.message.text, timeout=5000)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    wait_step(window, page, Step.START)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert window.window.pages.currentWidget() is window.window.page


def test_scanner_presses_nothing_and_chooses_a_scanned_board(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    page._clock = lambda: 5.0
    qtbot.keyClicks(page, "UBP-0845-EN")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert page.view.step is Step.START
    assert stage.door.told == []
    qtbot.keyClicks(page, "chess-12x9-30")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert page.start.board_id == "chess-12x9-30"
    assert "11 × 8 inner corners" in page.start.about.text()
    assert page.start.paper.currentText() == "A3"


def test_board_and_camera_are_chosen(stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any) -> None:
    page.start.offered.setCurrentIndex(2)
    page.start.offered.activated.emit(2)
    assert page.start.board_id == "charuco-10x7-25-18-DICT_5X5_250"
    page.start.board.setText("chess-10x")
    assert "no board's id" in page.start.about.text()
    page.refresh()
    assert not page.buttons.button(Command.BEGIN).isEnabled()
    page.start.board.setText(BOARD)
    page.start.cameras.setCurrentIndex(4)
    page.refresh()
    click(page, Command.BEGIN, qtbot)
    wait_step(window, page, Step.PLATE)
    assert stage.door.told == [("begin", BOARD, "cam_04")]


def test_older_calibration_is_used_again(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_Down)
    older = page.start.stored.key
    qtbot.keyClick(page, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: stage.door.told == [("use", older)], timeout=5000)
    assert window.wait_for(lambda: "is active again" in page.message.text, 5.0)


def test_board_is_printed_where_the_person_says(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, tmp_path: Path, qtbot: Any
) -> None:
    click(page, Command.PRINT, qtbot)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("board.pdf")
    dialog.accept()
    assert window.wait_for(lambda: "is written" in page.message.text, 10.0)
    assert stage.door.told == [("write_board", BOARD, str(tmp_path / "board.pdf"), "A4")]


def test_export_asks_for_program_and_folder(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, tmp_path: Path, qtbot: Any
) -> None:
    at_result(stage, window, page)
    qtbot.keyClick(page, Qt.Key.Key_E)
    assert window.wait_for(lambda: page.findChild(QMenu) is not None, 5.0)
    page.findChild(QMenu).actions()[3].trigger()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.setDirectory(str(tmp_path))
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    assert window.wait_for(lambda: "is written" in page.message.text, 10.0)
    assert stage.door.told[-1] == ("export", "under way", str(tmp_path), "colmap")


def test_worst_pictures_come_and_are_marked_by_a_press(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    at_result(stage, window, page)
    tiles = page.result.worst.tiles
    assert window.wait_for(lambda: tiles[0].picture is not None, 10.0)
    assert [tile.isEnabled() for tile in tiles] == [True] * 4 + [False] * 2
    tiles[1].setFocus()
    qtbot.keyClick(tiles[1], Qt.Key.Key_Space)
    assert [tile.view.marked for tile in tiles[:4]] == [True, True, False, False]


def test_findings_are_sentences_on_the_page(stage: Any, window: OffscreenWindow, page: CalibrationPage) -> None:
    at_result(stage, window, page)
    stage.door.work.outcome = solved(without=("cam_10",))
    stage.door.work.finish()
    page.refresh()
    assert page.result.findings.sentences[0].text == "Camera 10: no picture of the board. Not solved."
    assert "9 of 10 cameras" in page.banner.accessibleName()


def test_a_doubted_result_is_accepted_by_enter_twice_and_by_no_other_key(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    at_result(stage, window, page)
    stage.door.work.outcome = solved(without=("cam_10",))
    stage.door.work.finish()
    page.refresh()
    qtbot.keyClick(page, Qt.Key.Key_Return)
    told = "The calibration in use has camera 10, this one does not."
    assert page.message.text == f"{told} Enter again accepts it even so."
    qtbot.keyClick(page, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: "Enter again" not in page.message.text, timeout=5000)
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert not [words for words in stage.door.told if words[0].startswith("accept")]
    qtbot.keyClick(page, Qt.Key.Key_Return)
    wait_step(window, page, Step.ACCEPTED)
    assert ("accept even so",) in stage.door.told


def test_lost_camera_is_said_on_its_tile(stage: Any, window: OffscreenWindow, page: CalibrationPage) -> None:
    page.press(Command.BEGIN)
    wait_step(window, page, Step.PLATE)
    stage.cameras.state = {"cam_02": CameraState.RECONNECTING}
    page.refresh()
    assert page.collect.tiles["cam_02"].view.state is SightState.LOST
    assert "Reconnecting" in page.collect.tiles["cam_02"].accessibleName()


def test_keys_of_one_page_do_nothing_on_another(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    main = window.window
    stage.show("recognised")
    registry = main.actions_registry
    assert not registry.action("undo").isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_F6)
    qtbot.keyClick(page, Qt.Key.Key_F8)
    assert stage.controls.done == [f"hold {BOARD} "]
    main.show_page(PageName.OPERATOR)
    qtbot.keyClick(main.page, Qt.Key.Key_F6)
    assert stage.controls.done[1:] == ["next"]
    qtbot.keyClick(main.page, Qt.Key.Key_U)
    qtbot.keyClick(main.page, Qt.Key.Key_Return)
    assert [words[0] for words in stage.door.told] == []
    assert stage.workflow.told == [("answer", "bolt_m8x40")]


def test_function_keys_switch_pages(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    main = window.window
    qtbot.keyClick(main.page, Qt.Key.Key_F4)
    assert main.pages.currentWidget() is main.calibration
    assert main.actions_registry.action("page_calibration").isChecked()
    qtbot.keyClick(main.calibration, Qt.Key.Key_F9)
    assert main.pages.currentWidget() is main.health
    qtbot.keyClick(main.health, Qt.Key.Key_F3)
    assert main.pages.currentWidget() is main.page
    assert not main.actions_registry.action("page_calibration").isChecked()


def test_simulated_hand_goes_where_the_advice_is(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qtbot: Any
) -> None:
    strip = window.window.simulation
    assert strip.hold.isVisible()
    assert not strip.next.isVisible()
    page.press(Command.BEGIN)
    wait_step(window, page, Step.PLATE)
    stage.door.work.show(at_board())
    strip.hold.click()
    strip.away.click()
    strip._knock_menu.aboutToShow.emit()
    strip._knock_menu.actions()[2].trigger()
    assert stage.controls.done == [f"hold {BOARD} cam_07 cam_08", "away", "knock cam_03"]


def test_window_beats_on_while_the_station_takes_its_time(
    stage: Any, window: OffscreenWindow, page: CalibrationPage
) -> None:
    stage.door.hold_back = threading.Event()
    page.press(Command.BEGIN)
    worst = 0.0
    for _ in range(20):
        began = time.perf_counter()
        page.refresh()
        worst = max(worst, time.perf_counter() - began)
    stage.door.hold_back.set()
    wait_step(window, page, Step.PLATE)
    # the door was held for as long as this test liked; a refresh that waited for it would have taken all that time
    assert worst < 1.0


def test_language_changes_everything_at_once(stage: Any, window: OffscreenWindow, page: CalibrationPage) -> None:
    page.press(Command.BEGIN)
    wait_step(window, page, Step.PLATE)
    stage.door.work.show(at_board())
    window.window.actions_registry.action("language_de").trigger()
    try:
        assert page.banner.accessibleName().startswith("Die Tafel zwischen Kamera 7 und Kamera 8 halten")
        assert page.buttons.button(Command.TAKE).text() == "Jetzt aufnehmen"
        assert page.collect.tiles["cam_05"].view.state_text == "Abgeschnitten"
    finally:
        window.window.actions_registry.action("language_en").trigger()
    assert page.buttons.button(Command.TAKE).text() == "Take now"


def test_every_button_is_large_enough_for_a_glove(
    stage: Any, window: OffscreenWindow, page: CalibrationPage, qapp: QApplication
) -> None:
    window.window.resize(1024, 700)
    assert window.wait_for(lambda: window.window.width() == 1024, 5.0)
    for step, snapshot in ((Step.START, None), (Step.BOARD, at_board())):
        if snapshot is not None:
            page.press(Command.BEGIN)
            wait_step(window, page, Step.PLATE)
            stage.door.work.show(snapshot)
            wait_step(window, page, step)
        shown = [button for button in page.buttons.children() if getattr(button, "isVisible", bool)()]
        assert shown
        assert all(button.height() >= 44 for button in shown)
    assert page.collect.pictures.sizeHintForRow(0) >= 44
