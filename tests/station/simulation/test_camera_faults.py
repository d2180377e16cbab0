"""What faults do to pictures on their way to a camera."""

from __future__ import annotations

import numpy as np
import pytest

from station.simulation.camera_faults import CameraFaults, Exposed
from station.simulation.faults import FaultName

ROLE = "cam_03"
PERIOD_MS = 100.0


def picture(tick: int, width: int = 64) -> Exposed:
    """Return the picture of a tick: noise of its own, in memory of its own."""
    rng = np.random.default_rng(tick)
    color = rng.integers(60, 180, (48, width, 3), dtype=np.uint8)
    return Exposed(color, rng.integers(500, 900, (48, width), dtype=np.uint16), tick * PERIOD_MS)


def times(arrived: list[Exposed]) -> list[float]:
    return [one.time_ms for one in arrived]


def test_without_a_fault_the_picture_itself_passes() -> None:
    faults, shown = CameraFaults(), picture(0)
    faults.set("cam_04", FaultName.STALL, True)
    assert faults.through(ROLE, shown) == [shown]


@pytest.mark.parametrize(
    "fault",
    [
        FaultName.STALL,
        FaultName.DEAD_DEPTH,
        FaultName.FROZEN_PICTURE,
        FaultName.CLOCK_JUMP,
        FaultName.WHITE_BALANCE,
        FaultName.DIRTY_LENS,
    ],
)
def test_a_fault_that_has_ended_leaves_nothing_behind(fault: FaultName) -> None:
    faults, before, shown = CameraFaults(), picture(0), picture(1)
    faults.set(ROLE, fault, True)
    assert faults.through(ROLE, before) != [before]
    faults.set(ROLE, fault, False)
    assert faults.through(ROLE, shown) == [shown]


def test_a_stalled_camera_is_given_nothing() -> None:
    faults = CameraFaults()
    faults.set(ROLE, FaultName.STALL, True)
    assert faults.through(ROLE, picture(0)) == []


def test_dead_depth_leaves_the_colour() -> None:
    faults, shown = CameraFaults(), picture(0)
    faults.set(ROLE, FaultName.DEAD_DEPTH, True)
    (arrived,) = faults.through(ROLE, shown)
    assert not arrived.depth.any()
    assert arrived.color is shown.color


def test_a_frozen_picture_comes_again_with_new_times() -> None:
    faults, first = CameraFaults(), picture(0)
    faults.set(ROLE, FaultName.FROZEN_PICTURE, True)
    faults.through(ROLE, first)
    held = first.color.copy()
    first.color[:] = 0  # the light's memory is painted anew
    (arrived,) = faults.through(ROLE, picture(1))
    np.testing.assert_array_equal(arrived.color, held)
    assert arrived.time_ms == PERIOD_MS


def test_late_pictures_come_in_their_order_after_their_time_and_none_is_lost() -> None:
    faults = CameraFaults()
    faults.set(ROLE, FaultName.LATE_FRAMES, True)
    arrived = [times(faults.through(ROLE, picture(tick))) for tick in range(7)]
    assert arrived == [[], [], [], [], [0.0], [100.0], [200.0]]
    faults.set(ROLE, FaultName.LATE_FRAMES, False)
    assert times(faults.through(ROLE, picture(7))) == [300.0, 400.0, 500.0, 600.0, 700.0]
    assert times(faults.through(ROLE, picture(8))) == [800.0]


def test_one_picture_in_four_is_lost() -> None:
    faults = CameraFaults()
    faults.set(ROLE, FaultName.LOST_FRAMES, True)
    arrived = [one for tick in range(200) for one in faults.through(ROLE, picture(tick, width=8))]
    assert len(arrived) == 200
    assert 30 <= sum(one.lost for one in arrived) <= 70
    faults.set(ROLE, FaultName.LOST_FRAMES, False)
    assert not any(one.lost for one in faults.through(ROLE, picture(200)))


def test_a_clock_jumps_by_five_seconds() -> None:
    faults = CameraFaults()
    faults.set(ROLE, FaultName.CLOCK_JUMP, True)
    (arrived,) = faults.through(ROLE, picture(3))
    assert (arrived.time_ms, arrived.clock_ahead_ms) == (300.0, 5000.0)


def test_a_wrong_white_balance_is_warm_and_a_dirty_lens_blurs() -> None:
    faults, shown = CameraFaults(), picture(0, width=640)
    faults.set(ROLE, FaultName.WHITE_BALANCE, True)
    (warm,) = faults.through(ROLE, shown)
    red, green, blue = (warm.color.astype(float) / shown.color).mean(axis=(0, 1))
    assert (red, green, blue) == (pytest.approx(1.3, abs=0.01), 1.0, pytest.approx(0.72, abs=0.01))
    faults.set(ROLE, FaultName.WHITE_BALANCE, False)
    faults.set(ROLE, FaultName.DIRTY_LENS, True)
    (soft,) = faults.through(ROLE, shown)
    assert soft.color.std() < 0.5 * shown.color.std()
    assert soft.color.mean() == pytest.approx(shown.color.mean(), abs=2.0)
