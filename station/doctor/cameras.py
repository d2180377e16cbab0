"""Checks of the cameras: expected against found, their links and their firmware."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from station.doctor.case import Case
from station.doctor.result import Check, broken, less, well
from station.frames import ROLES


def cameras(case: Case) -> Check:
    """Compare the configured serials with the connected ones."""
    expected, found = case.expected, {camera.serial for camera in case.cameras.cameras}
    absent = [f"{role} ({serial})" for role, serial in expected.items() if serial not in found]
    strange = sorted(found - set(expected.values()))
    trouble = case.cameras.trouble
    if not found and not expected:
        why = f" ({trouble})" if trouble else ""
        return less(
            "cameras",
            f"No camera is connected{why} and none is configured.",
            "Connect the cameras, or work on the simulated rig: station demo.",
        )
    if absent:
        others = f" Connected but not configured: {', '.join(strange)}." if strange else ""
        why = f" ({trouble})" if trouble else ""
        return broken(
            "cameras",
            f"{len(absent)} of {len(expected)} cameras are absent{why}: {', '.join(absent)}.{others}",
            "Check their cables and hubs; after an exchange run: station cameras replace ROLE SERIAL.",
        )
    if strange:
        return less(
            "cameras",
            f"Connected but not configured: {', '.join(strange)}.",
            f"Give each a role ({ROLES[0]} to {ROLES[-1]}): station cameras assign.",
        )
    if trouble:
        return less("cameras", f"All {len(expected)} are connected, but {trouble}.", "Replug the one that is silent.")
    if len(expected) < len(ROLES):
        return less(
            "cameras",
            f"All {len(expected)} configured cameras are connected; the rig has {len(ROLES)}.",
            "Add the other roles to [[cameras]] of station.toml.",
        )
    return well("cameras", f"All {len(expected)} cameras are connected.")


def camera_links(case: Case) -> Check:
    """Every camera must hang on USB 3."""
    found = case.cameras.cameras
    if not found:
        return less("camera-links", "There is no camera whose link could be looked at.", "Connect the cameras.")
    slow = [f"{camera.serial} (USB {camera.usb})" for camera in found if camera.slow]
    if slow:
        return broken(
            "camera-links",
            f"Not on USB 3: {', '.join(slow)}.",
            "Use a USB 3 port, hub and cable; turn or exchange the plug, for a worn one falls back to USB 2.",
        )
    untold = [camera.serial for camera in found if not camera.usb]
    if untold:
        return less(
            "camera-links",
            f"Which USB the link has cannot be told of: {', '.join(untold)}.",
            "Look at the picture rate; where it is too low, use a USB 3 port and cable.",
        )
    return well("camera-links", f"{_counted(len(found))} on USB 3.")


def firmware(case: Case) -> Check:
    """All cameras of a model must have the same firmware, best what the SDK advises."""
    found = case.cameras.cameras
    if not found:
        return less("firmware", "There is no camera whose firmware could be read.", "Connect the cameras.")
    models = sorted({camera.name for camera in found})
    by_model = {name: Counter(camera.firmware for camera in found if camera.name == name) for name in models}
    mixed = [
        f"{_of_model(name, models)}{', '.join(f'{count} × {version}' for version, count in versions.most_common())}"
        for name, versions in by_model.items()
        if len(versions) > 1
    ]
    if mixed:
        return less(
            "firmware",
            f"Cameras of one model have different firmware: {'; '.join(mixed)}.",
            "Bring all to one version with rs-fw-update or the RealSense viewer: depth and timing differ between them.",
        )
    have = {name: next(iter(versions)) for name, versions in by_model.items()}
    old = [
        f"{_of_model(camera.name, models)}All have {camera.firmware}; the SDK advises {camera.advised}."
        for camera in {camera.name: camera for camera in found if camera.advised}.values()
        if camera.advised != camera.firmware
    ]
    if old:
        return less(
            "firmware", " ".join(old), "Update with rs-fw-update when the rig is idle, all cameras of a model alike."
        )
    return well("firmware", " ".join(f"{_of_model(name, models)}All have {version}." for name, version in have.items()))


def _of_model(name: str, models: Sequence[str]) -> str:
    """Return the beginning of a sentence about one model, empty where there is no other."""
    return f"{name or 'unnamed'}: " if len(models) > 1 else ""


def _counted(cameras: int) -> str:
    return "The camera hangs" if cameras == 1 else f"All {cameras} cameras hang"
