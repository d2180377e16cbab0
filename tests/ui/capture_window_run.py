"""The window over a station on the simulated rig, and somebody who captures a class by its keys and buttons alone.

    python -m tests.ui.capture_window_run DATA_DIR SEED

A process that a test may kill. Makes a new class, or goes on with the session that is there, until its plan is full.
Prints a line for each thing that happens: ``made CLASS``, ``resumed N CLASS``, ``saving N``, ``kept ID FOLDER``,
``doubt HEADLINE``, ``refused HEADLINE``, ``done N``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from station.captures.session_values import SessionSnapshot, Step
from station.cli.assembly import NoModel, start_simulated
from station.cli.demo_hand import DemoHand
from station.cli.window import window_handles
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import ModelError
from station.parts import PartMaster
from station.settings import Settings, SimulationSection
from station.simulation.fault_run import FaultBoard
from station.simulation.library import PartLibrary
from ui.offscreen import OffscreenWindow
from ui.pages.capture_page import CapturePage
from ui.presenters.capture_view import CaptureCommand as Command
from ui.presenters.capture_view import CaptureStep

PATIENCE_S = 120.0
NUMBER, NAME = "EL 42-07", "Elbow 42"
Key = Qt.Key


def say(*words: object) -> None:
    print(*words, flush=True)


class Person:
    """Sits before the window and does what its large sentence asks for."""

    def __init__(self, window: OffscreenWindow) -> None:
        self._window = window
        self._told: set[str] = set()
        page = window.window.captures
        assert page is not None
        self.page: CapturePage = page
        window.window.activateWindow()
        self.until(window.window.isActiveWindow, "the window")
        self.key(Key.Key_F12)
        self.until(page.isVisible, "the page")

    @property
    def snapshot(self) -> SessionSnapshot:
        """What the page shows of the session."""
        return self.page._presenter.snapshot

    def key(self, key: Qt.Key) -> None:
        """Press a key where the keys go to."""
        focus = QApplication.focusWidget()
        QTest.keyClick(focus if isinstance(focus, QWidget) else self._window.window, key)

    def types(self, text: str) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, text)

    def click(self, command: Command) -> None:
        """Press a button with the mouse."""
        button = self.page.buttons.button(command)
        self.until(lambda: button.isVisible() and button.isEnabled(), f"the button {button.text()}")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def until(self, met: Callable[[], bool], what: str) -> None:
        """Let the window live until something is so; tells meanwhile what is kept."""

        def look() -> bool:
            last = self.snapshot.last
            if last is not None and last.capture_id not in self._told:
                self._told.add(last.capture_id)
                say("kept", last.capture_id, last.place.folder)
            return met()

        if not self._window.wait_for(look, PATIENCE_S):
            raise SystemExit(f"{what} did not come: {self.snapshot.step} {self.snapshot.trouble} {self.page.view}")

    def make_class(self) -> None:
        """Make a new class by the form, as with a scanner and a keyboard."""
        self.until(lambda: QApplication.focusWidget() is self.page.choose.line, "the page")
        self.key(Key.Key_F2)
        self.types(NUMBER)
        self.key(Key.Key_Return)
        self.types(NAME)
        self.key(Key.Key_Return)
        self.key(Key.Key_Return)  # nobody knows the weight
        self.types("pipes")
        self.key(Key.Key_Return)
        self.until(lambda: self.snapshot.step is Step.WAITING, "the session")
        say("made", self.snapshot.class_id)

    def go_on(self) -> None:
        """Go on with the session that an earlier program left."""
        self.until(lambda: self.snapshot.step is Step.PAUSED, "the session that was interrupted")
        self.page.refresh()
        assert self.page.view is not None
        say("resumed", self.snapshot.kept, self.snapshot.class_id)
        say("says", self.page.view.headline, self.page.view.message and self.page.view.message.text)
        self.click(Command.RESUME)
        self.until(lambda: self.snapshot.step is Step.WAITING, "the session")

    def fill(self) -> None:
        """Lay and turn the part until the plan is full, with a look at how a capture is taken back and done again."""
        taken_back = False
        while self.snapshot.step is not Step.DONE:
            self.take()
            if self.snapshot.kept == 3 and not taken_back:
                taken_back = True
                self.take_back()
        self.until(lambda: self.snapshot.saving == 0, "the last one")
        say("done", self.snapshot.kept)
        self.click(Command.END)
        self.until(lambda: not self.snapshot.running, "the end")

    def take(self) -> None:
        """Do what is asked for, until one more capture is on its way."""
        before = self.snapshot.kept + self.snapshot.saving
        self.key(Key.Key_F6)
        asked = (Step.DOUBTFUL, Step.REFUSED)

        def moved() -> bool:
            now = self.snapshot
            return now.kept + now.saving > before or now.step in asked

        self.until(moved, f"capture {before + 1}")
        while self.snapshot.kept + self.snapshot.saving == before:
            assert self.page.view is not None
            self.page.refresh()
            if self.snapshot.step is Step.DOUBTFUL:
                say("doubt", self.page.view.headline)
                self.key(Key.Key_K)
                self.until(lambda: self.page.view is not None and self.page.view.step is not CaptureStep.SESSION, "why")
                self.key(Key.Key_1)
                self.until(lambda: self.snapshot.step is not Step.DOUBTFUL, "the reason")
            elif self.snapshot.step is Step.REFUSED:
                say("refused", self.page.view.headline)
                self.key(Key.Key_F6)
                self.until(lambda: self.snapshot.step is not Step.REFUSED, "the part")
            self.until(moved, f"capture {before + 1}")
        say("saving", before + 1)
        self.until(lambda: self.snapshot.saving == 0, "the disk")

    def take_back(self) -> None:
        """Take the newest capture back, and do it again."""
        kept = self.snapshot.kept
        self.key(Key.Key_Z)
        self.until(lambda: self.snapshot.kept == kept - 1, "the undo")
        self.until(lambda: self.page.buttons.button(Command.REDO).isEnabled(), "the redo")
        self.key(Key.Key_Y)
        self.until(lambda: self.snapshot.kept == kept, "what was taken back")


def main(folder: Path, seed: int) -> None:
    """Run the window until the class's plan is full."""
    loaded = LoadedSettings(Settings(simulation=SimulationSection(size="640x480", fps=6, seed=3)), None, folder)
    recognizer = NoModel(ModelError("There is no model."))
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(folder))
        parts = PartMaster(data.parts, data.references)
        stack.callback(parts.close)
        running = start_simulated(stack, loaded, recognizer)
        assert running.simulation is not None
        assert running.virtual_scale is not None
        board = FaultBoard(running.simulation, running.virtual_scale)
        known = [part.class_id for part in PartLibrary.load().classes]
        # The new class is played by a part that is of none of the known ones.
        hand = DemoHand(running.simulation, board, known, ["pipe_elbow_42"], seed)
        stack.callback(hand.close)
        handles = window_handles(stack, loaded, data, recognizer, running, parts, controls=hand)
        interrupted = (data.root / "capture-session.json").exists()
        with OffscreenWindow(handles) as window:
            person = Person(window)
            if interrupted:
                person.go_on()
            else:
                person.make_class()
            person.fill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
