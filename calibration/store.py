"""Calibrations on disk: each in a file of its own that is never changed, and one pointer to the active one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from station.durable_json import write_json
from station.errors import CalibrationError
from station.geometry import RigCalibration

_ACTIVE = "active.json"


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """One stored calibration: its id, when it was made, from what, and whether it is the active one."""

    id: str
    created_at: str
    source: str
    cameras: tuple[str, ...]
    active: bool


class CalibrationStore:
    """The calibrations of a station in one folder.

    ``<id>.json`` is the calibration as :class:`station.geometry.RigCalibration` writes it, ``<id>.report.json`` what
    its solve had to say, ``<id>.pictures`` a folder of pictures that the report shows. ``active.json`` names the active
    one and, newest last, those before it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(
        self,
        calibration: RigCalibration,
        report: Mapping[str, Any] | None = None,
        pictures: Mapping[str, bytes] | None = None,
    ) -> str:
        """Store a calibration and return its id; the same geometry a second time changes nothing.

        ``pictures`` are the contents of the report's pictures by file name. Raises CalibrationError when the folder
        cannot be written.
        """
        path = self._path(calibration.id)
        if path.exists():
            return calibration.id
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if pictures:
                self._pictures(calibration.id).mkdir(exist_ok=True)
            for name, content in (pictures or {}).items():
                (self._pictures(calibration.id) / name).write_bytes(content)
            if report is not None:
                write_json(self._folder / f"{calibration.id}.report.json", report)
            calibration.save(path)
        except OSError as error:
            raise CalibrationError(
                f"The calibration cannot be stored: {error.strerror or error}.", where=str(self._folder)
            ) from error
        return calibration.id

    def holds(self, calibration_id: str) -> bool:
        """Return whether a calibration with exactly this id is stored."""
        return self._path(calibration_id).exists()

    def get(self, calibration_id: str) -> RigCalibration:
        """Return a stored calibration by its id or the beginning of it; raises CalibrationError when there is none."""
        known = [stored for stored in self._ids() if stored.startswith(calibration_id)]
        if calibration_id not in known and len(known) != 1:
            found = "none" if not known else f"{len(known)}: {', '.join(known)}"
            raise CalibrationError(
                f"One calibration whose id begins with {calibration_id!r} was expected, found {found}.",
                where=str(self._folder),
                todo="List them with: station calibrate show.",
            )
        return RigCalibration.load(self._path(calibration_id if calibration_id in known else known[0]))

    def report(self, calibration_id: str) -> dict[str, Any] | None:
        """Return what the solve said, ``None`` when it was not kept; raises CalibrationError when it is damaged."""
        path = self._folder / f"{calibration_id}.report.json"
        return _read(path) if path.exists() else None

    def picture(self, calibration_id: str, name: str) -> bytes | None:
        """Return a picture of a report, ``None`` when it is not there (any more)."""
        folder = self._pictures(calibration_id)
        # The name comes from a file: it must not lead elsewhere.
        return (folder / name).read_bytes() if name in {path.name for path in _files(folder)} else None

    @property
    def active_id(self) -> str | None:
        """Id of the active calibration, ``None`` before the first one was chosen."""
        history = self.history
        return history[-1] if history else None

    @property
    def history(self) -> tuple[str, ...]:
        """Ids that were active, the newest last; raises CalibrationError when the pointer is damaged."""
        path = self._folder / _ACTIVE
        if not path.exists():
            return ()
        data = _read(path)
        history = cast(Any, data.get("history"))
        if not isinstance(history, list) or not all(isinstance(one, str) for one in cast(list[Any], history)):
            raise CalibrationError(
                "The pointer to the active calibration is damaged.",
                where=str(path),
                todo="Choose one anew with: station calibrate use.",
            )
        return tuple(cast(list[str], history))

    def active(self) -> RigCalibration:
        """Return the active calibration; raises CalibrationError when none was chosen."""
        active = self.active_id
        if active is None:
            raise CalibrationError(
                "No calibration is active.", where=str(self._folder), todo="Solve one with: station calibrate solve."
            )
        return self.get(active)

    def use(self, calibration_id: str) -> RigCalibration:
        """Make a stored calibration the active one and return it.

        Raises CalibrationError when it is not stored, or when its world is not the plate: the station would take its
        poses for poses over the plate.
        """
        calibration = self.get(calibration_id)
        calibration.require_plate_world()
        if calibration.id != self.active_id:
            self._point((*self.history, calibration.id))
        return calibration

    def back(self) -> RigCalibration:
        """Return to the calibration that was active before; raises CalibrationError when there was none."""
        history = self.history
        if len(history) < 2:
            raise CalibrationError("There is no earlier calibration to go back to.", where=str(self._folder))
        calibration = self.get(history[-2])
        self._point(history[:-1])
        return calibration

    def listing(self) -> list[StoredCalibration]:
        """Return all stored calibrations, the oldest first; raises CalibrationError when one is damaged."""
        active = self.active_id
        found = [RigCalibration.load(self._path(stored)) for stored in self._ids()]
        return [
            StoredCalibration(one.id, one.created_at, one.source, tuple(sorted(one.cameras)), one.id == active)
            for one in sorted(found, key=lambda one: (one.created_at, one.id))
        ]

    def _ids(self) -> list[str]:
        names = sorted(path.name for path in self._folder.glob("*.json")) if self._folder.is_dir() else []
        return [name.removesuffix(".json") for name in names if name != _ACTIVE and not name.endswith(".report.json")]

    def _path(self, calibration_id: str) -> Path:
        return self._folder / f"{calibration_id}.json"

    def _pictures(self, calibration_id: str) -> Path:
        return self._folder / f"{calibration_id}.pictures"

    def _point(self, history: tuple[str, ...]) -> None:
        write_json(self._folder / _ACTIVE, {"schema": 1, "history": list(history)})


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CalibrationError(f"The file cannot be read: {error}.", where=str(path)) from error
    if not isinstance(data, dict):
        raise CalibrationError("The file does not hold a JSON object.", where=str(path))
    return cast(dict[str, Any], data)
