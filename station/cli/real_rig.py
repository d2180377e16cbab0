"""The ten real cameras at work: opened, looked for when they are away, and asked how warm they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from station.acquisition.rig import Rig
from station.cameras.configured import configured_cameras
from station.cameras.librealsense import load_sdk
from station.cameras.realsense import RealSenseCamera
from station.cameras.renewal import IdleRenewal
from station.cameras.return_watch import watch_for_returns
from station.cameras.supervisor import CameraState
from station.cameras.telemetry import TelemetryWatch
from station.config import LoadedSettings, require_rig

_AWAY = (CameraState.RECONNECTING, CameraState.FAILED)


@dataclass(frozen=True, slots=True)
class RealRig:
    """The running rig, its cameras, and what they say of themselves."""

    rig: Rig
    cameras: tuple[RealSenseCamera, ...]
    telemetry: TelemetryWatch


def open_real_rig(stack: ExitStack, loaded: LoadedSettings, *, minimum: int = 1) -> RealRig:
    """Start the cameras of ``station.toml``, ``minimum`` of them at least; ``stack`` stops them again.

    The others are tried again in the background, at once when a device comes back. Raises ConfigError or CameraError.
    """
    settings = loaded.settings
    require_rig(settings, loaded.where)
    sdk = load_sdk()
    cameras = configured_cameras(settings, loaded.folder)
    rig = Rig(
        cameras, fps=settings.rig.fps, tolerance_ms=settings.rig.tolerance_ms, deadline_ms=settings.rig.deadline_ms
    )
    stack.callback(rig.stop)
    rig.start(minimum=minimum)
    telemetry = TelemetryWatch(cameras)
    stack.callback(telemetry.stop)
    telemetry.start()
    returns = watch_for_returns(sdk, lambda: away_from(rig), rig.retry)
    stack.callback(returns.stop)
    returns.start()
    return RealRig(rig, cameras, telemetry)


def renew_when_idle(
    stack: ExitStack, cameras: Sequence[RealSenseCamera], idle: Callable[[], bool], after_h: float
) -> None:
    """Have cameras that stream for ``after_h`` hours opened anew while ``idle``; 0 for never; ``stack`` ends it."""
    if after_h == 0.0:
        return
    renewal = IdleRenewal(cameras, idle, after_s=after_h * 3600.0)
    stack.callback(renewal.stop)
    renewal.start()


def away_from(rig: Rig) -> list[str]:
    """Return the roles whose cameras are closed and wait to be opened."""
    return [role for role, status in rig.states().items() if status.state in _AWAY]
