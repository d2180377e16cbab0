"""Faults begin and end when the list says so, on a rig and a scale that note what they are told."""

from __future__ import annotations

import threading

from station.errors import SimulationError
from station.simulation.fault_run import FaultBoard, FaultRun
from station.simulation.faults import CAMERA_FAULTS, Fault, FaultName
from station.simulation.live_messages import Intruder


class Noting:
    """Rig and scale in one."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, bool]] = []
        self.heard = threading.Event()

    def set_fault(self, role: str, fault: FaultName, on: bool) -> None:
        if role == "cam_10":
            raise SimulationError("There is no camera cam_10.", where="simulation")
        self._note(fault, role, on)

    def set_silent(self, silent: bool) -> None:
        self._note("silent", "", silent)

    def set_noisy(self, noisy: bool) -> None:
        self._note("noisy", "", noisy)

    def set_drifting(self, drifting: bool) -> None:
        self._note("drifting", "", drifting)

    def reach_in(self, kind: Intruder, tip: tuple[float, float, float]) -> None:
        self._note(kind, "", True)

    def withdraw(self, kind: Intruder) -> None:
        self._note(kind, "", False)

    def set_garbled(self, garbled: bool) -> None:
        self._note("garbled", "", garbled)

    def _note(self, what: str, role: str, on: bool) -> None:
        self.told.append((what, role, on))
        self.heard.set()


def fault(name: FaultName, at_s: float, for_s: float, role: str | None = None) -> Fault:
    return Fault(at_s=at_s, fault=name, for_s=for_s, role=role)


def test_faults_begin_and_end_in_their_order_and_what_ends_comes_first() -> None:
    noting = Noting()
    board = FaultBoard(noting, noting)
    run = FaultRun(
        board,
        [
            fault(FaultName.STALL, 0.02, 0.02, "cam_03"),
            fault(FaultName.SCALE_NOISY, 0.0, 0.03),
            fault(FaultName.STALL, 0.04, 0.01, "cam_03"),
        ],
    )
    run.start()
    assert run.wait_done(10.0)
    assert noting.told == [
        ("noisy", "", True),
        ("stall", "cam_03", True),
        ("noisy", "", False),
        ("stall", "cam_03", False),
        ("stall", "cam_03", True),
        ("stall", "cam_03", False),
    ]
    assert board.held == frozenset()


def test_a_run_that_is_stopped_ends_what_it_began() -> None:
    noting = Noting()
    board = FaultBoard(noting, noting)
    run = FaultRun(board, [fault(FaultName.UNPLUG, 0.0, 600.0, "cam_03")])
    run.start()
    assert noting.heard.wait(10.0)
    run.stop()
    assert noting.told == [("unplug", "cam_03", True), ("unplug", "cam_03", False)]


def test_a_fault_that_cannot_be_set_does_not_end_the_run() -> None:
    noting = Noting()
    run = FaultRun(
        FaultBoard(noting, noting),
        [fault(FaultName.STALL, 0.0, 0.01, "cam_10"), fault(FaultName.SCALE_SILENT, 0.02, 0.01)],
    )
    run.start()
    assert run.wait_done(10.0)
    assert noting.told == [("silent", "", True), ("silent", "", False)]


def test_every_fault_reaches_its_side_and_stands_on_the_board() -> None:
    noting = Noting()
    board = FaultBoard(noting, noting)
    for name in FaultName:
        board.set(name, "cam_03" if name.of_camera else None, True)
    assert {(what, role) for what, role, _ in noting.told} == {
        *((name.value, "cam_03") for name in CAMERA_FAULTS),
        ("silent", ""),
        ("noisy", ""),
        ("garbled", ""),
        ("drifting", ""),
        ("arm", ""),
        ("cable", ""),
    }
    assert len(board.held) == len(FaultName)
    assert {(FaultName.SCALE_NOISY, "scale"), (FaultName.HAND, "plate")} <= board.held
    board.set(FaultName.HAND, None, False)
    assert noting.told[-1] == ("arm", "", False)
    assert (FaultName.HAND, "plate") not in board.held
