"""USB controllers, what hangs on them and what they can carry, read from sysfs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

_DEVICES = "sys/bus/usb/devices"
_VENDORS = {"8086", "38e5"}
"""Intel, and RealSense since it stands alone."""

_USABLE_SHARE = 0.6
"""What lasts of a USB 3 link's payload with several cameras behind hubs: 300 of 500 MB/s at 5 Gbit/s.

Camera makers give 2400 Mbit/s for a hub and 3500 Mbit/s for a controller at 5 Gbit/s; the lower one is taken.
"""


@dataclass(frozen=True, slots=True)
class UsbCamera:
    """A RealSense device on the bus: its sysfs name (``2-1.3``), vendor and product id, and link speed in Mbit/s."""

    port: str
    vendor: str
    product: str
    name: str
    speed_mbit_s: int


@dataclass(frozen=True, slots=True)
class UsbController:
    """One host controller: its address (PCI slot), the speed of its fastest root hub in Mbit/s, its cameras."""

    address: str
    speed_mbit_s: int
    cameras: tuple[UsbCamera, ...] = ()

    @property
    def usable_mb_s(self) -> float:
        """Payload that can be counted on, MB/s; 8b/10b coding up to 5 Gbit/s and 128b/132b above."""
        payload = self.speed_mbit_s / 10.0 if self.speed_mbit_s <= 5000 else self.speed_mbit_s / 8.0 * 128.0 / 132.0
        return _USABLE_SHARE * payload


def usb_controllers(root: Path = Path("/")) -> tuple[UsbController, ...]:
    """Return the host controllers by address; none where there is no sysfs below ``root``, as on other systems."""
    folder = root / _DEVICES
    if not folder.is_dir():
        return ()
    names = sorted(entry.name for entry in folder.iterdir())
    found: dict[str, UsbController] = {}
    address_of_bus: dict[str, str] = {}
    for name in names:
        if name.startswith("usb") and name[3:].isdigit():
            # usb1 and usb2 of one controller are its USB 2 and its USB 3 side.
            address = Path(os.path.realpath(folder / name)).parent.name
            speed = _speed(folder / name)
            address_of_bus[name[3:]] = address
            known = found.get(address)
            found[address] = UsbController(address, max(speed, known.speed_mbit_s if known else 0))
    for name in names:
        camera = _camera(folder / name)
        address = address_of_bus.get(name.partition("-")[0])
        if camera is not None and address is not None:
            known = found[address]
            found[address] = replace(known, cameras=(*known.cameras, camera))
    return tuple(found[address] for address in sorted(found))


def _camera(device: Path) -> UsbCamera | None:
    """Return the camera that a device is; other devices are none, nor are interfaces, which have no vendor."""
    if "-" not in device.name:
        return None
    vendor, words = _read(device / "idVendor").lower(), _read(device / "product")
    if vendor not in _VENDORS or (vendor == "8086" and "realsense" not in words.lower()):
        return None
    return UsbCamera(device.name, vendor, _read(device / "idProduct").lower(), words, _speed(device))


def _speed(device: Path) -> int:
    """Return the speed in Mbit/s, 0 when it is not told; USB 1 has "1.5"."""
    try:
        return int(float(_read(device / "speed")))
    except ValueError:
        return 0


def _read(file: Path) -> str:
    """Return a device's word; empty where there is none, or where it was pulled out this moment."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
