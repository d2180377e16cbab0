"""What is kept of a capture beside its pictures: ``capture.json``, schema 2, and the reading of what came before it.

The folder is the label. The record repeats it, with everything that the MVIP layout has no place for, and is brought
in line when the folder moves. Schema 1 is what ``station simulate`` wrote at first: label, weight, size and serials.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from station.errors import DatasetError
from station.frames import FrameSet, TimeDomain

RECORD_FILE = "capture.json"
SCHEMA = 2
"""Version of ``capture.json``; schema 1 is read, a higher one is refused."""

Split = Literal["train", "valid", "test"]
Origin = Literal["rig", "simulation", "import"]
KeptFrom = Literal["capture_page", "answer"]
LabelSource = Literal["chosen", "confirmed", "corrected", "relabelled", "simulated", "imported"]
"""Who says the class: the capture page, an operator's answer, somebody later, the simulator, an imported tree."""

Setting = bool | int | float | str | None

_ID = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,79}$"
_SHA256 = r"^[0-9a-f]{64}$"
_PLAIN_NAME = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]*")


def _plain_path(name: str) -> str:
    if not all(_PLAIN_NAME.fullmatch(part) for part in name.split("/")):
        raise ValueError(f"{name!r} is no plain relative path")
    return name


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


CaptureId = Annotated[str, StringConstraints(pattern=_ID)]
"""An id can be the name of a folder."""
Sha256 = Annotated[str, StringConstraints(pattern=_SHA256)]
FileName = Annotated[str, AfterValidator(_plain_path)]
"""A file's path relative to the capture's folder, with forward slashes."""
UtcTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class _Value(BaseModel):
    # What a hand or a later program added to the file is kept when the record is written again.
    model_config = ConfigDict(
        frozen=True, extra="allow", allow_inf_nan=False, validate_by_name=True, validate_by_alias=True
    )


class Override(_Value):
    """A quality gate that somebody overrode, and why."""

    gate: str
    reason: str


class FrameStamp(_Value):
    """When one camera's frame was taken.

    ``number`` and ``device_time_ms`` are the camera's own; ``arrival_ms`` is the arrival at the host relative to the
    newest frame's, so never above 0.
    """

    number: int
    device_time_ms: float
    time_domain: TimeDomain
    arrival_ms: float


class SimulatedPlacement(_Value):
    """How the simulated part lay: resting pose, place on the plate (m), turn (rad), scale and seed of its surface."""

    pose: int
    x: float
    y: float
    yaw: float
    scale: float
    surface_seed: int


class SimulatedTruth(_Value):
    """What only the simulator knows; ``size_true_m`` are the part's true edges in metres, longest first."""

    seed: int | None = None
    room: int | None = None
    size_true_m: tuple[float, float, float] | None = None
    placement: SimulatedPlacement | None = None


class CaptureRecord(_Value):
    """The content of ``capture.json``; kilograms, metres, UTC.

    ``class_id`` is the class's folder. ``position`` and ``rotation`` are the place of a training capture,
    ``set_number`` that of a validation or test capture; all ``None`` in the review queue. ``weight_stable`` says
    whether the scale was at rest, ``size_m`` is the measured size, longest edge first. ``distortion`` is (k1, k2, p1,
    p2, k3) by role, ``settings`` the camera's options and profile by role. ``depth_dead`` names roles whose depth
    shows nothing. ``doubts`` are the quality gates that warned and that nobody has overridden so far, as in the review
    queue. ``training_weight`` says how much the capture counts in training. ``blanked`` says that the pictures
    show the work volume alone. ``files`` is the SHA-256 of every file but this one and what is derived (HHA), and
    ``content_hash`` sums them up; both are empty in captures from before schema 2. ``trashed_at`` stands in captures
    that lie in the trash.
    """

    schema_version: Literal[2] = Field(default=SCHEMA, validation_alias="schema", serialization_alias="schema")
    capture_id: CaptureId
    class_id: str = Field(validation_alias="class", serialization_alias="class")
    split: Split
    position: Annotated[int, Field(ge=0)] | None = None
    rotation: Annotated[int, Field(ge=0)] | None = None
    set_number: Annotated[int, Field(ge=0)] | None = None
    origin: Origin
    kept_from: KeptFrom | None = None
    label_source: LabelSource | None = None
    operator: str | None = None
    taken_at: UtcTime | None = None
    weight_kg: float | None = None
    weight_stable: bool = False
    size_m: tuple[float, float, float] | None = None
    serials: Mapping[str, str] = Field(default_factory=dict[str, str])
    firmware: Mapping[str, str] = Field(default_factory=dict[str, str])
    distortion: Mapping[str, tuple[float, float, float, float, float]] = Field(
        default_factory=dict[str, tuple[float, float, float, float, float]]
    )
    settings: Mapping[str, Mapping[str, Setting]] = Field(default_factory=dict[str, Mapping[str, Setting]])
    frame_times: Mapping[str, FrameStamp] = Field(default_factory=dict[str, FrameStamp])
    skew_ms: float | None = None
    missing: tuple[str, ...] = ()
    depth_dead: tuple[str, ...] = ()
    calibration_id: str | None = None
    quality: Mapping[str, float] = Field(default_factory=dict[str, float])
    doubts: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    training_weight: float = Field(default=1.0, ge=0.0)
    blanked: bool = False
    software: str | None = None
    simulation: SimulatedTruth | None = None
    trashed_at: UtcTime | None = None
    files: Mapping[FileName, Sha256] = Field(default_factory=dict[str, str])
    content_hash: Sha256 | Literal[""] = ""

    @property
    def size_true_m(self) -> tuple[float, float, float] | None:
        """True edges of a simulated part in metres, longest first."""
        return self.simulation.size_true_m if self.simulation else None

    def to_bytes(self) -> bytes:
        """Return the file's content: indented JSON, UTF-8; what is not known is left out."""
        data = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False).encode("utf-8")

    @staticmethod
    def from_bytes(content: bytes, where: str, folder: Path | None = None) -> CaptureRecord:
        """Read the file's content, of any known schema; ``where`` names the file in errors.

        A record of schema 1 has no id: it gets one made of its content and of the names of ``folder`` below ``sets``.
        Raises DatasetError when it is damaged or of a schema that this program does not know.
        """
        try:
            data = json.loads(content)
            if not isinstance(data, dict):
                raise ValueError("it is no JSON object")
        except ValueError as error:
            raise DatasetError(
                f"The capture's record cannot be read: {error}.", where=where, todo="Remove it or restore it."
            ) from error
        fields = cast("dict[str, Any]", data)
        schema = fields.get("schema", 1)
        if isinstance(schema, int) and schema > SCHEMA:
            raise DatasetError(
                f"The capture's record has schema {schema}, this program knows schemas up to {SCHEMA}.",
                where=where,
                todo="Use the newer program that wrote it.",
            )
        try:
            if schema == 1:
                fields = _from_schema_1(fields, content, folder)
            return CaptureRecord.model_validate(fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in first["loc"])
            raise _wrong_value(f"{place}: {first['msg']}", where) from error
        except (AttributeError, TypeError, ValueError) as error:
            raise _wrong_value(str(error), where) from error


def read_capture_record(path: Path) -> CaptureRecord | None:
    """Read ``capture.json`` of a capture's folder; ``None`` when there is none.

    Raises DatasetError when it is damaged or of a newer program.
    """
    file = path / RECORD_FILE
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DatasetError(
            f"The capture's record cannot be read: {error}.", where=str(file), todo="Remove it or restore it."
        ) from error
    return CaptureRecord.from_bytes(content, str(file), path)


def content_hash(files: Mapping[str, str]) -> str:
    """Return the SHA-256 that sums up a capture: over the lines ``name sha256``, by name, each ended by a line feed."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def frame_stamps(frameset: FrameSet) -> dict[str, FrameStamp]:
    """Return when each frame of a frameset was taken, by role."""
    newest = max((frame.arrival_ns for frame in frameset.frames.values()), default=0)
    return {
        role: FrameStamp(
            number=frame.number,
            device_time_ms=frame.device_time_ms,
            time_domain=frame.time_domain,
            arrival_ms=(frame.arrival_ns - newest) / 1e6,
        )
        for role, frame in frameset.frames.items()
    }


def _from_schema_1(data: Mapping[str, Any], content: bytes, folder: Path | None) -> dict[str, Any]:
    """Return the fields of a schema-1 record as those of schema 2; what it does not say is taken from the folder."""
    names = _label_names(folder.absolute().parts if folder else ())
    edges, weight, taken_at = data.get("size_true_m"), data.get("weight_kg"), data.get("taken_at")
    placement = data.get("placement")
    numbers = [int(name) for name in names[2:] if name.isdigit()]
    split = data.get("split") or (names[1].removesuffix("_data") if len(names) > 1 else "train")
    trained = split == "train"
    return {
        "capture_id": "v1-" + hashlib.sha256(content + "/".join(names).encode()).hexdigest()[:24],
        "class": data.get("class") or (names[0] if names else ""),
        "split": split,
        "position": numbers[0] if trained and len(numbers) == 2 else None,
        "rotation": numbers[1] if trained and len(numbers) == 2 else None,
        "set_number": numbers[0] if not trained and len(numbers) == 1 else None,
        "origin": data.get("origin") or "import",
        "label_source": "simulated" if data.get("origin") == "simulation" else "imported",
        "taken_at": None if taken_at is None else datetime.fromisoformat(taken_at).astimezone(UTC),
        "weight_kg": None if weight is None else float(weight),
        "weight_stable": bool(data.get("weight_stable", weight is not None)),
        "serials": {str(role): str(serial) for role, serial in data.get("serials", {}).items()},
        "depth_dead": tuple(data.get("depth_dead", ())),
        "simulation": {
            "seed": data.get("seed"),
            "room": data.get("room"),
            "size_true_m": None if edges is None else _three_edges(edges),
            "placement": placement,
        }
        if {"seed", "room", "size_true_m", "placement"} & data.keys()
        else None,
    }


def _label_names(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the folder names from the class on: (class, split folder, numbers …), empty outside a tree."""
    names = tuple(parts)
    for index in range(len(names) - 1, 0, -1):
        if names[index].removesuffix("_data") in ("train", "valid", "test") and names[index].endswith("_data"):
            return names[index - 1 :]
    return ()


def _three_edges(values: Any) -> tuple[float, float, float]:
    longest, middle, shortest = sorted((float(value) for value in values), reverse=True)
    return longest, middle, shortest


def _wrong_value(said: str, where: str) -> DatasetError:
    return DatasetError(
        f"The capture's record has a value of the wrong kind: {said}.", where=where, todo="Restore the file."
    )
