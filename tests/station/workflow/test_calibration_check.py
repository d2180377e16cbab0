"""Every look is offered to the check of the calibration, and what it says stands before the operator."""

from __future__ import annotations

from pathlib import Path

from station.frames import FrameSet
from station.geometry import RigCalibration
from station.workflow import PartState
from tests.station.workflow.bench import Bench
from tests.station.workflow.bench_rig import Thing

KNOCKED = "Camera 3 stands 2.4 mm from its calibrated place. Calibrate it again."


class ToldCheck:
    """A check that says what it is told to."""

    def __init__(self) -> None:
        self.said: tuple[str, ...] = ()
        self.offered: list[tuple[str, str]] = []

    def offer(self, frameset: FrameSet, calibration: RigCalibration, capture_id: str) -> None:
        """Note what was offered."""
        self.offered.append((calibration.id, capture_id))

    def warnings(self, calibration_id: str) -> tuple[str, ...]:
        """Return what is to be said."""
        return self.said


def test_looks_and_the_empty_plate_are_offered_and_a_knocked_camera_is_said_and_written_down(tmp_path: Path) -> None:
    check = ToldCheck()
    bench = Bench(tmp_path, check=check)
    bench.start()
    try:
        bench.scale.say(0.0)
        bench.wait(lambda s: s.state is PartState.EMPTY)
        bench.put(Thing("screw"), 0.5)
        first = bench.recognised("screw")
        assert first.troubles == ()
        assert first.part is not None
        assert first.part.calibration_warnings == ()
        check.said = (KNOCKED,)
        assert bench.wait(lambda s: bool(s.troubles)).troubles == (KNOCKED,)
        bench.workflow.look_again()
        second = bench.wait(lambda s: s.state is PartState.RECOGNISED and s.capture_id != first.capture_id)
        assert second.part is not None
        assert second.part.calibration_warnings == (KNOCKED,)
    finally:
        bench.stop()
    used = bench.rig.calibration.id
    assert (used, "") in check.offered
    assert {(used, first.capture_id), (used, second.capture_id)} <= set(check.offered)
