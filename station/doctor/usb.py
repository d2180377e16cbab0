"""Checks of the USB side: controllers, bandwidth and the memory of the kernel's USB file system."""

from __future__ import annotations

from station.cameras.bandwidth import camera_mb_s, controller_loads, profile_words
from station.doctor.case import Case
from station.doctor.result import Check, broken, less, well
from station.frames import ROLES

_USB3_MBIT_S = 5000
_USBFS_MB = 1000
_CAMERAS_EACH = 3
"""As many run together on one controller without trouble, whatever their bandwidth adds up to."""


def controllers(case: Case) -> Check:
    """List the host controllers with the cameras on each."""
    if not case.machine.linux:
        return less(
            "usb-controllers",
            "The controllers can be told on Linux only.",
            "Look in the system's device list that two or three cameras share one controller.",
        )
    if not case.controllers:
        return less("usb-controllers", "No USB controller was found.", "On a virtual machine, pass one through.")
    fast = [controller for controller in case.controllers if controller.speed_mbit_s >= _USB3_MBIT_S]
    said = "; ".join(
        f"{one.address}: {one.speed_mbit_s / 1000:g} Gbit/s, {len(one.cameras)} cameras" for one in case.controllers
    )
    if not fast:
        return broken("usb-controllers", f"None has USB 3. {said}.", "Add a USB 3 card, best with several controllers.")
    crowded = [one.address for one in fast if len(one.cameras) > _CAMERAS_EACH]
    if crowded:
        return less(
            "usb-controllers",
            f"More than {_CAMERAS_EACH} cameras share {', '.join(crowded)}. {said}.",
            "Spread them, or add a card with several controllers: the fourth or fifth on one often does not start.",
        )
    return well("usb-controllers", f"{said}.")


def bandwidth(case: Case) -> Check:
    """Hold what the configured streams need against what each controller can carry."""
    rig = case.settings.rig
    each = camera_mb_s(rig)
    profile = profile_words(rig)
    if not case.machine.linux or not case.controllers:
        return less(
            "usb-bandwidth",
            f"Ten cameras at {profile} need {len(ROLES) * each:.0f} MB/s; what the controllers carry cannot be told.",
            "Spread the cameras: two or three to a USB 3 controller.",
        )
    loads = controller_loads(rig, case.controllers)
    if not loads:
        usable = sum(one.usable_mb_s for one in case.controllers if one.speed_mbit_s >= _USB3_MBIT_S)
        return less(
            "usb-bandwidth",
            f"No camera hangs on a controller; ten at {profile} need {len(ROLES) * each:.0f} MB/s, all USB 3 "
            f"controllers together can be counted on for {usable:.0f} MB/s.",
            "Connect the cameras, two or three to a controller.",
        )
    over = [load.address for load in loads if load.over]
    words = f"At {profile}: {'; '.join(str(load) for load in loads)}."
    if over:
        return broken(
            "usb-bandwidth",
            words,
            f"Move cameras away from {', '.join(over)}, add a controller, or lower size or fps under [rig].",
        )
    return well("usb-bandwidth", words)


def usbfs_memory(case: Case) -> Check:
    """Read how much memory the kernel gives to USB transfers of programs."""
    size = case.machine.read_number("sys/module/usbcore/parameters/usbfs_memory_mb")
    if size is None:
        return less(
            "usbfs-memory",
            "The kernel does not say how much memory USB transfers may take.",
            "On Linux with cameras look at /sys/module/usbcore/parameters/usbfs_memory_mb.",
        )
    # 0 means without a limit.
    if 0 < size < _USBFS_MB:
        return less(
            "usbfs-memory",
            f"USB transfers may take {size} MB; ten cameras can need more where the SDK reads them through libusb.",
            f"Add usbcore.usbfs_memory_mb={_USBFS_MB} to the kernel's command line.",
        )
    return well("usbfs-memory", f"USB transfers may take {f'{size} MB' if size else 'any memory'}.")
