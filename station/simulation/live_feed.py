"""The thread that plays the light: it gives every simulated camera its next picture in time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from station.cameras.simulated import SimulatedCamera
from station.errors import SimulationError
from station.simulation.camera_faults import CameraFaults, Exposed
from station.simulation.live_messages import Message, receive, send
from station.simulation.live_pictures import PictureStore

_log = logging.getLogger(__name__)

_BEHIND_S = 0.5
"""A feed that is so late starts its schedule anew instead of hurrying."""
_PHASE_S = 0.0008
"""The cameras are not synchronised: each exposes so much after the one before."""


class PictureFeed:
    """Pushes the scene on show into the cameras at their frame rate and hears what the render process says.

    A scene has one to several variants of noise, shown in turn; a picture may be shown again, a frame number never.
    ``on_load(kg, x, y)`` is told when something comes to lie on the plate (metres), in this thread. ``faults`` stand
    between the light and the cameras.
    """

    def __init__(
        self,
        connection: Connection,
        store: PictureStore,
        cameras: Sequence[SimulatedCamera],
        fps: int,
        on_load: Callable[[float, float, float], None],
        faults: CameraFaults | None = None,
    ) -> None:
        self._faults = faults or CameraFaults()
        self._connection = connection
        self._sending = threading.Lock()
        self._store = store
        self._cameras = tuple(cameras)
        self._period_s = 1.0 / fps
        self._on_load = on_load
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._slot: int | None = None
        self._scene = 0
        self._shown_scene = 0
        self._variants = 1
        self._answers: dict[int, Message] = {}
        self._failure: SimulationError | None = None
        self._thread = threading.Thread(target=self._run, name="sim-feed")

    def start(self) -> None:
        """Begin to push and to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and join the thread; raises SimulationError when it does not end."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(10.0)
            if self._thread.is_alive():
                raise SimulationError(
                    "The thread that feeds the simulated cameras does not end.",
                    where="simulation",
                    todo="Restart the program.",
                )

    def send(self, say: str, **values: Any) -> None:
        """Say something to the render process, from any thread; raises OSError when it is gone."""
        with self._sending:
            send(self._connection, say, **values)

    def wait_shown(self, scene: int, timeout_s: float) -> None:
        """Wait until every camera was given a picture of ``scene`` or a later one; raises SimulationError."""
        self._wait_for(lambda: self._shown_scene >= scene, timeout_s, "did not draw the scene")

    def wait_answer(self, request: int, timeout_s: float) -> Message:
        """Wait for the answer to a request and return it; raises SimulationError when there is none or a refusal."""
        self._wait_for(lambda: request in self._answers, timeout_s, "did not answer")
        answer = self._answers.pop(request)
        if "refused" in answer:
            raise SimulationError(str(answer["refused"]), where="simulation")
        return answer

    def _wait_for(self, ready: Callable[[], bool], timeout_s: float, failing: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: ready() or self._failure is not None, timeout_s)
            if ready():
                return
            raise self._failure or SimulationError(
                f"The render process {failing} within {timeout_s:g} s.", where="simulation", todo="Start again."
            )

    def _run(self) -> None:
        due = time.monotonic()
        to_utc = time.time() - due
        tick = 0
        try:
            while not self._stopping.is_set():
                self._listen(due)
                if time.monotonic() < due:
                    continue
                self._show(tick, due + to_utc)
                tick += 1
                due += self._period_s
                if time.monotonic() - due > _BEHIND_S:
                    due = time.monotonic()
        except (EOFError, OSError) as error:
            self._fail(f"The render process ended by itself ({error!r}).")
        except Exception as error:
            # Whoever waits for a scene must hear of it at once, and not after three minutes.
            _log.exception("The feed of the simulated cameras met a fault")
            self._fail(f"The simulated cameras cannot be fed: {error!r}.")

    def _fail(self, what: str) -> None:
        with self._changed:
            self._failure = SimulationError(what, where="simulation", todo="Start the simulated rig again.")
            self._changed.notify_all()

    def _listen(self, until: float) -> None:
        if wait([self._connection], max(0.0, until - time.monotonic())):
            message = receive(self._connection)
            with self._changed:
                self._hear(message)
                self._changed.notify_all()

    def _hear(self, message: Message) -> None:
        match message["say"]:
            case "show":
                self._slot, self._scene, self._variants = message["slot"], message["scene"], 1
                self.send("shown", slot=self._slot)
            case "more":
                if message["scene"] == self._scene:
                    self._variants = message["variants"]
            case "load":
                self._on_load(message["kg"], message["x"], message["y"])
            case "failed":
                raise EOFError(message["message"])
            case _:
                self._answers[message["request"]] = message

    def _show(self, tick: int, exposed_s: float) -> None:
        """Push the scene's next pictures, stamped with when they were due: a late host does not move the exposure."""
        if self._slot is None:
            return
        variant = tick % self._variants
        for index, camera in enumerate(self._cameras):
            exposed = Exposed(
                self._store.color(self._slot, index, variant),
                self._store.depth(self._slot, index, variant),
                (exposed_s + index * _PHASE_S) * 1000.0,
            )
            for picture in self._faults.through(camera.role, exposed):
                if picture.lost:
                    camera.lose()
                camera.push(picture.color, picture.depth, picture.time_ms, clock_ahead_ms=picture.clock_ahead_ms)
        if self._shown_scene != self._scene:
            with self._changed:
                self._shown_scene = self._scene
                self._changed.notify_all()
