"""Framesets of a simulated rig without a live one, for tests that move its cameras or its plate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic_ns

import numpy as np

from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.geometry import RigCalibration
from station.simulation.library import PartLibrary
from station.simulation.rig import handed_over, knocked, rig_models
from station.simulation.scene import SceneRenderer, draw_placement
from station.simulation.sensor import draw_exposure, read_frame

BEGUN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class StandingRig:
    """Takes framesets of a part each, 640x480; ``calibration`` is what the rig hands over."""

    def __init__(self, seed: int = 3) -> None:
        self.truth: RigCalibration = rig_models("640x480", seed)
        self.calibration = handed_over(self.truth, seed)
        self._library = PartLibrary.load()
        self._renderer = SceneRenderer(self._library, self.truth, room_seed=seed)
        self._rng = np.random.default_rng([seed, 77])
        self._exposures = {role: draw_exposure(np.random.default_rng([seed, n])) for n, role in enumerate(ROLES)}
        self._taken = 0

    def take(self, *, empty: bool = False, dead: tuple[str, ...] = ()) -> FrameSet:
        """Return a frameset of the empty plate or of another part; ``dead`` cameras give no depth."""
        classes = self._library.classes
        part = classes[int(self._rng.integers(len(classes)))]
        stage = self._renderer.stage([] if empty else [draw_placement(part, self._rng)])
        frames: dict[str, Frame] = {}
        for role in ROLES:
            clean = self._renderer.view(role, stage, self._exposures[role])
            view = read_frame(clean, self._rng, depth_dead=role in dead)
            frames[role] = Frame(role, view.color, view.depth, 0.001, 0, 0.0, TimeDomain.SYSTEM, monotonic_ns())
        self._taken += 1
        return FrameSet(frames, (), 0.0, BEGUN + timedelta(minutes=self._taken), monotonic_ns())

    def knock(self, role: str, shift_mm: tuple[float, float, float], turn_deg: tuple[float, float, float]) -> None:
        """Let a camera stand elsewhere."""
        self._renderer.move_camera(knocked(self.truth, role, np.array(shift_mm) / 1e3, np.array(turn_deg)))
