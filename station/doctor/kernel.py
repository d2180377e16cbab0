"""Checks of what the cameras need of the system: frame metadata of the kernel, udev rules, libusb, the SDK."""

from __future__ import annotations

import re
from collections.abc import Iterator

from station.doctor.case import Case
from station.doctor.result import Check, broken, less, well

_USUAL = (("8086", "0ad3"), ("8086", "0b07"), ("8086", "0b3a"), ("8086", "0b5c"))
"""D415, D435, D435i and D455: asked for where no camera is connected."""

_RULES = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
_LIBUSB = {"linux": "libusb-1.0.so.0", "darwin": "libusb-1.0.0.dylib"}


def metadata(case: Case) -> Check:
    """Say whether the kernel hands on the frame metadata of these cameras.

    The video driver has an entry of its own for a camera whose metadata format it knows, and every entry of a driver
    is listed as an alias in the kernel's module tables: so patched and new kernels are told alike, without a version.
    """
    if not case.machine.linux:
        return less(
            "kernel-metadata",
            "Whether frames come with their metadata can be told on Linux only.",
            "On Windows run the SDK's rs-enumerate-devices and its metadata script once for each camera.",
        )
    aliases = list(_video_aliases(case))
    if not aliases:
        return less(
            "kernel-metadata",
            "The kernel's module tables do not show a video driver.",
            "Install the kernel's video modules (uvcvideo), for the cameras are opened through them.",
        )
    connected = [(c.vendor, c.product) for controller in case.controllers for c in controller.cameras]
    wanted = sorted(set(connected)) or list(_USUAL)
    unknown = [f"{vendor}:{product}" for vendor, product in wanted if not _known(vendor, product, aliases)]
    if unknown:
        release = case.machine.read("proc/sys/kernel/osrelease")
        return less(
            "kernel-metadata",
            f"Kernel {release} does not know the frame metadata of {', '.join(unknown)}: capture times are the "
            "host's, and dropped frames are harder to see.",
            "Install librealsense2-dkms, or a newer kernel.",
        )
    return well(
        "kernel-metadata", f"The kernel knows the frame metadata of {', '.join(':'.join(one) for one in wanted)}."
    )


def _video_aliases(case: Case) -> Iterator[str]:
    """Give the patterns of USB devices for which the video driver has an entry of its own."""
    release = case.machine.read("proc/sys/kernel/osrelease") or ""
    loadable = case.machine.read(f"lib/modules/{release}/modules.alias") or ""
    for line in loadable.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "alias" and words[2] == "uvcvideo":
            yield words[1]
    built_in = case.machine.read(f"lib/modules/{release}/modules.builtin.modinfo") or ""
    for entry in built_in.split("\0"):
        if entry.startswith("uvcvideo.alias="):
            yield entry.removeprefix("uvcvideo.alias=")


def _known(vendor: str, product: str, aliases: list[str]) -> bool:
    pattern = re.compile(rf"usb:v{vendor}p({product}|\*)d", re.IGNORECASE)
    return any(pattern.match(alias) for alias in aliases)


def udev_rules(case: Case) -> Check:
    """Look for the rules that let an ordinary user open the cameras."""
    if not case.machine.linux:
        return well("udev-rules", "This system needs no udev rules.")
    for folder in _RULES:
        place = case.machine.path(folder)
        for file in sorted(place.glob("*.rules")) if place.is_dir() else []:
            text = (case.machine.read(f"{folder}/{file.name}") or "").lower()
            if re.search(r'idvendor}\s*==\s*"(8086|38e5)"', text) and ("0b07" in text or '"38e5"' in text):
                return well("udev-rules", f"The cameras' rules are in /{folder}/{file.name}.")
    return less(
        "udev-rules",
        "No udev rule for the cameras was found: only root may open them fully.",
        "Copy 99-realsense-libusb.rules of librealsense to /etc/udev/rules.d, then: udevadm control --reload-rules.",
    )


def libusb(case: Case) -> Check:
    """The camera SDK does not load without libusb."""
    name = _LIBUSB.get(case.machine.platform)
    if name is None:
        return well("libusb", "The SDK for this system brings its own.")
    if case.machine.loads(name):
        return well("libusb", f"{name} loads.")
    fix = "Install it: apt-get install libusb-1.0-0." if case.machine.linux else "Install it: brew install libusb."
    return broken("libusb", f"{name} does not load, and the camera SDK needs it.", fix)


def camera_sdk(case: Case) -> Check:
    """The cameras' own library."""
    version = case.machine.version_of("pyrealsense2")
    if version is None:
        return less("camera-sdk", "pyrealsense2 is not installed; real cameras cannot be opened.", "Run: make setup.")
    if case.cameras.trouble and not case.cameras.cameras:
        return broken(
            "camera-sdk",
            f"pyrealsense2 {version} is there, but {case.cameras.trouble}.",
            "Run: make setup; see libusb.",
        )
    return well("camera-sdk", f"pyrealsense2 {version}.")
