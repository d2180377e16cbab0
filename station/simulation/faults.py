"""Faults on purpose: which there are, and the file that says when each happens on the simulated rig."""

from __future__ import annotations

import enum
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from station.errors import ConfigError
from station.frames import ROLES


class FaultName(enum.StrEnum):
    """What can go wrong on the simulated rig, by the word that stands in a file of faults."""

    UNPLUG = "unplug"
    STALL = "stall"
    """The camera stays connected and sends nothing."""
    DEAD_DEPTH = "dead-depth"
    FROZEN_PICTURE = "frozen-picture"
    """The same picture again and again, with new numbers and times."""
    LATE_FRAMES = "late-frames"
    LOST_FRAMES = "lost-frames"
    """One picture in four gets lost on its way."""
    CLOCK_JUMP = "clock-jump"
    WHITE_BALANCE = "white-balance"
    DIRTY_LENS = "dirty-lens"
    USB_2 = "usb-2"
    """The camera comes back on a slow link."""
    SCALE_SILENT = "scale-silent"
    SCALE_NOISY = "scale-noisy"
    SCALE_GARBAGE = "scale-garbage"
    SCALE_DRIFT = "scale-drift"
    """The zero runs away by 1.2 g a minute."""
    HAND = "hand"
    """An arm reaches over the plate."""
    CABLE = "cable"
    """A cable hangs in over the plate."""

    @property
    def of_scale(self) -> bool:
        """Whether it befalls the scale and not a camera."""
        return self.value.startswith("scale-")

    @property
    def of_plate(self) -> bool:
        """Whether it comes between the plate and all cameras."""
        return self in (FaultName.HAND, FaultName.CABLE)

    @property
    def of_camera(self) -> bool:
        """Whether it befalls one camera, which has to be named."""
        return not (self.of_scale or self.of_plate)


CAMERA_FAULTS = tuple(name for name in FaultName if name.of_camera)
PLATE_FAULTS = tuple(name for name in FaultName if name.of_plate)
SCALE_FAULTS = tuple(name for name in FaultName if name.of_scale)


class Fault(BaseModel):
    """One fault: from second ``at_s`` of the run, for ``for_s`` seconds; ``role`` is its camera, none else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    at_s: Annotated[float, Field(ge=0.0)]
    fault: Annotated[FaultName, Field(strict=False)]
    role: str | None = None
    for_s: Annotated[float, Field(gt=0.0)]

    @model_validator(mode="after")
    def _role_fits(self) -> Self:
        if not self.fault.of_camera and self.role is not None:
            where = place_of(self.fault)
            raise _problem(f'role is "{self.role}", but {self.fault} befalls the {where}; leave role out')
        if self.fault.of_camera and self.role not in ROLES:
            written = "missing" if self.role is None else f'"{self.role}"'
            raise _problem(f"role is {written}; allowed for {self.fault} are {ROLES[0]} to {ROLES[-1]}")
        return self

    @property
    def until_s(self) -> float:
        """Second of the run at which it ends."""
        return self.at_s + self.for_s

    @property
    def place(self) -> str:
        """What it befalls: a camera's role, the scale or the plate."""
        return place_of(self.fault, self.role)


def place_of(fault: FaultName, role: str | None = None) -> str:
    """Return what a fault befalls: the camera's role, ``scale`` or ``plate``."""
    return "scale" if fault.of_scale else "plate" if fault.of_plate else role or ""


def load_faults(path: Path) -> tuple[Fault, ...]:
    """Read a file of faults and return them by their beginning.

    A file named ``.toml`` holds a ``[[faults]]`` table for each fault, any other one a JSON object a line; both with
    the keys ``at_s``, ``fault``, ``role`` (of cameras alone) and ``for_s``. Raises ConfigError with one sentence a line
    for each problem.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file of faults cannot be read: {error}.", where=str(path)) from error
    entries = _from_toml(text, path) if path.suffix.lower() == ".toml" else _from_lines(text, path)
    faults: list[Fault] = []
    problems: list[str] = []
    for place, values in entries:
        try:
            faults.append(_FAULT.validate_python(values))
        except ValidationError as error:
            problems += [f"{path}, {place}: {_sentence(details)}." for details in error.errors()]
    problems += [f"{path}: {sentence}." for sentence in _overlaps(faults)]
    if problems:
        raise ConfigError("\n".join(problems))
    return tuple(sorted(faults, key=lambda one: one.at_s))


_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)


def _from_toml(text: str, path: Path) -> list[tuple[str, Any]]:
    try:
        values = tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"The file of faults is not TOML: {error}.", where=str(path)) from error
    faults = values.pop("faults", [])
    if values or not isinstance(faults, list):
        raise ConfigError("It holds something else than [[faults]] tables.", where=str(path), todo="Take it out.")
    return [(f"fault {number}", one) for number, one in enumerate(cast("list[Any]", faults), start=1)]


def _from_lines(text: str, path: Path) -> list[tuple[str, Any]]:
    entries: list[tuple[str, Any]] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entries.append((f"line {number}", json.loads(line)))
        except (ValueError, RecursionError) as error:
            problems.append(f"{path}, line {number}: this is not a JSON object ({error}).")
    if problems:
        raise ConfigError("\n".join(problems))
    return entries


def _overlaps(faults: Iterable[Fault]) -> list[str]:
    """Return a sentence for each fault that begins while the same one still holds at the same place."""
    found: list[str] = []
    last: dict[tuple[str, FaultName], Fault] = {}
    for fault in sorted(faults, key=lambda one: one.at_s):
        before = last.get((fault.place, fault.fault))
        if before is not None and fault.at_s < before.until_s:
            found.append(
                f"{fault.fault} of {fault.place} begins at {fault.at_s:g} s while the one from {before.at_s:g} s still"
                f" holds until {before.until_s:g} s"
            )
        last[fault.place, fault.fault] = fault
    return found


def _problem(text: str) -> PydanticCustomError:
    # The text is a template to pydantic, whose braces would be filled in.
    return PydanticCustomError("fault", "{text}", {"text": text})


def _sentence(details: ErrorDetails) -> str:
    key = ".".join(str(part) for part in details["loc"])
    match details["type"]:
        case "fault":
            return details["msg"]
        case "extra_forbidden":
            return f"{key} is not a known key; allowed are {', '.join(Fault.model_fields)}"
        case "missing":
            return f"{key} is missing"
        case "enum":
            return f'fault is "{details["input"]}"; allowed are {", ".join(FaultName)}'
        case "greater_than" | "greater_than_equal":
            least = "more than 0" if details["type"] == "greater_than" else "0 or more"
            return f"{key} is {details['input']}; allowed are seconds, {least}"
        case _ if not key:
            return "this is not a table of keys and values"
        case _:
            kind = "text" if key == "role" else "a number of seconds"
            return f"{key} is {details['input']!r}; allowed is {kind}"
