"""Where a capture lies in the tree: class, split and number, and the folder that says the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from station.captures.names import folder_name
from station.captures.record import CaptureRecord, Split
from station.errors import DatasetError

ROTATIONS = 12
"""Rotations that a training position has."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Place:
    """A capture's place: ``position`` and ``rotation`` in training, ``number`` in validation and test.

    Validation and test share one range of numbers. Raises DatasetError for a place that cannot be, as a class id that
    is not safe as a folder.
    """

    class_id: str
    split: Split
    position: int | None = None
    rotation: int | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        """Check that it is one place and a safe folder."""
        if folder_name(self.class_id) != self.class_id:
            raise DatasetError(f"The class id {self.class_id!r} is not in Unicode's composed form (NFC).")
        given = (self.position, self.rotation, self.number)
        wanted = (True, True, False) if self.split == "train" else (False, False, True)
        if tuple(value is not None for value in given) != wanted or any(v is not None and v < 0 for v in given):
            raise DatasetError(
                f"There is no place {given} in the split {self.split!r}.",
                todo="Training has position and rotation, validation and test have a number; none is below 0.",
            )

    @property
    def folder(self) -> str:
        """The capture's folder relative to the tree, with forward slashes."""
        numbers = [self.position, self.rotation] if self.split == "train" else [self.number]
        return "/".join(["sets", self.class_id, f"{self.split}_data", *map(str, numbers)])

    @staticmethod
    def from_folder(folder: str | PurePosixPath) -> Place | None:
        """Return the place that a folder, relative to the tree, stands for; ``None`` when it is no capture's place."""
        match PurePosixPath(folder).parts:
            case ("sets", class_id, "train_data", position, rotation):
                numbers = (position, rotation)
            case ("sets", class_id, "valid_data" | "test_data", number):
                numbers = (number,)
            case _:
                return None
        if not all(_NUMBER.fullmatch(number) for number in numbers):
            return None
        try:
            if len(numbers) == 2:
                return Place(class_id, "train", position=int(numbers[0]), rotation=int(numbers[1]))
            split: Split = "valid" if PurePosixPath(folder).parts[2] == "valid_data" else "test"
            return Place(class_id, split, number=int(numbers[0]))
        except DatasetError:
            return None

    @staticmethod
    def of(record: CaptureRecord) -> Place | None:
        """Return the place that a record names, ``None`` when it names none (it waits for review)."""
        try:
            return Place(record.class_id, record.split, record.position, record.rotation, record.set_number)
        except DatasetError:
            return None

    def label(self) -> dict[str, str | int | None]:
        """Return the fields of a record that repeat the place."""
        return {
            "class_id": self.class_id,
            "split": self.split,
            "position": self.position,
            "rotation": self.rotation,
            "set_number": self.number,
        }
