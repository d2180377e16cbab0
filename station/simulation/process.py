"""The render process: it alone knows what lies on the plate, and draws what the cameras see of it."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from station.errors import StationError
from station.frames import ROLES, ColorImage, DepthImage
from station.geometry import Array, Pose, RigCalibration
from station.settings import Size
from station.simulation.held_board import between
from station.simulation.live_messages import Intruder, Message, receive, send
from station.simulation.live_pictures import PictureLayout, PictureStore

_MOTION_S = 0.3
"""About how long a part is seen on its way; a slow machine shows fewer pictures of it."""

_FROM_M = (-0.08, -0.06, 0.16)
"""A board comes into the rig from there, seen from the place where it will be held."""


class Painter(Protocol):
    """Knows the scene and paints it; lives in the render process alone."""

    calibration: RigCalibration
    """The geometry to hand over."""

    @property
    def load(self) -> tuple[float, float, float]:
        """Weight of all that lies there, kg, and its centre on the plate, metres."""
        ...

    def place(
        self, class_id: str, seed: int, add: bool, at: tuple[float, float] | None, weight_kg: float | None
    ) -> None:
        """Put a part down; raises StationError when it does not know the class."""
        ...

    def turn(self, degrees: float) -> None:
        """Turn the part that came last about its upright axis."""
        ...

    def clear(self) -> None:
        """Take all parts away."""
        ...

    def put_tray(self, there: bool) -> None:
        """Put a tray on the plate instead of the parts, or take it away with them."""
        ...

    @property
    def hand(self) -> Pose | None:
        """Where the board is held, board → world; ``None`` without one."""
        ...

    def hold(self, board_id: str, pose: Pose) -> None:
        """Hold a board at ``pose``, board → world; raises StationError when it cannot be held."""
        ...

    def let_go(self) -> None:
        """Take the held board away."""
        ...

    def reach_in(self, kind: Intruder, tip: tuple[float, float, float]) -> None:
        """Let an arm or a cable reach over the plate, its end at ``tip``, metres."""
        ...

    def withdraw(self, kind: Intruder | None) -> None:
        """Take away an arm, a cable, or with ``None`` all that reaches over the plate."""
        ...

    def knock(self, role: str, shift_m: Array, turn_deg: Array) -> None:
        """Move and turn a camera."""
        ...

    def truth(self) -> Mapping[str, Any]:
        """Return what lies there, as JSON."""
        ...

    def draw(self, role: str, away: float) -> None:
        """Draw the scene for a camera, the newest part ``away`` of its way (0 lying, towards 1 farther off)."""
        ...

    def expose(self, role: str, variant: int, color: ColorImage, depth: DepthImage) -> None:
        """Take one picture of what was drawn, with fresh noise, into the given arrays."""
        ...


class _Process:
    def __init__(self, connection: Connection, store: PictureStore, painter: Painter) -> None:
        self._connection = connection
        self._store = store
        self._painter = painter
        self._pending: deque[Message] = deque()
        self._slot = 0
        self._scene = 0
        self._variants = 0
        self._draw_s = 0.0
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="render")

    def run(self) -> None:
        """Draw the empty plate, then do what is asked until the pipe closes."""
        send(self._connection, "hello", calibration=self._painter.calibration.to_json())
        self._publish()
        try:
            while True:
                self._handle(self._next())
        finally:
            self._pool.shutdown()

    def _next(self) -> Message:
        """Return the next request; paint more variants of the noise while there is none."""
        while not self._pending and not self._connection.poll(0) and self._variants < self._store.layout.variants:
            self._expose(self._variants)
            self._variants += 1
            send(self._connection, "more", scene=self._scene, variants=self._variants)
        return self._pending.popleft() if self._pending else receive(self._connection)

    def _handle(self, message: Message) -> None:
        try:
            match message["say"]:
                case "shown":
                    return
                case "truth":
                    self._answer(message, truth=self._painter.truth())
                case "place":
                    at = message["at"]
                    self._painter.place(
                        message["class_id"],
                        message["seed"],
                        message["add"],
                        None if at is None else (at[0], at[1]),
                        message["weight_kg"],
                    )
                    steps = self._steps() if message["moving"] else 0
                    self._answer(message, scene=self._scene + steps + 1)
                    for step in range(steps, 0, -1):
                        self._publish(away=step / (steps + 1))
                    self._tell_load()
                    self._publish()
                case "turn":
                    self._painter.turn(message["degrees"])
                    self._answer(message, scene=self._scene + 1)
                    self._publish()
                case "clear":
                    steps = self._steps() if message["moving"] else 0
                    self._answer(message, scene=self._scene + steps + 1)
                    for step in range(1, steps + 1):
                        self._publish(away=step / (steps + 1))
                    self._painter.clear()
                    self._tell_load()
                    self._publish()
                case "tray":
                    self._painter.put_tray(message["there"])
                    self._answer(message, scene=self._scene + 1)
                    self._tell_load()
                    self._publish()
                case "hold":
                    self._hold(message)
                case "let_go":
                    self._painter.let_go()
                    self._answer(message, scene=self._scene + 1)
                    self._publish()
                case "reach_in":
                    x, y, z = message["tip"]
                    self._painter.reach_in(message["kind"], (x, y, z))
                    self._answer(message, scene=self._scene + 1)
                    self._publish()
                case "withdraw":
                    self._painter.withdraw(message["kind"])
                    self._answer(message, scene=self._scene + 1)
                    self._publish()
                case "knock":
                    self._painter.knock(message["role"], np.array(message["shift_m"]), np.array(message["turn_deg"]))
                    self._answer(message, scene=self._scene + 1)
                    self._publish()
                case other:
                    self._answer(message, refused=f"The render process does not know the word {other!r}.")
        except StationError as error:
            self._answer(message, refused=str(error))

    def _hold(self, message: Message) -> None:
        """Bring a board to its place, from where it was held before or from above."""
        board_id, pose = message["board"], Pose.from_matrix(np.array(message["pose"]).reshape(3, 4))
        start = self._painter.hand or Pose(pose.rotation, pose.translation + np.asarray(_FROM_M))
        self._painter.hold(board_id, pose)
        steps = self._steps() if message["moving"] else 0
        self._answer(message, scene=self._scene + steps + 1)
        for step in range(steps, 0, -1):
            self._painter.hold(board_id, between(pose, start, step / (steps + 1)))
            self._publish()
        self._painter.hold(board_id, pose)
        self._publish()

    def _answer(self, message: Message, **values: Any) -> None:
        send(self._connection, "answer", request=message["request"], **values)

    def _steps(self) -> int:
        return max(1, min(6, round(_MOTION_S / max(self._draw_s, 0.01))))

    def _tell_load(self) -> None:
        kg, x, y = self._painter.load
        send(self._connection, "load", kg=kg, x=x, y=y)

    def _publish(self, away: float = 0.0) -> None:
        """Draw the scene into the slot that nobody looks at, have it shown, and wait until it is."""
        begun = time.monotonic()
        self._slot = 1 - self._slot

        def draw(role: str) -> None:
            self._painter.draw(role, away)

        list(self._pool.map(draw, ROLES))
        self._expose(0)
        self._draw_s = time.monotonic() - begun
        self._scene += 1
        self._variants = 1
        send(self._connection, "show", slot=self._slot, scene=self._scene)
        while (message := receive(self._connection))["say"] != "shown":
            self._pending.append(message)

    def _expose(self, variant: int) -> None:
        def one(camera: int) -> None:
            role = ROLES[camera]
            color = self._store.color(self._slot, camera, variant)
            depth = self._store.depth(self._slot, camera, variant)
            self._painter.expose(role, variant, color, depth)

        list(self._pool.map(one, range(len(ROLES))))


def run(connection: Connection, pictures: str, layout: PictureLayout, size: Size, seed: int) -> None:
    """Serve until the other end of ``connection`` closes; the target of the render process.

    ``pictures`` is the file of the shared pictures, ``layout`` its layout; ``seed`` decides rig and workshop.
    """
    # Ctrl-C belongs to the station, which closes the pipe when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Imported here: the station's own process needs neither the renderer nor what it takes to load it.
    from station.simulation.live_scene import LiveScene

    try:
        try:
            _Process(connection, PictureStore(Path(pictures), layout), LiveScene(size, seed)).run()
        except StationError as error:
            send(connection, "failed", message=str(error))
    except (EOFError, OSError):
        return
    finally:
        connection.close()
