"""What ails a camera that streams, told by its pictures: no depth, frozen, late, blurred, wrong in colour."""

from __future__ import annotations

import enum
import statistics
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.frames import CameraInfo, ColorImage, Frame, TimeDomain

_NO_DEPTH_SHARE = 0.10
"""A camera that measures less of its picture is as good as blind; healthy ones measured 0.87 to 0.94 of real ones."""
_LATE_MS = 100.0
"""Later than the others by so much, or by half a frame period where that is longer."""
_DRIFT = 200e-6
"""A device's clock drifts less than this against the host's."""
_TINT = 0.12
"""Logarithm of a colour ratio against that of the others; healthy ones stay under 0.05."""
_BLUR = 0.3
"""Sharpness against that of the others; healthy ones lie above 0.5, a smeared lens lies near 0.1."""
_OTHERS = 3
"""So many other cameras must be there to be compared with."""
_FROZEN_NS = 2_000_000_000
_FROZEN_LOOKS = 4
_LOSSES_NS = 6_000_000_000
_LOSSY = 0.1
"""Share of the pictures of six seconds that a camera may lose before it is told of."""
_HOLDS = 3
"""A symptom counts when so many looks in a row show it; it is over with the first that does not."""
_GRID = 8
"""Colour is judged on every eighth pixel of every eighth row."""


class Symptom(enum.StrEnum):
    """What is wrong with a camera that streams."""

    NO_DEPTH = "no_depth"
    FROZEN = "frozen"
    LATE = "late"
    CLOCK = "clock"
    """Its clock has jumped; capture times are worked out from the frame counter."""
    TINTED = "tinted"
    BLURRED = "blurred"
    SLOW_USB = "slow_usb"
    LOSSY = "lossy"


@dataclass(frozen=True, slots=True)
class Finding:
    """One symptom of one camera.

    ``value`` is the share of the picture with depth, seconds without a change, milliseconds late, the largest colour
    ratio against the others, the sharpness against theirs, the USB version, or the share of pictures lost; 0 for the
    clock.
    """

    role: str
    symptom: Symptom
    value: float = 0.0

    @property
    def sentence(self) -> str:
        """Return what is wrong, where, and what to do."""
        return f"{self.role}: {_SENTENCES[self.symptom].format(value=self.value, share=100.0 * self.value)}"


_SENTENCES = {
    Symptom.NO_DEPTH: "It measures depth on {share:.0f} % of its picture only. Check its projector and its glass.",
    Symptom.FROZEN: "Its picture has not changed for {value:.0f} s. Unplug it and plug it in again.",
    Symptom.LATE: "Its pictures come {value:.0f} ms later than the others'. Check its cable and its USB port.",
    Symptom.CLOCK: "Its clock has jumped; times are counted from its frame numbers. Plug it in again if that stays.",
    Symptom.TINTED: "Its colours are off by {share:.0f} % against the other cameras. Set its white balance anew.",
    Symptom.BLURRED: "Its picture has {share:.0f} % of the others' sharpness. Clean its lens and its glass.",
    Symptom.SLOW_USB: "It is connected by USB {value:.1f}. Use a USB 3 port and cable.",
    Symptom.LOSSY: "It loses {share:.0f} % of its pictures. Check its cable and what else hangs on its USB controller.",
}


@dataclass(frozen=True, slots=True)
class Look:
    """Figures of one frame.

    ``depth_share`` of the pixels have depth; ``red`` and ``blue`` are natural logarithms of the usual ratios to green
    (``nan`` in a picture that is black or white all over), ``sharpness`` is the grey step between neighbours that one
    in two hundred exceeds, ``brightness`` the mean of all channels as a share of white. ``color_mark`` and
    ``depth_mark`` are check sums. ``delay_ms`` is the host's arrival time minus the capture time, each on its own
    clock.
    """

    number: int
    arrival_ns: int
    delay_ms: float
    domain: TimeDomain
    color_mark: int
    depth_mark: int
    depth_share: float
    red: float
    blue: float
    sharpness: float
    fps: float
    usb: str
    brightness: float
    lost: int = 0
    """Pictures that its camera has lost so far."""


def look_at(frame: Frame, info: CameraInfo, lost: int = 0) -> Look:
    """Return the figures of a frame; takes a millisecond or two. ``lost`` is how many its camera has lost so far."""
    sparse = np.ascontiguousarray(frame.color[::_GRID, ::_GRID])
    depth = np.ascontiguousarray(frame.depth[::_GRID, ::_GRID])
    red, blue = _ratios(sparse)
    return Look(
        number=frame.number,
        arrival_ns=frame.arrival_ns,
        delay_ms=frame.arrival_ns * 1e-6 - frame.device_time_ms,
        domain=frame.time_domain,
        color_mark=zlib.crc32(sparse.tobytes()),
        depth_mark=zlib.crc32(depth.tobytes()),
        depth_share=float(np.count_nonzero(depth)) / depth.size,
        red=red,
        blue=blue,
        sharpness=_sharpness(frame.color),
        fps=info.fps,
        usb=info.usb,
        brightness=float(sparse.mean()) / 255.0,
        lost=lost,
    )


def _ratios(sparse: ColorImage) -> tuple[float, float]:
    pixels = sparse.reshape(-1, 3).astype(np.float64)
    # What is nearly black or burnt out says nothing of the light's colour.
    usable = pixels[((pixels > 20.0) & (pixels < 240.0)).all(axis=1)]
    if len(usable) < 0.02 * len(pixels):
        return float("nan"), float("nan")
    logarithms = np.log(usable)
    # Half of the pixels decide and not the light of all: a large coloured part near one camera is no tint.
    red, blue = np.median(logarithms[:, [0, 2]] - logarithms[:, [1]], axis=0)
    return float(red), float(blue)


def _sharpness(color: ColorImage) -> float:
    rows = np.ascontiguousarray(color[::_GRID])
    grey: NDArray[np.int16] = np.asarray(cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY)).astype(np.int16)
    return float(np.percentile(np.abs(np.diff(grey, axis=1)), 99.5))


class PictureJudge:
    """Compares every camera with the others and with itself, look by look."""

    def __init__(self) -> None:
        self._past: dict[str, deque[Look]] = {}
        self._least: dict[tuple[str, TimeDomain], Look] = {}
        self._held: dict[tuple[str, Symptom], int] = {}

    def judge(self, looks: Mapping[str, Look]) -> tuple[Finding, ...]:
        """Return what holds now; ``looks`` are of the cameras that stream, by role."""
        for role in self._past.keys() - looks.keys():
            self._forget(role)
        for role, look in looks.items():
            past = self._past.setdefault(role, deque(maxlen=32))
            if past and look.number < past[-1].number:
                self._forget(role)
                past = self._past.setdefault(role, deque(maxlen=32))
            if not past or look.number != past[-1].number:
                past.append(look)
        now = {(one.role, one.symptom): one for role in looks for one in self._symptoms(role, looks)}
        self._held = {key: self._held.get(key, 0) + 1 for key in now}
        return tuple(one for key, one in sorted(now.items()) if self._held[key] >= self._needed(key[1]))

    @staticmethod
    def _needed(symptom: Symptom) -> int:
        # These have been proved over time already, or need no proof.
        return 1 if symptom in (Symptom.FROZEN, Symptom.CLOCK, Symptom.SLOW_USB, Symptom.LOSSY) else _HOLDS

    def _forget(self, role: str) -> None:
        self._past.pop(role, None)
        self._least = {key: value for key, value in self._least.items() if key[0] != role}

    def _symptoms(self, role: str, looks: Mapping[str, Look]) -> list[Finding]:
        look = looks[role]
        others = [one for name, one in looks.items() if name != role]
        found: list[Finding] = []
        if look.depth_share < _NO_DEPTH_SHARE:
            found.append(Finding(role, Symptom.NO_DEPTH, look.depth_share))
        still_s = self._still_s(role, list(looks))
        if still_s is not None:
            found.append(Finding(role, Symptom.FROZEN, still_s))
        late_ms = self._late_ms(role, looks)
        if late_ms > max(_LATE_MS, 500.0 / look.fps):
            found.append(Finding(role, Symptom.LATE, late_ms))
        if look.domain is TimeDomain.DERIVED:
            found.append(Finding(role, Symptom.CLOCK))
        if look.usb.startswith(("1", "2")):
            found.append(Finding(role, Symptom.SLOW_USB, float(look.usb)))
        lost_share = self._lost_share(role)
        if lost_share > _LOSSY:
            found.append(Finding(role, Symptom.LOSSY, lost_share))
        if len(others) >= _OTHERS:
            off = max(_off(look.red, [one.red for one in others]), _off(look.blue, [one.blue for one in others]))
            if off > _TINT:
                found.append(Finding(role, Symptom.TINTED, float(np.expm1(off))))
            usual = statistics.median(one.sharpness for one in others)
            if look.sharpness < _BLUR * usual:
                found.append(Finding(role, Symptom.BLURRED, look.sharpness / usual))
        return found

    def _lost_share(self, role: str) -> float:
        """Return the share of the last seconds' pictures that were lost; before the first look none were."""
        newest = self._past[role][-1]
        first = next(one for one in self._past[role] if newest.arrival_ns - one.arrival_ns <= _LOSSES_NS)
        return (newest.lost - first.lost) / max(newest.number - first.number, newest.fps * _LOSSES_NS * 1e-9)

    def _still_s(self, role: str, roles: list[str]) -> float | None:
        """Return for how long the picture has been the same, ``None`` unless that is long and of this camera alone."""
        same = self._same(role)
        still_ns = same[-1].arrival_ns - same[0].arrival_ns
        if len(same) < _FROZEN_LOOKS or still_ns < _FROZEN_NS:
            return None
        # A host that feeds all of them the same again is no fault of this camera.
        others = [name for name in roles if name != role]
        moving = [name for name in others if 2 * len(self._same(name)) <= len(same)]
        return still_ns * 1e-9 if 2 * len(moving) >= len(others) else None

    def _same(self, role: str) -> list[Look]:
        """Return the newest looks at one and the same picture, the oldest first."""
        past = self._past[role]
        newest = past[-1]
        same: list[Look] = []
        for look in reversed(past):
            frozen_depth = look.depth_mark == newest.depth_mark and newest.depth_share > 0.0
            if look.color_mark != newest.color_mark and not frozen_depth:
                break
            same.append(look)
        return same[::-1]

    def _late_ms(self, role: str, looks: Mapping[str, Look]) -> float:
        """Return how much later than it should the newest frame came, milliseconds."""
        look = looks[role]
        if look.domain in (TimeDomain.GLOBAL, TimeDomain.SYSTEM):
            # One clock for all of them: the others say what is usual.
            others = [one.delay_ms for name, one in looks.items() if name != role and one.domain is look.domain]
            if len(others) >= _OTHERS:
                return look.delay_ms - statistics.median(others)
        least = self._least.setdefault((role, look.domain), look)
        # A clock of its own may run slower than the host's for ever.
        late_ms = look.delay_ms - least.delay_ms - (look.arrival_ns - least.arrival_ns) * 1e-6 * _DRIFT
        if late_ms <= 0.0:
            self._least[role, look.domain] = look
        return max(0.0, late_ms)


def _off(value: float, others: list[float]) -> float:
    """Return how far a logarithm lies from the median of the others, either way; 0 where it is not known."""
    known = [one for one in others if one == one]
    if value != value or len(known) < _OTHERS:
        return 0.0
    return abs(value - statistics.median(known))
