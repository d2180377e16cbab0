"""From the rig's framesets, or pictures on disk, to the collection: looks, takes what counts, and saves it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from calibration.collecting.collector import Collector
from calibration.collecting.pictures import PictureFolder
from calibration.collecting.sighting import Sighting
from calibration.collecting.watching import Watcher, look_at
from calibration.plate_pose import PLACEMENT
from station.boards import Board, FrameBoard
from station.cameras.supervisor import CameraState, CameraStatus
from station.frames import CameraInfo, ColorImage, FrameSet
from station.geometry import CameraModel


class CameraPictures(Protocol):
    """What a calibration needs of the rig; :class:`station.acquisition.rig.Rig` fulfils it."""

    @property
    def roles(self) -> Sequence[str]:
        """The roles of this rig."""
        ...

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        """What every opened camera says of itself, with its factory intrinsics, by role."""
        ...

    def states(self) -> Mapping[str, CameraStatus]:
        """Return what is known of every camera now, by role."""
        ...

    def next_frameset(
        self, newer_than_ns: int = 0, timeout_s: float = 5.0, *, registered: bool = True
    ) -> FrameSet | None:
        """Return the next frameset captured after ``newer_than_ns``, ``None`` when none came in time."""
        ...


class Taker:
    """Looks for the plate or the board in framesets and takes them into ``collector``, which ``lock`` guards.

    Every method but :attr:`streaming` runs in the session's thread and may raise StationError.
    """

    def __init__(
        self,
        rig: CameraPictures,
        collector: Collector,
        board: Board,
        plate: FrameBoard,
        folder: Path | None,
        lock: threading.RLock,
    ) -> None:
        self.pictures = None if folder is None else PictureFolder(folder)
        self.models: dict[str, CameraModel] = {}
        self._rig = rig
        self._collector = collector
        self._board = board
        self._plate = plate
        self._lock = lock
        self._watcher = Watcher()

    def close(self) -> None:
        """End the threads that search pictures."""
        self._watcher.close()

    @property
    def streaming(self) -> list[str]:
        """The roles whose cameras deliver pictures now."""
        states = self._rig.states()
        return [
            role
            for role in self._rig.roles
            if role in self.models and role in states and states[role].state is CameraState.STREAMING
        ]

    def look_at_plate(self, frameset: FrameSet, now: bool) -> tuple[bool, str]:
        """Look for the plate's frame and take its picture when it is time, or ``now``.

        Returns whether it was taken, and the sentence why it was not although it was asked for.
        """
        self._meet_cameras()
        seen = self._watcher.look(frameset, self._plate, self.models)
        with self._lock:
            due = self._collector.see_plate(frameset.monotonic_ns, frameset.skew_ms, seen, self.streaming)
            sightings = self._collector.usable
        if not sightings or not (due or now):
            return False, "The picture was not taken: no camera sees the plate's frame." if now else ""
        pictures = {role: frame.color for role, frame in frameset.frames.items()}
        if self.pictures is not None:
            self.pictures.remove(PLACEMENT)
            self.pictures.save(PLACEMENT, {role: pictures[role] for role in sightings}, frameset.taken_at)
        self._watcher.set_empty(pictures)
        with self._lock:
            self._collector.take_plate(sightings)
        return True, ""

    def look_at_board(self, frameset: FrameSet, now: bool) -> tuple[bool, str]:
        """Look for the board and take the placement when it is time, or ``now``; returns as :meth:`look_at_plate`."""
        self._meet_cameras()
        seen = self._watcher.look(frameset, self._board, self.models)
        with self._lock:
            due = self._collector.see_board(frameset.monotonic_ns, frameset.skew_ms, seen)
            sightings = self._collector.usable
        if not due and not now:
            return False, ""
        if not self._collector.enough_eyes(sightings):
            return False, self._collector.too_few(sightings) if now else ""
        name = self._collector.next_name()
        if self.pictures is not None:
            self.pictures.save(name, {role: frameset.frames[role].color for role in sightings}, frameset.taken_at)
        with self._lock:
            self._collector.take(name, sightings, frameset.taken_at)
        return True, ""

    def forget(self) -> None:
        """Forget what was seen: the plate is to be photographed anew, so that no picture is of the empty scene."""
        self._watcher.set_empty({})

    def resume(self, said: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Take up the pictures that lie in the folder from before; ``said`` is called after each placement."""
        if self.pictures is None:
            return
        placements = self.pictures.placements()
        if placements:
            self._meet_cameras()
        for placement, dropped in placements.items():
            if stopping():
                return
            self._read(self.pictures, placement, dropped)
            said()

    def _read(self, folder: PictureFolder, placement: str, dropped: bool) -> None:
        board = self._plate if placement == PLACEMENT else self._board
        sightings: dict[str, Sighting] = {}
        pictures: dict[str, ColorImage] = {}
        for role in folder.roles_of(placement):
            picture = folder.read(role, placement)
            if picture is None or role not in self.models:
                continue
            pictures[role] = picture
            model = self.models[role]
            # as it was found when it was taken, else with more care than there was time for then
            for quick in (True, False):
                sighting = look_at(picture, board, role, model, placement, quick=quick).sighting
                if sighting is not None:
                    sightings[role] = sighting
                    break
        if not sightings:
            return
        if placement == PLACEMENT:
            self._watcher.set_empty(pictures)
        with self._lock:
            if placement == PLACEMENT:
                self._collector.take_plate(sightings)
            else:
                self._collector.take(placement, sightings, folder.taken_at(placement), dropped)

    def _meet_cameras(self) -> None:
        """Learn the factory models of cameras that were opened since, and note them beside their pictures."""
        infos = self._rig.infos
        if self.pictures is not None and infos.keys() - self.models.keys():
            self.pictures.begin(self._board.id, infos)
        self.models = {role: info.color for role, info in infos.items()}
