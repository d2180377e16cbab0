"""The whole wizard on the simulated rig: from no calibration to an accepted one, by its buttons alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from calibration.collecting.snapshot import CollectSnapshot
from calibration.store import CalibrationStore
from station.cli.assembly import NoModel, RunningStation, start_simulated
from station.cli.demo_hand import DemoHand
from station.cli.window import check_store, window_handles
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import ModelError
from station.frames import ROLES
from station.geometry import RigCalibration
from station.parts import PartMaster
from station.settings import Settings
from station.simulation.fault_run import FaultBoard
from station.simulation.library import PartLibrary
from station.workflow.status import Rest
from ui.offscreen import OffscreenWindow
from ui.pages.calibration_page import CalibrationPage
from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.presenters.calibration_view import CalibrationStep as Step

SEED = 11
PATIENCE_S = 60.0
NEXT_PLACE_S = 8.0
"""A technician tries another place when no picture was taken for so long."""

SHOTS = Path(__file__).resolve().parents[2] / "test-output" / "screens"
pytestmark = pytest.mark.timeout(900)


@dataclass
class Wizard:
    """The window over a running simulated station, and somebody before it."""

    window: OffscreenWindow
    station: RunningStation
    store: CalibrationStore

    @property
    def page(self) -> CalibrationPage:
        page = self.window.window.calibration
        assert page is not None
        return page

    @property
    def work(self) -> CollectSnapshot:
        presenter = self.window.window._calibration
        assert presenter is not None
        assert presenter._work is not None
        return presenter._work.snapshot

    def click(self, command: Command) -> None:
        button = self.page.buttons.button(command)
        self.until(lambda: button.isVisible() and button.isEnabled(), f"the button {button.text()}")
        self.press(button)

    def press(self, button: QAbstractButton) -> None:
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def until(self, met: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        said = self.page.view
        assert self.window.wait_for(met, patience_s), f"{what} did not come; the page says: {said and said.message}"

    def step(self, step: Step, patience_s: float = PATIENCE_S) -> None:
        self.until(lambda: self.page.view is not None and self.page.view.step is step, str(step), patience_s)

    def hold_board_until(self, enough: Callable[[CollectSnapshot], bool], most: int) -> None:
        """Press the simulated hand's button, again and again, until there are pictures enough."""
        strip = self.window.window.simulation
        assert strip is not None
        for _ in range(most):
            if enough(self.work):
                return
            taken = len(self.work.pictures)
            self.press(strip.hold)
            self.window.wait_for(lambda n=taken: len(self.work.pictures) > n, NEXT_PLACE_S)
        pytest.fail(f"{most} places gave only {len(self.work.pictures)} pictures; {self.work.advice}")

    def truth(self) -> RigCalibration:
        simulation = self.station.simulation
        assert simulation is not None
        return RigCalibration.from_json(simulation.truth()["calibration"])

    def errors_mm(self, calibration: RigCalibration) -> dict[str, float]:
        """Return how far each camera's centre is from the truth, in the world that the plate gives."""
        truth = self.truth()
        return {
            role: float(np.linalg.norm(camera.pose.center - truth.cameras[role].pose.center)) * 1e3
            for role, camera in calibration.cameras.items()
        }

    def save(self, name: str) -> None:
        self.window.save_picture(SHOTS / f"journey-{name}.png")


@pytest.fixture
def wizard(tmp_path: Path, qapp: QApplication) -> Iterator[Wizard]:
    loaded = LoadedSettings(Settings(), None, tmp_path)
    recognizer = NoModel(ModelError("This test recognises nothing."))
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(tmp_path / "data"))
        parts = PartMaster(data.parts, data.references)
        stack.callback(parts.close)
        store = CalibrationStore(data.calibrations)
        station = start_simulated(
            stack,
            loaded,
            recognizer,
            seed=SEED,
            calibrations=store,
            checks=check_store(loaded, data),
            uncalibrated=True,
        )
        assert station.simulation is not None
        known = [part.class_id for part in PartLibrary.load().classes]
        assert station.virtual_scale is not None
        faults = FaultBoard(station.simulation, station.virtual_scale)
        hand = DemoHand(station.simulation, faults, known, known, SEED)
        stack.callback(hand.close)
        handles = window_handles(stack, loaded, data, recognizer, station, parts, controls=hand)
        window = stack.enter_context(OffscreenWindow(handles, 1280, 800))
        yield Wizard(window, station, store)


def begin(wizard: Wizard) -> None:
    assert wizard.station.workflow.status.rest is Rest.UNCALIBRATED
    QTest.keyClick(wizard.window.window.page, Qt.Key.Key_F4)
    wizard.until(lambda: "not calibrated" in wizard.page.banner.accessibleName(), "the start")
    wizard.save("start")
    wizard.click(Command.BEGIN)
    wizard.step(Step.PLATE)
    assert wizard.window.wait_for(lambda: wizard.station.workflow.status.rest is Rest.CALIBRATING, PATIENCE_S)
    wizard.save("plate")
    wizard.step(Step.BOARD)


def solve_and_accept(wizard: Wizard) -> RigCalibration:
    wizard.click(Command.SOLVE)
    wizard.step(Step.RESULT, 300.0)
    tiles = wizard.page.result.worst.tiles
    wizard.until(lambda: tiles[0].picture is not None, "the worst picture")
    wizard.save("result")
    wizard.click(Command.ACCEPT)
    wizard.step(Step.ACCEPTED, 120.0)
    wizard.save("accepted")
    return wizard.store.active()


def test_from_no_calibration_to_an_accepted_one_in_few_pictures(wizard: Wizard) -> None:
    """The reduced form: as soon as a solve may succeed."""
    begin(wizard)
    wizard.hold_board_until(lambda work: work.ready, most=60)
    wizard.save("board")
    accepted = solve_and_accept(wizard)
    assert set(accepted.cameras) == set(ROLES)
    errors = wizard.errors_mm(accepted)
    print("errors, mm:", {role: round(error, 3) for role, error in errors.items()})
    status = wizard.station.workflow.status
    assert status.rest is None
    assert status.calibration_id == accepted.id
    wizard.click(Command.DONE)
    assert wizard.window.window.pages.currentWidget() is wizard.window.window.page
    assert max(errors.values()) <= 0.5


@pytest.mark.slow
def test_from_no_calibration_to_an_accepted_one(wizard: Wizard) -> None:
    """The technician's way: until nothing is missing."""
    begin(wizard)
    wizard.hold_board_until(lambda work: work.complete, most=120)
    wizard.save("board-complete")
    accepted = solve_and_accept(wizard)
    errors = wizard.errors_mm(accepted)
    print("errors, mm:", {role: round(error, 3) for role, error in errors.items()})
    assert set(accepted.cameras) == set(ROLES)
    assert max(errors.values()) <= 0.5
