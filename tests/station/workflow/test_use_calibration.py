"""A running workflow gets another calibration, none, or is paused while the rig is calibrated."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from station.geometry import Pose, RigCalibration
from station.workflow import AnswerRefusedError, PartState, Rest
from tests.station.workflow.bench import PATIENCE_S, Bench
from tests.station.workflow.bench_rig import Thing


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.start()
    made.scale.say(0.0)
    made.wait(lambda s: s.state is PartState.EMPTY)
    yield made
    made.stop()


def shifted(calibration: RigCalibration, metres: float) -> RigCalibration:
    """The same rig, every camera a little to the side."""
    move = Pose(np.eye(3), np.array([metres, 0.0, 0.0]))
    return RigCalibration(
        {role: replace(camera, pose=camera.pose @ move) for role, camera in calibration.cameras.items()},
        "test",
        "2026-02-01T00:00:00Z",
    )


def test_a_part_on_the_plate_is_looked_at_again_with_the_new_calibration(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    first = bench.recognised("screw")
    other = shifted(bench.rig.calibration, 0.002)
    bench.workflow.use_calibration(other, ["Camera 3 is not in it."])
    assert bench.workflow.calibration is other
    assert not bench.workflow.status.answerable
    second = bench.wait(lambda s: s.state is PartState.RECOGNISED and s.capture_id != first.capture_id)
    assert first.part is not None
    assert second.part is not None
    assert (first.part.calibration_id, second.part.calibration_id) == (bench.rig.calibration.id, other.id)
    assert second.calibration_id == other.id
    assert second.troubles == ("Camera 3 is not in it.",)


def test_the_empty_plate_is_learned_anew(bench: Bench) -> None:
    other = shifted(bench.rig.calibration, 0.002)
    bench.workflow.use_calibration(other)
    bench.wait(lambda s: s.state is PartState.EMPTY and s.calibration_id == other.id)
    bench.put(Thing("screw"), 0.5)
    bench.recognised("screw")
    assert bench.locator.forgotten == 1
    known = bench.locator.learned_with
    assert known[known.index(other.id) :] == [other.id] * known.count(other.id)


def test_a_look_under_way_keeps_the_calibration_it_began_with(bench: Bench) -> None:
    bench.recognizer.hold.clear()
    bench.put(Thing("screw"), 0.5)
    assert bench.recognizer.entered.wait(PATIENCE_S)
    other = shifted(bench.rig.calibration, 0.002)
    bench.workflow.use_calibration(other)
    bench.recognizer.hold.set()
    bench.wait(lambda s: s.state is PartState.RECOGNISED)
    assert [p.calibration_id for p in bench.parts] == [bench.rig.calibration.id, other.id]


def test_without_a_calibration_nothing_is_looked_at_until_there_is_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, calibrated=False)
    bench.start()
    bench.put(Thing("screw"), 0.5)
    status = bench.wait(lambda s: s.load_kg == pytest.approx(0.5))
    assert status.rest is Rest.UNCALIBRATED
    assert "calibrate" in status.message.lower()
    bench.workflow.look_again()
    assert bench.workflow.wait_newer(bench.workflow.status.sequence, 0.3) is None
    assert bench.parts == []
    bench.workflow.use_calibration(bench.rig.calibration)
    assert bench.recognised("screw").rest is None
    bench.workflow.use_calibration(None)
    assert bench.wait(lambda s: s.part is None).rest is Rest.UNCALIBRATED
    bench.stop()


def test_paused_for_a_calibration_the_question_is_closed_and_asked_again_afterwards(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    bench.workflow.pause()
    status = bench.workflow.status
    assert (status.rest, status.message, status.part) == (Rest.CALIBRATING, "The rig is being calibrated.", None)
    with pytest.raises(AnswerRefusedError):
        bench.workflow.answer(part.capture_id, "screw")
    bench.put(Thing("nut", x=0.2), 0.3)
    bench.wait(lambda s: s.load_kg == pytest.approx(0.3))
    assert len(bench.parts) == 1
    bench.workflow.resume()
    bench.workflow.resume()
    assert bench.recognised("nut").rest is None
    assert bench.locator.forgotten == 1


def test_a_look_under_way_is_not_shown_after_the_pause(bench: Bench) -> None:
    bench.recognizer.hold.clear()
    bench.put(Thing("screw"), 0.5)
    assert bench.recognizer.entered.wait(PATIENCE_S)
    bench.workflow.pause()
    bench.recognizer.hold.set()
    while not bench.parts:
        assert bench.workflow.status.part is None
        threading.Event().wait(0.01)
    assert bench.workflow.status.part is None
    assert bench.workflow.status.state is PartState.SETTLING


def test_calibrations_from_many_threads_end_in_a_working_station(bench: Bench) -> None:
    others = [shifted(bench.rig.calibration, 0.001 * n) for n in range(1, 9)]
    threads = [threading.Thread(target=bench.workflow.use_calibration, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    bench.put(Thing("screw"), 0.5)
    status = bench.recognised("screw")
    assert status.calibration_id in {one.id for one in others}
    assert status.part is not None
    assert status.part.calibration_id == status.calibration_id
    assert not status.troubles
