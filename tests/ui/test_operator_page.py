"""The page under keys, presses and a scanner."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from station.workflow.status import Verdict
from ui.offscreen import OffscreenWindow
from ui.presenters.operator_view import Command


def show(stage: Any, window: OffscreenWindow, name: str) -> Any:
    stage.show(name)
    window.window.refresh()
    return window.window.page


def test_enter_confirms(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "recognised")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert stage.workflow.told == [("answer", "bolt_m8x40")]


def test_digit_chooses_after_the_pause_that_tells_it_from_a_scanner(
    stage: Any, window: OffscreenWindow, qtbot: Any
) -> None:
    page = show(stage, window, "rivals")
    qtbot.keyClick(page, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: stage.workflow.told == [("answer", "bolt_m8x40_brass")], timeout=2000)


def test_scanner_answers_without_pressing_digits(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "rivals")
    # A scanner's speed, whatever this machine is busy with: the page's clock stands still meanwhile.
    page._clock = lambda: 5.0
    qtbot.keyClicks(page, "HB-0845-ST")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert stage.workflow.told == [("answer", "bolt_m8x45")]


def test_new_part_and_backspace(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "unknown")
    qtbot.keyClick(page, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: stage.workflow.told == [("answer", Verdict.NEW_PART)], timeout=2000)
    qtbot.keyClick(page, Qt.Key.Key_Backspace)
    assert stage.workflow.told[-1] == ("undo", None)


def test_undo_has_its_usual_key(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    show(stage, window, "answered")
    action = window.window.actions_registry.action("undo")
    assert action.shortcut().toString() == "Ctrl+Z"
    action.trigger()
    assert stage.workflow.told == [("undo", None)]


def test_search_by_keys_alone(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "recognised")
    qtbot.keyClick(page, Qt.Key.Key_Slash)
    qtbot.waitUntil(lambda: page.searching, timeout=2000)
    line = page.search._line
    qtbot.keyClicks(line, "bolt")
    assert page.search.found.rowCount() == 3
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert stage.workflow.told == [("answer", "bolt_m8x45")]
    assert not page.searching


def test_escape_leaves_the_search_without_an_answer(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "recognised")
    page.open_search("bea")
    qtbot.keyClick(page.search._line, Qt.Key.Key_Escape)
    assert not page.searching
    assert stage.workflow.told == []


def test_scanner_in_an_open_search_takes_only_its_own_number(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "recognised")
    page.open_search()
    page.search._clock = lambda: 5.0
    qtbot.keyClicks(page.search._line, "HB-08")
    assert page.search.found.rowCount() == 3
    qtbot.keyClick(page.search._line, Qt.Key.Key_Return)
    assert stage.workflow.told == []
    assert "HB-08" in page.message.text


def test_part_that_was_not_recognised_can_still_be_named(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "error")
    page.open_search("bearing")
    qtbot.mouseClick(page.buttons[Command.CONFIRM], Qt.MouseButton.LeftButton)
    assert stage.workflow.told == [("answer", "bearing_6204")]
    assert not page.buttons[Command.CONFIRM].isEnabled()


def test_search_closes_when_the_part_goes(stage: Any, window: OffscreenWindow) -> None:
    page = show(stage, window, "recognised")
    page.open_search("bolt")
    show(stage, window, "empty")
    assert not page.searching


def test_pressed_card_is_the_answer(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "rivals")
    qtbot.mouseClick(page.cards[1], Qt.MouseButton.LeftButton)
    assert stage.workflow.told == [("answer", "bolt_m8x45")]


def test_enter_presses_the_card_that_has_the_focus(stage: Any, window: OffscreenWindow, qtbot: Any) -> None:
    page = show(stage, window, "rivals")
    page.cards[2].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(page.cards[2], Qt.Key.Key_Return)
    assert stage.workflow.told == [("answer", "bolt_m8x40_brass")]


def test_buttons_offer_only_what_can_be_done(stage: Any, window: OffscreenWindow) -> None:
    page = show(stage, window, "empty")
    assert not any(button.isEnabled() for button in page.buttons.values())
    show(stage, window, "answered")
    assert page.buttons[Command.UNDO].isEnabled()
    assert not page.buttons[Command.CONFIRM].isEnabled()


def test_main_button_says_what_enter_does(stage: Any, window: OffscreenWindow) -> None:
    page = show(stage, window, "recognised")
    assert page.buttons[Command.CONFIRM].text() == "Confirm"
    show(stage, window, "unknown")
    assert page.buttons[Command.CONFIRM].text() == "Confirm “unknown”"


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
def test_everything_pressed_is_large_enough_for_gloves(
    stage: Any, window: OffscreenWindow, size: tuple[int, int]
) -> None:
    show(stage, window, "recognised")
    window.window.resize(*size)
    window.wait_for(lambda: window.window.size().toTuple() == size, 5.0)
    window.wait_for(lambda: False, 0.05)
    small = [
        (button.text(), button.width(), button.height())
        for button in window.window.findChildren(QAbstractButton)
        if button.isVisible() and min(button.width(), button.height()) < 44
    ]
    assert small == []
    assert window.window.menuBar().height() >= 44


def test_nothing_jumps_between_states(stage: Any, window: OffscreenWindow) -> None:
    places = set()
    for name in ("empty", "settling", "recognised", "unknown", "error", "answered"):
        page = show(stage, window, name)
        window.wait_for(lambda: False, 0.02)
        places.add(tuple((w.x(), w.y(), w.width(), w.height()) for w in (page.banner, *page.cards, page.message)))
    assert len(places) == 1
