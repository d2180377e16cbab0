"""The plate as the rig's live pictures show it."""

from __future__ import annotations

from collections.abc import Mapping

from station.frames import Frame
from station.geometry import RigCalibration, WorkVolume
from station.settings import TriggerSection
from station.workflow.sources import FramesetSource
from station.workflow.trigger import PictureWatch, Sight, watched_regions


class PlateView:
    """Watches the newest pictures of the rig; with no calibration nothing is watched until :meth:`aim`."""

    def __init__(self, rig: FramesetSource, trigger: TriggerSection, volume: WorkVolume) -> None:
        self._rig = rig
        self._trigger = trigger
        self._volume = volume
        self._watch = PictureWatch({}, change=trigger.picture_change, still_s=trigger.still_s)

    def aim(self, calibration: RigCalibration | None) -> None:
        """Watch the plate where this calibration says it is; what was known of its pictures is forgotten."""
        regions = watched_regions(calibration, self._volume) if calibration else {}
        self._watch = PictureWatch(
            {role: region for role, region in regions.items() if role in self._rig.roles},
            change=self._trigger.picture_change,
            still_s=self._trigger.still_s,
        )

    def see(self, now_ns: int) -> Sight:
        """Look at the newest pictures at the monotonic time ``now_ns``."""
        frames = (self._rig.preview(role) for role in self._watch.roles)
        self._watch.see((frame for frame in frames if frame is not None), now_ns)
        return self._watch.sight(now_ns)

    def mark_capture(self, frames: Mapping[str, Frame]) -> None:
        """Take these frames, by role, as the pictures of the capture."""
        self._watch.mark_capture(frames)

    def learn_empty(self, frames: Mapping[str, Frame]) -> None:
        """Take these frames, by role, as the pictures of the empty plate."""
        self._watch.learn_empty(frames)

    def forget_empty(self) -> None:
        """Know no picture of the empty plate any more."""
        self._watch.forget_empty()
