"""What a solve leaves behind beside the calibration: the stored ``<id>.report.json``, versioned and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from station.errors import CalibrationError

SCHEMA = 1


class _Value(BaseModel):
    """Frozen; what a later version adds is passed over, what an earlier one lacked has a default."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class CameraFigures(_Value):
    """One camera's figures; the bounds are 95 % bounds against the fixed frame, mm and degrees."""

    position_mm_95: float
    rotation_deg_95: float
    views: int
    p50_px: float
    p95_px: float


class IntrinsicsFigures(_Value):
    """What the pictures say of the given intrinsics; ``focal_change`` is relative, by role."""

    doubted: bool
    statistic: float
    freedom: int
    focal_change: dict[str, float]


class ScaleFigures(_Value):
    """What the pictures say of a board's squares: larger than stated by this share, with its standard deviation."""

    board: str
    change: float
    deviation: float
    doubted: bool


class FindingFigures(_Value):
    """One sentence of the solve and what it is about; ``views`` are (placement, role)."""

    kind: str
    text: str
    roles: tuple[str, ...] = ()
    views: tuple[tuple[str, str], ...] = ()


class CoverageFigures(_Value):
    """What one camera saw of the boards.

    ``corners`` counts corners in a grid over its picture, (rows, columns), the first row at the top; ``tilts_deg`` and
    ``distances_m`` are the least and the largest.
    """

    views: int
    corners: tuple[tuple[int, ...], ...]
    tilts_deg: tuple[float, float]
    distances_m: tuple[float, float]


class PairFigures(_Value):
    """How many placements two cameras share."""

    first: str
    second: str
    placements: int


class HeldOutFigures(_Value):
    """Errors on placements that the solve did not use: mm on the board, px in the pictures; ``by_role`` in mm.

    ``triangulated_mm`` compares triangulated corners with the printed board: shape and scale alone.
    """

    rms_mm: float
    p95_mm: float
    rms_px: float
    by_role: dict[str, float]
    placements: int
    points: int
    triangulated_mm: float | None = None


class MotionFigures(_Value):
    """How far a camera moved between two calibrations."""

    moved_mm: float
    turned_deg: float


class ComparisonFigures(_Value):
    """This calibration beside the one that was active when it was solved."""

    before_id: str
    cameras: dict[str, MotionFigures]
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()


class RefusedFigures(_Value):
    """A picture in which no usable board was found, and why."""

    role: str
    placement: str
    reason: str


class WorstView(_Value):
    """A view with large errors: where its corners were found and where the solved rig expects them, px.

    ``picture`` is a file among the calibration's pictures, empty where none was kept; it shows ``region`` (x, y, width,
    height in px of the camera's picture).
    """

    placement: str
    role: str
    rms_px: float
    detected: tuple[tuple[float, float], ...]
    expected: tuple[tuple[float, float], ...]
    region: tuple[float, float, float, float]
    picture: str = ""


class SolveReport(_Value):
    """Everything that a solve has to say; all lengths in the unit that the name carries.

    ``fixed`` is what the world lies on: the placement ``plate`` or a camera's role. ``boards`` are ids.
    ``refined`` says whether the intrinsics were solved along. ``opencv_apart_mm`` is by role how far OpenCV's own solve
    stands from this one, ``None`` where it was not asked.
    """

    version: Literal[1] = Field(default=SCHEMA, alias="schema")
    fixed: str
    rms_px: float
    noise_px: float
    corners: int
    placements: int
    seconds: float
    cameras: dict[str, CameraFigures]
    intrinsics: IntrinsicsFigures | None = None
    refined: bool = False
    board_scales: tuple[ScaleFigures, ...] = ()
    findings: tuple[FindingFigures, ...] = ()
    boards: tuple[str, ...] = ()
    coverage: dict[str, CoverageFigures] = Field(default_factory=dict[str, CoverageFigures])
    pairs: tuple[PairFigures, ...] = ()
    held_out: HeldOutFigures | None = None
    opencv_apart_mm: dict[str, float] | None = None
    comparison: ComparisonFigures | None = None
    refused: tuple[RefusedFigures, ...] = ()
    worst: tuple[WorstView, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self.model_dump(mode="json", by_alias=True)

    @staticmethod
    def from_json(data: Mapping[str, Any], where: str) -> SolveReport:
        """Rebuild a report; raises CalibrationError that names the first wrong value."""
        version = data.get("schema", SCHEMA)
        if isinstance(version, int) and version > SCHEMA:
            raise CalibrationError(
                f"The solve's report is of version {version}, this program knows versions up to {SCHEMA}.",
                where=where,
                todo="Use the newer program that wrote it.",
            )
        try:
            return SolveReport.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise CalibrationError(
                f"The solve's report cannot be read: {place}: {first['msg']}.",
                where=where,
                todo="The calibration itself can still be used and exported.",
            ) from error
