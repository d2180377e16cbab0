"""The capture page in the window: every key and button on a scripted session and data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from station.captures.session_values import Ask, Prompt, Step
from station.workflow.status import Outcome, Purpose
from tests.ui.scripted_captures import ALIKE, BOLT, FLANGE, NOT_WHOLE, FakeCaptures, look, report, session
from ui.offscreen import OffscreenWindow
from ui.pages.capture_page import CapturePage
from ui.presenters.capture_source import NewClass
from ui.presenters.capture_view import CaptureCommand, CaptureStep, CaptureView
from ui.presenters.keys import GAP_S
from ui.shell_actions import PageName

PATIENCE_S = 20.0
OUTPUT = Path(__file__).resolve().parents[2] / "test-output" / "screens"
Key = Qt.Key
DOUBTFUL = replace(session(5, step=Step.DOUBTFUL), look=look(), quality=report(ALIKE), can_override=True)


class Shown:
    """The window on the capture page, and somebody before it."""

    def __init__(self, window: OffscreenWindow, door: FakeCaptures) -> None:
        self.window = window
        self.door = door
        window.window.activateWindow()
        window.window.show_page(PageName.CAPTURES)
        page = window.window.captures
        assert page is not None
        self.page: CapturePage = page
        self.until(lambda: len(self.page.choose.list.rows) == len(door.facts_of), "the classes")

    @property
    def view(self) -> CaptureView:
        assert self.page.view is not None
        return self.page.view

    def until(self, met: Any, what: str) -> None:
        assert self.window.wait_for(met, PATIENCE_S), f"{what} did not come; the page shows {self.page.view}"

    def step(self, step: CaptureStep) -> None:
        self.until(lambda: self.view.step is step and not self.view.busy, step)

    def key(self, *keys: Qt.Key) -> None:
        for key in keys:
            focus = QApplication.focusWidget()
            QTest.keyClick(focus if isinstance(focus, QWidget) else self.page, key)
        # Letters count as a person's when no other follows them at a scanner's speed.
        self.until(lambda: not self.page._keys.waiting, "the keys")

    def types(self, line: QWidget, text: str) -> None:
        """Type as a person does: what follows comes later than from a scanner."""
        QTest.keyClicks(line, text)
        self.window.wait_for(lambda: False, 2 * GAP_S)

    def scan(self, code: str) -> None:
        """Type as fast as a scanner does, with its Enter."""
        focus = QApplication.focusWidget()
        target = focus if isinstance(focus, QWidget) else self.page
        QTest.keyClicks(target, code)
        QTest.keyClick(target, Key.Key_Return)

    def shows(self, snapshot: Any) -> None:
        self.door.work.show(snapshot)
        self.page.refresh()

    def reviewing(self) -> None:
        self.key(Key.Key_F7)
        self.step(CaptureStep.REVIEW)
        self.until(lambda: self.view.review is not None and self.view.review.empty != "Reading …", "the rows")


@pytest.fixture
def door() -> FakeCaptures:
    return FakeCaptures()


@pytest.fixture
def shown(stage: Any, door: FakeCaptures, qapp: QApplication) -> Iterator[Shown]:
    handles = replace(stage.handles(), captures=door)
    with OffscreenWindow(handles) as window:
        yield Shown(window, door)
        door.gate.set()


def test_a_class_is_found_by_typing_and_begun_with_enter(shown: Shown) -> None:
    assert QApplication.focusWidget() is shown.page.choose.line
    shown.types(shown.page.choose.line, "pipe")
    shown.until(lambda: shown.page.choose.class_id == FLANGE, "the flange")
    shown.key(Key.Key_Return)
    assert shown.door.work.told == [("start", FLANGE)]
    assert shown.view.step is CaptureStep.SESSION


def test_a_scanned_number_begins_its_class_whatever_is_marked(shown: Shown) -> None:
    shown.scan("FL-0025-AL")
    shown.step(CaptureStep.SESSION)
    assert shown.door.work.told == [("start", FLANGE)]


def test_arrows_mark_a_class_while_the_line_has_the_keys(shown: Shown) -> None:
    first = shown.page.choose.class_id
    shown.key(Key.Key_Down)
    assert shown.page.choose.class_id != first
    shown.key(Key.Key_Return)
    assert shown.door.work.told == [("start", FLANGE)]


def test_escape_leaves_the_page(shown: Shown) -> None:
    shown.key(Key.Key_Escape)
    assert shown.window.window.pages.currentWidget() is shown.window.window.page


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (Key.Key_Space, "take_now"),
        (Key.Key_S, "skip"),
        (Key.Key_Z, "undo"),
        (Key.Key_Y, "redo"),
        (Key.Key_P, "pause"),
    ],
)
def test_keys_of_the_session(shown: Shown, key: Qt.Key, told: str) -> None:
    shown.shows(replace(session(4), can_redo=True))
    shown.key(key)
    assert [what for what, _ in shown.door.work.told] == [told]


def test_p_goes_on_after_a_pause(shown: Shown) -> None:
    shown.shows(replace(session(4, step=Step.PAUSED), prompt=Prompt(Ask.RESUME)))
    button = shown.page.buttons.button(CaptureCommand.RESUME)
    assert button.isVisible()
    assert not shown.page.buttons.button(CaptureCommand.PAUSE).isVisible()
    shown.key(Key.Key_P)
    assert shown.door.work.told == [("resume", None)]


def test_k_goes_on_with_another_position_of_a_full_plan(shown: Shown) -> None:
    shown.shows(session(22, step=Step.DONE))
    assert shown.page.buttons.button(CaptureCommand.MORE).isVisible()
    assert not shown.page.buttons.button(CaptureCommand.KEEP).isVisible()
    shown.key(Key.Key_K)
    assert shown.door.work.told == [("start with", 2)]


def test_buttons_do_what_their_keys_do(shown: Shown) -> None:
    shown.shows(session(4))
    for command in (CaptureCommand.TAKE, CaptureCommand.UNDO, CaptureCommand.SKIP, CaptureCommand.PAUSE):
        QTest.mouseClick(shown.page.buttons.button(command), Qt.MouseButton.LeftButton)
    assert [what for what, _ in shown.door.work.told] == ["take_now", "undo", "skip", "pause"]


def test_escape_twice_ends_a_session_that_is_not_full(shown: Shown) -> None:
    shown.shows(session(4))
    shown.key(Key.Key_Escape)
    assert shown.door.work.told == []
    shown.key(Key.Key_Space)
    shown.key(Key.Key_Escape)
    assert shown.door.work.told == [("take_now", None)]
    shown.key(Key.Key_Escape)
    assert shown.door.work.told[-1] == ("end", None)
    shown.step(CaptureStep.CHOOSE)


def test_a_scanner_presses_no_keys_of_the_session(shown: Shown) -> None:
    shown.shows(session(4))
    shown.scan("SPYZK-0815")
    shown.until(lambda: not shown.page._keys.waiting, "the code")
    assert shown.door.work.told == []


def test_a_reason_is_given_by_a_digit(shown: Shown) -> None:
    shown.shows(DOUBTFUL)
    shown.key(Key.Key_K)
    assert shown.view.step is CaptureStep.REASON
    assert [button.text() for button in shown.page.session.reasons if button.isVisible()] == [
        "The part is like that",
        "The same from every side",
    ]
    shown.key(Key.Key_A)
    shown.key(Key.Key_2)
    assert shown.door.work.told == [("override for all", "The same from every side")]


def test_a_reason_of_ones_own(shown: Shown) -> None:
    shown.shows(DOUBTFUL)
    shown.key(Key.Key_K)
    shown.page.session.own.setFocus()
    QTest.keyClicks(shown.page.session.own, "Polished; it shines")
    shown.key(Key.Key_Return)
    assert shown.door.work.told == [("override", "Polished; it shines")]


def test_no_reason_is_asked_for_again(shown: Shown) -> None:
    shown.shows(DOUBTFUL)
    shown.key(Key.Key_K)
    shown.key(Key.Key_Return)
    assert shown.view.step is CaptureStep.REASON
    assert "A reason is needed" in shown.page.message.text
    shown.key(Key.Key_Escape)
    assert shown.view.step is CaptureStep.SESSION
    assert shown.door.work.told == []


def test_what_was_looked_for_in_vain_becomes_the_number(shown: Shown) -> None:
    shown.scan("4711-NEW")
    shown.until(lambda: not shown.page.choose.list.rows, "nothing")
    shown.key(Key.Key_F2)
    form = shown.page.new_class
    assert form.number.text() == "4711-NEW"
    assert QApplication.focusWidget() is form.name
    QTest.keyClicks(form.name, "Locking plate")
    form.tags.setFocus()
    shown.key(Key.Key_Space, Key.Key_Down, Key.Key_Down, Key.Key_Space, Key.Key_Up, Key.Key_Space, Key.Key_Space)
    form.family.setFocus()
    QTest.keyClicks(form.family, "brackets, plates")
    shown.key(Key.Key_Return)
    shown.step(CaptureStep.SESSION)
    ((_, told),) = shown.door.told
    assert isinstance(told, NewClass)
    assert (told.number, told.name, told.super_class) == ("4711-NEW", "Locking plate", ("brackets", "plates"))
    assert told.tags == {"Material": ("steel",), "Shape": ("round",)}
    assert shown.door.work.told == [("start", "Locking_plate")]


def test_a_new_class_is_weighed(shown: Shown, stage: Any) -> None:
    shown.key(Key.Key_F2)
    form = shown.page.new_class
    assert CaptureCommand.WEIGH not in shown.view.allowed, "nothing lies on the scale"
    stage.show("recognised")
    shown.page.refresh()
    shown.key(Key.Key_F5)
    assert form.weight.text() == "18.40"
    assert form.new_class.weight_kg == pytest.approx(0.0184)
    form.weight.setText("1250,5")
    assert form.new_class.weight_kg == pytest.approx(1.2505)
    form.weight.setText(",")
    assert form.new_class.weight_kg is None


def test_a_taken_number_is_said_at_the_form_and_nothing_is_lost(shown: Shown) -> None:
    shown.key(Key.Key_F2)
    form = shown.page.new_class
    assert QApplication.focusWidget() is form.number
    shown.scan("HB-0840-ST")  # ends with Enter, which leads on to the name
    assert QApplication.focusWidget() is form.name
    QTest.keyClicks(form.name, "Another bolt")
    form.tags.setFocus()
    shown.key(Key.Key_Space)
    shown.key(Key.Key_Return)
    shown.until(lambda: bool(form.trouble.text()), "the sentence")
    assert "belongs to another class" in form.trouble.text()
    assert form.trouble.isVisible()
    assert (form.number.text(), form.name.text()) == ("HB-0840-ST", "Another bolt")
    assert form.new_class.tags == {"Material": ("steel",)}
    assert QApplication.focusWidget() is form.number, "the line that is to blame has the keys"
    shown.scan("HB-0840-NEW")
    shown.page.press(CaptureCommand.CREATE)
    shown.step(CaptureStep.SESSION)
    assert form.trouble.text() == ""


def test_a_code_that_is_scanned_beside_the_lines_fills_the_number(shown: Shown) -> None:
    shown.key(Key.Key_F2)
    shown.page.new_class.tags.setFocus()
    shown.scan("5512-AB")
    assert shown.page.new_class.number.text() == "5512-AB"
    assert shown.view.step is CaptureStep.NEW_CLASS


def test_the_picture_of_a_class_is_its_newest_capture(shown: Shown) -> None:
    shown.page.choose.line.setText("DP-0840")
    shown.until(lambda: "No picture" in shown.page.choose.image.text(), "no picture")
    shown.door.fill(1, "pin_8x40")
    shown.page._presenter.load()
    shown.until(lambda: not shown.page.choose.image.pixmap().isNull(), "the picture")


def test_review_by_keys_alone(shown: Shown) -> None:
    shown.door.fill(30)
    shown.reviewing()
    grid, review = shown.page.review.grid, shown.page._presenter.review
    assert QApplication.focusWidget() is grid
    assert grid.model().rowCount() == 30
    shown.key(Key.Key_Right, Key.Key_Right)
    assert review.marked is not None
    assert review.marked.capture_id == "c0027"
    shown.key(Key.Key_Return)
    shown.step(CaptureStep.VIEWS)
    shown.until(lambda: len(review.pictures) == 9, "the pictures")
    tiles = shown.page.review.tiles
    assert tiles["cam_01"].masks_shown
    shown.key(Key.Key_Space)
    assert not tiles["cam_01"].masks_shown
    shown.key(Key.Key_Right)
    assert review.marked.capture_id == "c0026"
    shown.key(Key.Key_Escape)
    shown.step(CaptureStep.REVIEW)
    shown.key(Key.Key_Delete)
    shown.until(lambda: shown.door.told == [("trash", "c0026")] and not shown.view.busy, "the trash")
    shown.page.refresh()
    shown.key(Key.Key_R)
    shown.until(lambda: shown.door.told[-1] == ("restore", "c0026") and not shown.view.busy, "the undo")
    assert review.marked.capture_id == "c0026"
    shown.key(Key.Key_M)
    shown.step(CaptureStep.SPLIT)
    shown.key(Key.Key_2)
    shown.until(lambda: shown.door.told[-1] == ("move", "c0026", "valid") and not shown.view.busy, "the move")
    shown.key(Key.Key_L)
    shown.step(CaptureStep.CLASS)
    assert QApplication.focusWidget() is shown.page.review.line
    shown.types(shown.page.review.line, "pipe")
    shown.until(lambda: [row.key for row in shown.page.review.list.rows] == [FLANGE], "the flange")
    shown.key(Key.Key_Return)
    shown.until(lambda: shown.door.told[-1] == ("relabel", "c0026", FLANGE) and not shown.view.busy, "the label")
    shown.step(CaptureStep.REVIEW)
    shown.key(Key.Key_Escape)
    shown.step(CaptureStep.CHOOSE)


def test_review_of_what_waits_by_keys_alone(shown: Shown) -> None:
    shown.door.fill(3, state="review")
    shown.reviewing()
    shown.key(Key.Key_F)
    shown.until(lambda: shown.page.review.grid.model().rowCount() == 3, "what waits")
    shown.key(Key.Key_A)
    shown.step(CaptureStep.SPLIT)
    shown.key(Key.Key_1)
    shown.until(lambda: shown.door.told == [("accept", "c0002", BOLT, "train")] and not shown.view.busy, "the answer")
    shown.page.refresh()
    shown.key(Key.Key_Delete)
    shown.until(lambda: shown.door.told[-1] == ("dismiss", "c0001") and not shown.view.busy, "the trash")


def test_filters_have_keys_and_buttons(shown: Shown) -> None:
    shown.door.fill(3, BOLT)
    shown.door.fill(4, FLANGE, "test")
    shown.reviewing()
    rows = shown.page.review.grid.model().rowCount
    assert rows() == 3
    shown.key(Key.Key_C)
    shown.until(lambda: rows() == 7, "all classes")
    QTest.mouseClick(shown.page.review.filters[CaptureCommand.SPLITS], Qt.MouseButton.LeftButton)
    shown.until(lambda: rows() == 3, "training")
    shown.key(Key.Key_S)
    shown.key(Key.Key_S)
    shown.until(lambda: rows() == 4, "test")


def test_many_captures_are_drawn_as_they_come_into_sight(shown: Shown) -> None:
    shown.door.fill(2000)
    shown.reviewing()
    grid = shown.page.review.grid
    shown.until(lambda: len(shown.door.asked_for) >= 10, "the first pictures")
    shown.window.wait_for(lambda: False, 0.2)
    assert grid.model().rowCount() < 300, "rows are read as somebody scrolls"
    assert len(shown.door.asked_for) < 100
    for _ in range(3):
        before = grid.model().rowCount()
        shown.key(Key.Key_End)
        shown.until(lambda n=before: grid.model().rowCount() > n, "further rows")
    assert grid.model().rowCount() > 120
    assert len(shown.door.asked_for) < 300


def test_a_slow_disk_does_not_hold_the_window(shown: Shown) -> None:
    shown.door.fill(3)
    shown.reviewing()
    shown.door.gate.clear()
    shown.key(Key.Key_Delete)
    shown.page.refresh()
    assert "Into the trash" in shown.page.message.text
    assert not shown.page.buttons.button(CaptureCommand.TRASH).isEnabled()
    shown.key(Key.Key_Right)
    shown.door.gate.set()
    shown.until(lambda: not shown.view.busy, "the disk")
    assert shown.door.told == [("trash", "c0002")]


def test_the_operator_page_says_that_a_session_runs(shown: Shown, stage: Any) -> None:
    stage.workflow.show(purpose=Purpose.CAPTURES)
    main = shown.window.window
    main.show_page(PageName.OPERATOR)
    said = main.page.banner.accessibleName()
    assert "A capture session runs" in said
    assert "F12" in said
    QTest.keyClick(main.page, Key.Key_F12)
    assert main.pages.currentWidget() is shown.page


LOOKS = (
    ("light", "en", (1280, 800)),
    ("dark", "de", (1920, 1080)),
    ("contrast", "de", (1280, 800)),
    ("light", "de", (1024, 700)),
)


@pytest.mark.parametrize(("theme", "language", "size"), LOOKS, ids=str)
def test_every_step_in_pictures(
    stage: Any, door: FakeCaptures, qapp: QApplication, theme: str, language: str, size: tuple[int, int]
) -> None:
    door.fill(40)
    door.fill(9, FLANGE)
    refused = replace(session(5, step=Step.REFUSED), look=look(Outcome.SEVERAL_PARTS), quality=report(NOT_WHOLE))
    seen: dict[str, np.ndarray] = {}
    with OffscreenWindow(replace(stage.handles(theme, language), captures=door), *size) as window:
        shown = Shown(window, door)

        def save(name: str) -> None:
            shown.page.refresh()
            window.wait_for(lambda: False, 0.1)
            path = window.save_picture(OUTPUT / f"capture-{name}-{theme}-{language}-{size[0]}x{size[1]}.png")
            image = QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)
            assert (image.width(), image.height()) == size, "the page does not fit into its window"
            seen[name] = np.frombuffer(image.constBits(), np.uint8).copy()
            assert seen[name].std() > 10, f"{path.name} is blank"

        save("choose")
        shown.key(Key.Key_F2)
        save("class")
        shown.key(Key.Key_Escape)
        for name, snapshot in (("taken", replace(session(6, saving=1), look=look(), quality=report(), taken=True)),
                               ("refused", refused), ("doubtful", DOUBTFUL)):  # fmt: skip
            shown.shows(snapshot)
            save(name)
        shown.key(Key.Key_K)
        save("reason")
        shown.shows(replace(session(8, step=Step.PAUSED), resumed=True, prompt=Prompt(Ask.RESUME)))
        save("resumed")
        shown.shows(session(22, step=Step.DONE))
        save("done")
        shown.key(Key.Key_F7)
        shown.until(lambda: shown.page._presenter.review.thumbnail(0) is not None, "the pictures")
        save("review")
        shown.key(Key.Key_Return)
        shown.until(lambda: bool(shown.page._presenter.review.pictures), "the ten views")
        save("views")
        shown.key(Key.Key_M)
        save("split")
        shown.key(Key.Key_Escape)
        shown.key(Key.Key_L)
        save("label")
        window.window.actions_registry.action("language_en").trigger()
    names = list(seen)
    for place, first in enumerate(names):
        for second in names[:place]:
            assert (seen[first] != seen[second]).any(), f"{first} and {second} look the same"
