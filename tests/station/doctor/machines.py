"""Made-up machines: folders with the files that a kernel, udev and a serial driver would show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from station.cameras.usb_tree import usb_controllers
from station.doctor.case import Case
from station.doctor.devices import find_cameras
from station.doctor.machine import Answer, Machine
from station.frames import ROLES
from station.settings import CameraEntry, Settings

KERNEL = "6.8.0-31-generic"
SERIALS = {role: f"83441207{number:04d}" for number, role in enumerate(ROLES)}
CONFIGURED = Settings(cameras=tuple(CameraEntry(role=role, serial=SERIALS[role]) for role in ROLES))  # type: ignore[arg-type]
VERSIONS = {
    "pyrealsense2": "2.59.1",
    "pyserial": "3.5",
    "PySide6-Essentials": "6.11.3",
    "torch": "2.13.0",
    "opencv-python-headless": "5.0.0.93",
}
"""What is installed on a complete machine."""


def sdk(cameras: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return what the child process that asks the camera SDK prints."""
    return {"version": "2.59.1", "cameras": list(cameras)}


def camera(serial: str, firmware: str = "5.16.0.1", usb: str = "3.2", advised: str = "5.16.0.1") -> dict[str, str]:
    """Return one camera as the SDK describes it."""
    return {
        "serial": serial,
        "name": "Intel RealSense D435",
        "firmware": firmware,
        "advised": advised,
        "usb": usb,
    }


ALL_CAMERAS = [camera(serial) for serial in SERIALS.values()]
TORCH = {"version": "2.13.0", "built": "13.0", "cuda": True, "name": "A GPU", "memory": 24 << 30, "threads": 8}


def answering(
    cameras: Sequence[Mapping[str, str]] | str = (), torch: Mapping[str, Any] | str = TORCH, qt: str = ""
) -> Callable[[str, float], Answer]:
    """Return the door to child processes: what each would say, or why it did not."""

    def ask(code: str, timeout_s: float) -> Answer:
        assert timeout_s > 0
        if "pyrealsense2" in code:
            return Answer(None, cameras) if isinstance(cameras, str) else Answer(sdk(cameras))
        if "torch" in code:
            return Answer(None, torch) if isinstance(torch, str) else Answer(dict(torch))
        return Answer(None, qt) if qt else Answer({"version": "6.11.3"})

    return ask


def write(root: Path, place: str, text: str) -> None:
    file = root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def add_controller(root: Path, address: str, buses: Mapping[int, int]) -> None:
    """Add a host controller with its buses (number and Mbit/s), as sysfs shows it: links into the tree of devices."""
    for bus, speed in buses.items():
        add_usb(
            root, f"usb{bus}", f"{address}/usb{bus}", {"speed": str(speed), "idVendor": "1d6b", "idProduct": "0003"}
        )


def add_camera(root: Path, address: str, port: str, product: str = "0b07", speed: int = 5000) -> None:
    """Add a RealSense camera at a port (``2-1.3``) of a controller, with one of its interfaces."""
    bus = port.partition("-")[0]
    words = {
        "idVendor": "8086",
        "idProduct": product,
        "product": "Intel(R) RealSense(TM) Depth Camera 435",
        "speed": str(speed),
    }
    add_usb(root, port, f"{address}/usb{bus}/{port}", words)
    add_usb(root, f"{port}:1.0", f"{address}/usb{bus}/{port}/{port}:1.0", {"bInterfaceClass": "0e"})


def add_usb(root: Path, name: str, place: str, files: Mapping[str, str]) -> None:
    device = root / "sys/devices/pci0000:00" / place
    for file, text in files.items():
        write(device, file, f"{text}\n")
    link = root / "sys/bus/usb/devices" / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(device)


def aliases(*known: tuple[str, str]) -> str:
    """Return a kernel's ``modules.alias`` whose video driver has entries for these vendor and product ids."""
    lines = ["# Aliases extracted from modules themselves.", "alias usb:v*p*d*dc*dsc*dp*ic0Eisc01ip00in* uvcvideo"]
    lines += [f"alias usb:v{v.upper()}p{p.upper()}d*dc*dsc*dp*ic0Eisc01ip00in* uvcvideo" for v, p in known]
    return "\n".join([*lines, "alias usb:v8086p0B07d*dc*dsc*dp*ic03isc*ip*in* another_driver"]) + "\n"


def complete(root: Path) -> Machine:
    """Write a workstation on which everything is right: ten cameras on four controllers, a scale, a GPU."""
    write(root, "proc/sys/kernel/osrelease", KERNEL + "\n")
    write(root, "proc/loadavg", "0.42 0.30 0.20 1/300 12345\n")
    write(
        root,
        "proc/meminfo",
        "MemTotal:       65536000 kB\nMemFree: 1000 kB\nMemAvailable:   60000000 kB\nHugePages: 0\n",
    )
    write(root, f"lib/modules/{KERNEL}/modules.alias", aliases(("8086", "0b07"), ("8086", "0b3a")))
    write(root, "sys/module/usbcore/parameters/usbfs_memory_mb", "1000\n")
    write(
        root,
        "etc/udev/rules.d/99-realsense-libusb.rules",
        'SUBSYSTEMS=="usb", ATTRS{idVendor}=="8086", ATTRS{idProduct}=="0b07", MODE:="0666", GROUP:="plugdev"\n',
    )
    write(root, "run/systemd/timesync/synchronized", "")
    write(root, "dev/serial/by-id/usb-scale", "")
    number = 0
    for slot in range(4):
        address, fast = f"0000:0{slot}:00.0", 2 * slot + 2
        add_controller(root, address, {2 * slot + 1: 480, fast: 5000})
        for port in range(1, 4 if slot < 2 else 3):
            add_camera(root, address, f"{fast}-{port}")
            number += 1
    assert number == len(ROLES)
    return Machine(
        root=root,
        platform="linux",
        python=(3, 12, 1),
        environment={},
        ask=answering(ALL_CAMERAS),
        loads=lambda name: True,
        version_of=VERSIONS.get,
        providers=lambda module: ["opencv-python-headless"],
        clock_disciplined=lambda: True,
    )


def bare(root: Path) -> Machine:
    """Return a machine with none of it: an empty root, no package, no library."""
    return Machine(
        root=root,
        platform="linux",
        python=(3, 12, 1),
        environment={},
        ask=answering(
            "No module named 'pyrealsense2'", torch="No module named 'torch'", qt="No module named 'PySide6'"
        ),
        loads=lambda name: False,
        version_of=lambda name: None,
        providers=lambda module: [],
        clock_disciplined=lambda: None,
    )


def case_of(machine: Machine, settings: Settings = CONFIGURED, **changes: Any) -> Case:
    """Return what is examined on a machine."""
    case = Case(
        machine=machine,
        settings=settings,
        data_dir=machine.root / "data",
        config_where="station.toml",
        config_trouble="",
        cameras=find_cameras(machine),
        controllers=usb_controllers(machine.root) if machine.linux else (),
    )
    return replace(case, **changes)
