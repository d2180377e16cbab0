"""All checks, one after the other or side by side; none can end the examination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

from station.cameras.usb_tree import usb_controllers
from station.doctor import cameras, kernel, packages, storage, system, usb
from station.doctor.calibration import calibration
from station.doctor.case import Case
from station.doctor.devices import find_cameras
from station.doctor.machine import Machine
from station.doctor.result import Check, less
from station.doctor.serial_port import scale_port
from station.settings import Settings

_Make = Callable[[Case], Check | list[Check]]

CHECKS: tuple[tuple[tuple[str, ...], _Make], ...] = (
    (("configuration",), storage.configuration),
    (("cameras",), cameras.cameras),
    (("camera-links",), cameras.camera_links),
    (("firmware",), cameras.firmware),
    (("usb-controllers",), usb.controllers),
    (("usb-bandwidth",), usb.bandwidth),
    (("usbfs-memory",), usb.usbfs_memory),
    (("kernel-metadata",), kernel.metadata),
    (("udev-rules",), kernel.udev_rules),
    (("libusb",), kernel.libusb),
    (("camera-sdk",), kernel.camera_sdk),
    (("scale-port",), scale_port),
    (("calibration",), calibration),
    (("data-directory",), storage.data_directory),
    (("disk-space",), storage.disk_space),
    (("disk-speed",), storage.disk_speed),
    (("processor",), system.processor),
    (("memory",), system.memory),
    (("clock",), system.clock),
    (("python",), packages.python),
    (("opencv",), packages.opencv),
    (("qt",), packages.qt),
    (("torch", "cuda"), packages.model_and_gpu),
)
"""Every check with the ids of what it says."""
_AT_ONCE = 3


def examine(
    settings: Settings,
    data_dir: Path,
    config_where: str,
    *,
    config_trouble: str = "",
    machine: Machine | None = None,
    checks: Sequence[tuple[tuple[str, ...], _Make]] = CHECKS,
) -> list[Check]:
    """Make all checks of a machine and the station on it; never raises, takes some seconds.

    ``config_trouble`` is why the configuration could not be read; ``settings`` are the built-in ones then.
    """
    machine = machine or Machine()
    case = Case(
        machine=machine,
        settings=settings,
        data_dir=data_dir,
        config_where=config_where,
        config_trouble=config_trouble,
        cameras=find_cameras(machine),
        controllers=usb_controllers(machine.root) if machine.linux else (),
    )
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="Doctor") as pool:
        made = pool.map(_made, checks, repeat(case))
        return [one for result in made for one in result]


def _made(check: tuple[tuple[str, ...], _Make], case: Case) -> list[Check]:
    """Make one check; one that fails in itself is told as such, by its own ids, and ends nothing."""
    ids, make = check
    try:
        made = make(case)
    except Exception as error:
        return [less(id, f"The check itself failed: {error!r}.", "Tell the makers of the program.") for id in ids]
    return made if isinstance(made, list) else [made]
