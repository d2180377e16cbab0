"""The simulated rig as the station sees it: ten cameras, a calibration, and hands that put parts on the plate."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from station.boards import Board
from station.cameras.simulated import SimulatedCamera
from station.errors import CalibrationError, SimulationError
from station.frames import ROLES
from station.geometry import Pose, RigCalibration
from station.settings import SimulationSection, frame_size
from station.simulation import process
from station.simulation.camera_faults import PICTURE_FAULTS, CameraFaults
from station.simulation.faults import FaultName
from station.simulation.held_board import hand_board
from station.simulation.live_feed import PictureFeed
from station.simulation.live_messages import Intruder, receive
from station.simulation.live_pictures import PictureLayout, PictureStore

_HELLO_S = 180.0
_SCENE_S = 180.0
"""Generous waits: they end early, and a machine that is busy elsewhere is no error."""


def _no_scale(kg: float, x: float, y: float) -> None:
    """Stand in for the scale where there is none."""


class SimulatedRig:
    """Ten software devices fed by a render process of its own.

    ``on_load(kg, x, y)`` is called, in the feeding thread, with the true load in kilograms and its place on the plate
    in metres whenever it changes: the virtual scale's ``set_load``. What the render process knows of the truth (class,
    place, true cameras) leaves it through :meth:`truth` alone.

    Use it as a context manager, or call :meth:`start` and :meth:`stop`.
    """

    def __init__(
        self,
        settings: SimulationSection,
        *,
        stale_after_s: float = 3.0,
        on_load: Callable[[float, float, float], None] = _no_scale,
    ) -> None:
        self.settings = settings
        self._stale_after_s = stale_after_s
        self._on_load = on_load
        self._process: Any = None
        self._connection: Any = None
        self._store: PictureStore | None = None
        self._feed: PictureFeed | None = None
        self._calibration: RigCalibration | None = None
        self._cameras: dict[str, SimulatedCamera] = {}
        self._faults = CameraFaults()
        self._asking = threading.Lock()
        self._requests = 0

    @property
    def calibration(self) -> RigCalibration:
        """The geometry as the rig hands it over: the true one with an honest error on it."""
        if self._calibration is None:
            raise CalibrationError("The simulated rig is not started.", where="simulation")
        return self._calibration

    @property
    def sources(self) -> tuple[SimulatedCamera, ...]:
        """The ten cameras, in the rig's order; empty before :meth:`start`."""
        return tuple(self._cameras.values())

    def launch(self) -> None:
        """Start the render process and return at once; it gets ready while the caller has other things to load."""
        if self._process is not None:
            raise SimulationError("The simulated rig runs already.", where="simulation")
        width, height = frame_size(self.settings.size)
        layout = PictureLayout(width, height, len(ROLES))
        self._store, path = PictureStore.create(layout)
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=process.run,
            args=(theirs, str(path), layout, self.settings.size, self.settings.seed),
            name="station-render",
        )
        try:
            self._process.start()
        except BaseException:
            self.stop()
            raise
        finally:
            theirs.close()

    def start(self) -> None:
        """Launch, unless that is done, and wait for the picture of the empty plate; raises SimulationError."""
        if self._feed is not None:
            raise SimulationError("The simulated rig runs already.", where="simulation")
        if self._process is None:
            self.launch()
        assert self._store is not None
        try:
            self._calibration = self._hello()
            self._store.unlink()
            self._cameras = {
                role: SimulatedCamera(
                    role,
                    camera.serial,
                    camera.model,
                    fps=self.settings.fps,
                    stale_after_s=self._stale_after_s,
                )
                for role, camera in sorted(self._calibration.cameras.items())
            }
            self._feed = PictureFeed(
                self._connection, self._store, self.sources, self.settings.fps, self._on_load, self._faults
            )
            self._feed.start()
            self._feed.wait_shown(1, _SCENE_S)
        except BaseException:
            self.stop()
            raise

    def _hello(self) -> RigCalibration:
        trouble = "said nothing"
        try:
            if self._connection.poll(_HELLO_S):
                message = receive(self._connection)
                if message["say"] == "hello":
                    return RigCalibration.from_json(message["calibration"], where="simulation")
                trouble = f"failed: {message.get('message', message)}"
        except (EOFError, OSError):
            trouble = "ended by itself"
        raise SimulationError(f"The render process {trouble} while the simulated rig was started.", where="simulation")

    def stop(self) -> None:
        """End the feed and the render process and free their memory; harmless when stopped already.

        The cameras belong to whoever started them: stop the rig that reads them first.
        """
        feed, self._feed = self._feed, None
        try:
            if feed is not None:
                feed.stop()
        finally:
            self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            # Its end of the pipe closing is all the render process needs to know.
            self._connection.close()
            if self._process.ident is not None:
                self._process.join(5.0)
                if self._process.is_alive():
                    self._process.terminate()
                    self._process.join(5.0)
                self._process.close()
            self._process = None
        if self._store is not None:
            self._store.close()
            self._store = None

    def __enter__(self) -> SimulatedRig:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def place(
        self,
        class_id: str,
        seed: int,
        *,
        add: bool = False,
        at: tuple[float, float] | None = None,
        weight_kg: float | None = None,
        moving: bool = True,
    ) -> None:
        """Put a part on the plate instead of what lies there, or beside it with ``add``; returns when it lies still.

        ``seed`` decides pose, place, yaw, surface, size and weight; ``at`` moves it to (x, y), metres, wherever that
        is, ``weight_kg`` makes it of another stuff. Where a tray lies, it comes into that. ``moving`` shows it on its
        way. Raises SimulationError for a class that is not in the library.
        """
        self._change("place", class_id=class_id, seed=seed, add=add, at=at, weight_kg=weight_kg, moving=moving)

    def turn(self, degrees: float) -> None:
        """Turn the part that came last about its upright axis, counter-clockwise from above; returns when it is seen.

        It stays where it lies. Nothing happens on an empty plate.
        """
        self._change("turn", degrees=degrees)

    def clear(self, *, moving: bool = False) -> None:
        """Take all parts off the plate, or out of the tray; returns when they are seen no more."""
        self._change("clear", moving=moving)

    def put_tray(self) -> None:
        """Put an empty tray on the plate instead of what lies there; returns when it is seen."""
        self._change("tray", there=True)

    def take_tray(self) -> None:
        """Take the tray away with what is in it; returns when it is seen no more."""
        self._change("tray", there=False)

    def hold_board(self, board: Board, pose: Pose, *, moving: bool = True) -> None:
        """Hold a printed board at ``pose`` (board → world), brought there from where it was; returns when it is still.

        The frame is that of the board's ``corners``, its print on the side of the -z axis. ``moving`` shows it on its
        way. Raises SimulationError for the frame board, which lies on the plate.
        """
        board_id = hand_board(board).id
        self._change("hold", board=board_id, pose=pose.matrix[:3].ravel().tolist(), moving=moving)

    def take_board_away(self) -> None:
        """Take the held board out of the rig; returns when it is seen no more."""
        self._change("let_go")

    def reach_in(self, kind: Intruder, tip: tuple[float, float, float]) -> None:
        """Let an arm or a cable reach over the plate from its left, its end at ``tip``, metres.

        It weighs nothing; an arm may reach in beside a cable. Returns when it is seen.
        """
        self._change("reach_in", kind=kind, tip=list(tip))

    def withdraw(self, kind: Intruder | None = None) -> None:
        """Take away an arm, a cable, or both, that reach over the plate; returns when they are seen no more."""
        self._change("withdraw", kind=kind)

    def knock(
        self,
        role: str,
        shift_m: Sequence[float] = (0.0, 0.0, 0.0),
        turn_deg: Sequence[float] = (0.0, 0.0, 0.0),
    ) -> None:
        """Knock the true camera of ``role``; the geometry that was handed over stays.

        Its centre moves by ``shift_m`` of the world, metres; ``turn_deg`` is a rotation vector in the camera's own axes
        (x right, y down, z ahead), degrees. Knocks add up.
        """
        self._camera(role)
        self._change("knock", role=role, shift_m=[float(v) for v in shift_m], turn_deg=[float(v) for v in turn_deg])

    def unplug(self, role: str) -> None:
        """Pull the cable of a camera."""
        self._camera(role).unplug()

    def replug(self, role: str) -> None:
        """Put the cable of a camera back."""
        self._camera(role).replug()

    def set_fault(self, role: str, fault: FaultName, on: bool) -> None:
        """Begin or end a fault of a camera, at once; raises SimulationError for one of another place."""
        camera = self._camera(role)
        if fault in PICTURE_FAULTS:
            self._faults.set(role, fault, on)
        elif fault is FaultName.UNPLUG:
            (camera.unplug if on else camera.replug)()
        elif fault is FaultName.USB_2:
            camera.plug_into("2.1" if on else "3.2")
        else:
            raise SimulationError(f"The fault {fault} befalls no camera.", where=role)

    def lose_frames(self, role: str, count: int) -> None:
        """Lose the next ``count`` pictures of an open camera on their way: their numbers are never seen."""
        self._camera(role).lose(count)

    def truth(self) -> Mapping[str, Any]:
        """Return what really lies on the plate, to be printed and evaluated, never to be used.

        ``parts`` lists class, seed, place and weight of each part, ``tray`` says whether it lies there, ``board`` is
        the held board's id and pose (12 numbers of board → world, by rows) or ``None``, ``calibration`` is the true
        geometry's JSON, ``cameras`` what each camera really took
        (:meth:`station.cameras.simulated.SimulatedCamera.truth`).
        """
        answer = self._ask("truth")
        return {**answer["truth"], "cameras": {role: camera.truth() for role, camera in self._cameras.items()}}

    def _camera(self, role: str) -> SimulatedCamera:
        try:
            return self._cameras[role]
        except KeyError:
            raise SimulationError(
                f"There is no camera {role}; there are {', '.join(self._cameras) or 'none yet'}.", where="simulation"
            ) from None

    def _change(self, say: str, **values: Any) -> None:
        answer = self._ask(say, **values)
        if self._feed is not None:
            self._feed.wait_shown(int(answer["scene"]), _SCENE_S)

    def _ask(self, say: str, **values: Any) -> Mapping[str, Any]:
        feed = self._feed
        if feed is None:
            raise SimulationError("The simulated rig is not started.", where="simulation")
        with self._asking:
            self._requests += 1
            request = self._requests
        try:
            feed.send(say, request=request, **values)
        except OSError as error:
            raise SimulationError(f"The render process is gone: {error}.", where="simulation") from error
        return feed.wait_answer(request, _SCENE_S)
