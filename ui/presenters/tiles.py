"""The ten live views: which camera streams, which is missing or blind in depth, and every part's square in each."""

from __future__ import annotations

import numpy as np

from station.cameras.supervisor import CameraState
from station.frames import Frame
from station.results import PartLocation, Square
from station.workflow.status import PartStatus
from ui.presenters.operator_view import TileState, TileView
from ui.presenters.sources import CameraDoor
from ui.presenters.wording import Wording

DEPTH_SAMPLING = 24
"""Every so many pixels of a depth image are looked at."""

LEAST_DEPTH_SHARE = 0.05
"""A depth image with a smaller share of measured pixels counts as dead."""

_SHOWN = frozenset({CameraState.STARTING, CameraState.STREAMING, CameraState.ENDED})


class Tiles:
    """Makes the tiles; remembers per camera only what the newest frame's depth looked like."""

    def __init__(self, cameras: CameraDoor) -> None:
        self._cameras = cameras
        self._depth: dict[str, tuple[int, bool]] = {}

    def views(self, status: PartStatus, words: Wording) -> tuple[TileView, ...]:
        """Return the tiles in the rig's order."""
        states = self._cameras.states()
        location = status.part.location if status.part else None
        tiles: list[TileView] = []
        for role in self._cameras.roles:
            camera = states[role].state
            state = self._state(role, camera)
            if state is TileState.LIVE and location is not None and role in location.views_without_depth:
                state = TileState.NO_DEPTH
            squares = _squares(location, role) if location is not None else ()
            text = camera_state_text(camera, words)
            if state is TileState.NO_DEPTH:
                text = words.translate("Tiles", "No depth")
            elif state is TileState.WAITING:
                text = words.translate("Tiles", "Starting")
            tiles.append(TileView(role, role_label(role), state, text, squares))
        return tuple(tiles)

    def _state(self, role: str, camera: CameraState) -> TileState:
        if camera not in _SHOWN:
            return TileState.MISSING
        frame = self._cameras.preview(role)
        if camera is CameraState.STARTING or frame is None:
            return TileState.WAITING
        number, alive = self._depth.get(role, (-1, True))
        if frame.number != number:
            alive = _depth_alive(frame)
            self._depth[role] = (frame.number, alive)
        return TileState.LIVE if alive else TileState.NO_DEPTH


def _squares(location: PartLocation, role: str) -> tuple[Square, ...]:
    """Return the square of the part in this view, or of each of several."""
    if location.each:
        return tuple(squares[role] for squares in location.each if role in squares)
    return (location.roi[role],) if role in location.roi else ()


def camera_state_text(state: CameraState, words: Wording) -> str:
    """Return a camera's state in a word; nothing for one that streams."""
    translate = words.translate
    return {
        CameraState.STARTING: translate("Tiles", "Starting"),
        CameraState.STALLED: translate("Tiles", "No picture"),
        CameraState.RECONNECTING: translate("Tiles", "Reconnecting"),
        CameraState.FAILED: translate("Tiles", "Missing"),
        CameraState.STOPPED: translate("Tiles", "Stopped"),
    }.get(state, "")


def role_label(role: str) -> str:
    """Return the place of a role as people say it: ``cam_03`` is ``3``."""
    return role.removeprefix("cam_").lstrip("0") or role


def _depth_alive(frame: Frame) -> bool:
    sample = frame.depth[::DEPTH_SAMPLING, ::DEPTH_SAMPLING]
    return bool(np.count_nonzero(sample) >= LEAST_DEPTH_SHARE * sample.size)
