"""The sections of ``station.toml`` as typed, validated, frozen settings; reading the file is config.py's work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from station.boards import FrameBoard
from station.frames import ROLES
from station.geometry import WorkVolume

Role = Literal["cam_01", "cam_02", "cam_03", "cam_04", "cam_05", "cam_06", "cam_07", "cam_08", "cam_09", "cam_10"]
Size = Literal["1280x720", "640x480"]
RigSize = Literal["1280x720", "848x480", "640x480"]
Sync = Literal["default", "master", "slave", "full-slave", "genlock"]
Fps = Literal[6, 15, 30]

RATES: dict[Size, tuple[int, ...]] = {"1280x720": (6, 15), "640x480": (6, 15, 30)}
"""Frame rates at which ten simulated cameras can be rendered and matched; real ones have the budget of their USB."""


Problem = tuple[str, tuple[tuple[str | int, ...], ...]]
"""What is wrong ("is …, allowed is …") and the keys concerned: the one to change, then those it collides with."""


def _contradiction(*problems: Problem) -> PydanticCustomError:
    """Return the error for values that are allowed one by one but not together; keys are below the section."""
    return PydanticCustomError("contradiction", "values that do not go together", {"problems": problems})


def _rate_problems(size: Size, fps: int) -> list[Problem]:
    if fps in RATES[size]:
        return []
    offered = " and ".join(str(rate) for rate in RATES[size])
    return [
        (f"is {fps}, but at {size} ten cameras are simulated at {offered} frames a second only", (("fps",), ("size",)))
    ]


class Section(BaseModel):
    """Base of all sections: frozen, unknown keys refused, numbers not guessed from text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class StationSection(Section):
    """``[station]``: name of the station and where its data lies."""

    name: str = "station"
    data_dir: str = "station-data"
    """Data directory; relative to the configuration file."""
    least_free_gb: Annotated[float, Field(ge=0.1, le=1000)] = 2.0
    """With less free on its disk no capture is taken in, and the station says so."""

    @property
    def least_free_bytes(self) -> int:
        """The same in bytes."""
        return round(self.least_free_gb * 1e9)


class CameraEntry(Section):
    """One ``[[cameras]]``: which device has which place."""

    role: Role
    serial: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{4,32}$", description="4 to 32 letters and digits in quotes")]
    sync: Sync = "default"
    """Its part in hardware synchronisation over the cameras' sync cable."""
    laser: bool | None = None
    """As ``[rig] laser``, for this camera alone."""
    preset: str | None = None
    """As ``[rig] preset``, for this camera alone."""


class DepthSection(Section):
    """``[rig.depth]``: what is done to the depth before it is used; all of it is off by default."""

    min_m: Annotated[float, Field(ge=0, le=10)] | None = None
    """Nearer depth is removed."""
    max_m: Annotated[float, Field(gt=0, le=16)] | None = None
    """Farther depth is removed."""
    temporal: bool = False
    """Average over time; a hole stays a hole."""
    temporal_alpha: Annotated[float, Field(ge=0.01, le=1)] = 0.4
    """Weight of the newest picture."""
    temporal_delta: Annotated[int, Field(ge=1, le=100)] = 20
    """Steps of the depth beyond which a change counts as an edge and is not averaged."""
    hole_filling: Literal["off", "left", "farthest", "nearest"] = "off"

    @model_validator(mode="after")
    def _possible(self) -> DepthSection:
        if self.min_m is not None and self.max_m is not None and self.min_m >= self.max_m:
            sentence = f"is {self.min_m:g}; allowed is less than max_m, {self.max_m:g}"
            raise _contradiction((sentence, (("min_m",), ("max_m",))))
        return self


class RigSection(Section):
    """``[rig]``: stream profile and matching."""

    size: RigSize = "1280x720"
    depth_size: RigSize | None = None
    """Size of the depth; that of the colour when not given."""
    fps: Fps = 6
    tolerance_ms: Annotated[float, Field(gt=0, le=1000)] | None = None
    """How far a frame may lie from the instant of its frameset; half a frame period when not given."""
    deadline_ms: Annotated[float, Field(gt=0, le=5000)] | None = None
    """How long the matcher waits for a late camera; half a second, at least 1.5 frame periods, when not given."""
    stale_after_s: Annotated[float, Field(gt=0, le=60)] = 3.0
    """A camera without a frame for so long is stalled and gets restarted."""
    exposure_us: Annotated[float, Field(ge=1, le=200000)] | None = None
    """Locked colour exposure; automatic when not given."""
    gain: Annotated[float, Field(ge=0, le=128)] | None = None
    """Colour gain that goes with ``exposure_us``; the camera's own default when not given."""
    white_balance_k: Annotated[float, Field(ge=2800, le=6500)] | None = None
    """Locked colour white balance, kelvin; automatic when not given."""
    laser: bool = True
    """The infrared projector that gives smooth surfaces a texture for the depth."""
    laser_power_mw: Annotated[float, Field(ge=0, le=360)] | None = None
    """Power of the projector; the camera's or the preset's own when not given."""
    preset: str | None = None
    """JSON preset of the depth for all cameras; relative to the configuration file."""
    renew_after_h: Annotated[float, Field(ge=0, le=1000)] = 24.0
    """A camera that has streamed for so long is opened anew while nothing is going on; 0 for never."""
    depth: DepthSection = DepthSection()

    @model_validator(mode="after")
    def _possible(self) -> RigSection:
        problems: list[Problem] = []
        period_ms = 1000 / self.fps
        if self.tolerance_ms is not None and self.tolerance_ms >= period_ms:
            sentence = (
                f"is {self.tolerance_ms:g}, which would join different instants;"
                f" allowed is less than a frame period, {period_ms:.0f} ms at {self.fps} fps"
            )
            problems.append((sentence, (("tolerance_ms",), ("fps",))))
        if self.exposure_us is not None and self.exposure_us > period_ms * 1000:
            sentence = f"is {self.exposure_us:g}; allowed is up to a frame period, {period_ms * 1000:.0f} µs"
            problems.append((sentence, (("exposure_us",), ("fps",))))
        if self.gain is not None and self.exposure_us is None:
            problems.append((f"is {self.gain:g}, but exposure_us is off; allowed are both or none", (("gain",),)))
        if problems:
            raise _contradiction(*problems)
        return self


class ScaleLines(Section):
    """``[scale.lines]``: plain lines of a load cell's amplifier; used with ``protocol = "lines"``."""

    pattern: str = r"(?P<value>[+-]?\d+(\.\d+)?)"
    """Regular expression of a whole line; its group ``value`` is the number, a group ``unit`` its unit."""
    kg_per_count: Annotated[float, Field(description="a number other than 0")] = 1e-6
    """Kilograms a count, where the lines name no unit."""
    offset: float = 0.0
    """Counts of the empty plate."""
    window_s: Annotated[float, Field(gt=0, le=10)] = 0.6
    """The weight must stay together for so long to be stable."""
    spread_steps: Annotated[float, Field(gt=0, le=100)] = 3.0
    """And within so many steps."""

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise _contradiction((f'is "{pattern}", which is no regular expression: {error}', ((),))) from error
        if "value" not in groups:
            raise _contradiction((f'is "{pattern}"; it must have a group (?P<value>…) for the number', ((),)))
        return pattern

    @field_validator("kg_per_count")
    @classmethod
    def _weighs(cls, kg_per_count: float) -> float:
        if kg_per_count == 0.0:
            raise _contradiction(("is 0, with which everything would weigh nothing", ((),)))
        return kg_per_count


class ScaleSection(Section):
    """``[scale]``: line and protocol of the load cell."""

    enabled: bool = True
    port: str = "/dev/serial/by-id/usb-scale"
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Literal["none", "even", "odd"] = "none"
    data_bits: Literal[7, 8] = 8
    protocol: Literal["mt-sics", "kcp", "sbi", "lines"] = "mt-sics"
    step_g: Annotated[float, Field(gt=0, le=1000)] = 0.1
    max_kg: Annotated[float, Field(gt=0, le=1000)] = 15.0
    silent_after_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    lines: ScaleLines = ScaleLines()


class PlateSection(Section):
    """``[plate]``: printed frame and work volume, metres."""

    columns: Annotated[int, Field(ge=5, le=60)] = 20
    rows: Annotated[int, Field(ge=5, le=60)] = 16
    square_m: Annotated[float, Field(gt=0, le=0.2)] = 0.024
    work_height_m: Annotated[float, Field(gt=0, le=1.0)] = 0.30

    def frame(self) -> FrameBoard:
        """Return the printed frame; its markers are three quarters of a square."""
        return FrameBoard(
            columns=self.columns, rows=self.rows, square_m=self.square_m, marker_m=round(0.75 * self.square_m, 6)
        )

    def work_volume(self) -> WorkVolume:
        """Return the box above the plate's printed frame."""
        return WorkVolume(
            x=(0.0, self.columns * self.square_m), y=(0.0, self.rows * self.square_m), z=(0.0, self.work_height_m)
        )


class TriggerSection(Section):
    """``[trigger]``: when a part counts as lying still."""

    still_s: Annotated[float, Field(ge=0, le=10)] = 0.3
    """The picture must not have changed for so long."""
    picture_change: Annotated[float, Field(gt=0, le=64)] = 4.0
    """Mean grey level change, in parts of the picture, that counts as motion."""
    part_weight_steps: Annotated[int, Field(ge=1, le=1000)] = 3
    """A load of so many steps of the scale says that something lies on the plate."""


class RecognitionSection(Section):
    """``[recognition]``: model and device."""

    model: str = "demo"
    """``demo`` for the model that ships with the program, else the name of a folder under ``<data_dir>/models``."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    calibration: str | None = None
    """Calibration file that the real rig uses instead of the active one; relative to the data directory."""


class CalibrationSection(Section):
    """``[calibration]``: the watch over the calibration in use."""

    drift_warn_mm: Annotated[float, Field(gt=0, le=20)] = 0.5
    """Distance of a camera from its calibrated place, median of a day, that is warned of."""
    kept_days: Annotated[int, Field(ge=7, le=3650)] = 730
    """Checks older than this are removed."""


GateName = Literal[
    "views",
    "skew",
    "sharpness",
    "burnt",
    "dark",
    "share",
    "inside",
    "depth",
    "stable",
    "weight",
    "duplicate",
    "calibration",
]
"""A quality gate of a capture; ``station.captures.quality_report.Gate`` says what each of them measures."""


class CaptureSection(Section):
    """``[capture]``: plan of a class, quality gates, and what is kept of the operators' answers."""

    positions: Annotated[int, Field(ge=1, le=20)] = 1
    """Training positions of a class, twelve rotations each."""
    valid: Annotated[int, Field(ge=0, le=100)] = 5
    test: Annotated[int, Field(ge=0, le=100)] = 5
    hard: tuple[GateName, ...] = Field(
        default=("views", "skew", "stable", "calibration"), strict=False, description='a list, as ["views", "skew"]'
    )
    """Gates that no reason overrides."""
    max_skew_ms: Annotated[float, Field(gt=0, le=1000)] = 100.0
    min_sharpness: Annotated[float, Field(ge=0, le=1)] = 0.15
    max_burnt: Annotated[float, Field(gt=0, le=1)] = 0.4
    max_dark: Annotated[float, Field(gt=0, le=1)] = 0.4
    min_share: Annotated[float, Field(ge=0, le=1)] = 0.03
    max_cut_views: Annotated[int, Field(ge=0, le=10)] = 3
    min_depth: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of the part's pixels with a depth, for a view to count as one with depth."""
    max_views_without_depth: Annotated[int, Field(ge=0, le=10)] = 0
    max_weight_off: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Share of what the class weighs."""
    max_likeness: Annotated[float, Field(gt=0, le=1)] = 0.985
    keep_answers: Literal["never", "corrections", "all"] = "never"
    keep_per_class: Annotated[int, Field(ge=1, le=10000)] = 20


class InterfaceSection(Section):
    """``[interface]``: language, theme, size."""

    language: Literal["auto", "en", "de"] = "auto"
    theme: Literal["auto", "light", "dark", "contrast"] = "auto"


class SimulationSection(Section):
    """``[simulation]``: the simulated rig."""

    size: Size = "640x480"
    fps: Fps = 15
    seed: Annotated[int, Field(ge=0)] = 0
    """Same seed, same parts, light and camera errors."""

    @model_validator(mode="after")
    def _possible(self) -> SimulationSection:
        if problems := _rate_problems(self.size, self.fps):
            raise _contradiction(*problems)
        return self


class PartsSection(Section):
    """``[parts]``: how a table of parts (CSV) is read by ``station parts import`` and written by ``export``.

    Columns are named by their heading; an empty name is a column that the table does not have.
    """

    number: Annotated[str, Field(min_length=1, description="the heading of a column, in quotes")] = "number"
    name: str = "name"
    tags: str = "tags"
    super_class: str = "super_class"
    weight: str = "weight"
    weight_unit: Literal["kg", "g", "lb"] = "kg"
    """Unit of weights that name none themselves."""
    size: tuple[str, ...] = Field(default=("size",), strict=False, description='["one heading"] or three of them')
    """One column (``300 x 200 x 100``) or three."""
    size_unit: Literal["mm", "cm", "m", "in"] = "mm"
    delimiter: Literal["auto", ";", ",", "tab", "|"] = "auto"
    encoding: Literal["auto", "utf-8", "cp1252", "utf-16"] = "auto"
    decimal: Literal["auto", ",", "."] = "auto"
    """Decimal sign of weights and sizes."""

    @field_validator("size")
    @classmethod
    def _one_or_three(cls, size: tuple[str, ...]) -> tuple[str, ...]:
        if len(size) not in (0, 1, 3):
            raise _contradiction((f"names {len(size)} columns; allowed are none, one or three", ((),)))
        return size


class PrivacySection(Section):
    """``[privacy]``: what is stored of people and their surroundings, and for how long."""

    operators: bool = False
    """Store the operator's code with answers and changes."""
    journal_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """Answers older than this are removed from the journal; 0 keeps them."""
    review_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """Captures that wait for review longer than this are removed; 0 keeps them."""
    trash_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """Captures that lie in the trash longer than this are removed for good; 0 keeps them."""
    blank_outside_volume: bool = False
    """Store captures with everything black that lies outside the work volume."""


class Settings(Section):
    """The whole of ``station.toml``."""

    station: StationSection = StationSection()
    rig: RigSection = RigSection()
    cameras: tuple[CameraEntry, ...] = ()
    scale: ScaleSection = ScaleSection()
    plate: PlateSection = PlateSection()
    trigger: TriggerSection = TriggerSection()
    recognition: RecognitionSection = RecognitionSection()
    calibration: CalibrationSection = CalibrationSection()
    capture: CaptureSection = CaptureSection()
    parts: PartsSection = PartsSection()
    privacy: PrivacySection = PrivacySection()
    interface: InterfaceSection = InterfaceSection()
    simulation: SimulationSection = SimulationSection()

    @field_validator("cameras")
    @classmethod
    def _each_camera_once(cls, cameras: tuple[CameraEntry, ...]) -> tuple[CameraEntry, ...]:
        problems: list[Problem] = []
        for key, values in (("role", [c.role for c in cameras]), ("serial", [c.serial for c in cameras])):
            for index, value in enumerate(values):
                if (first := values.index(value)) != index:
                    sentence = f'is "{value}", which another camera has; allowed is each {key} once'
                    problems.append((sentence, ((index, key), (first, key))))
        masters = [index for index, camera in enumerate(cameras) if camera.sync == "master"]
        for index in masters[1:]:
            sentence = 'is "master", which another camera is; allowed is one'
            problems.append((sentence, ((index, "sync"), (masters[0], "sync"))))
        if problems:
            raise _contradiction(*problems)
        return cameras

    def serials(self) -> dict[str, str]:
        """Return serial by role for the roles that have one, in the rig's order."""
        given = {c.role: c.serial for c in self.cameras}
        return {role: given[role] for role in ROLES if role in given}


def frame_size(size: RigSize) -> tuple[int, int]:
    """Return (width, height) of a profile."""
    width, height = size.split("x")
    return int(width), int(height)


def data_path(settings: Settings, config_folder: Path) -> Path:
    """Return the data directory, relative paths taken from the configuration file's folder."""
    return (config_folder / settings.station.data_dir).resolve()
