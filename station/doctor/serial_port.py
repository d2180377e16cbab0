"""Check of the scale's port: there, and open to this user."""

from __future__ import annotations

from pathlib import Path

from station.doctor.case import Case
from station.doctor.machine import Machine
from station.doctor.result import Check, broken, less, well


def scale_port(case: Case) -> Check:
    """The configured port must be there, and this user must be allowed to open it."""
    scale, machine = case.settings.scale, case.machine
    if not scale.enabled:
        return well("scale-port", "No scale is used ([scale] enabled = false).")
    if machine.version_of("pyserial") is None:
        return broken("scale-port", "pyserial is not installed; no scale can be read.", "Run: make setup.")
    if "://" in scale.port:
        return well("scale-port", f"The scale is on the network, {scale.port}; it is not called from here.")
    if machine.platform == "win32":
        return less(
            "scale-port",
            f"Whether {scale.port} is there is told when the station starts.",
            "Look for the port in the device manager.",
        )
    port = machine.path(scale.port)
    if not port.exists():
        there = _ports(machine)
        found = f"Ports there: {', '.join(there)}." if there else "There is no serial port."
        return less(
            "scale-port", f"{scale.port} is not there. {found}", "Plug the scale in, or set port under [scale]."
        )
    if not machine.may_open(port):
        return broken(
            "scale-port",
            f"This user may not open {scale.port}.",
            "Add the user to the port's group, mostly dialout: usermod -aG dialout USER; then log in anew.",
        )
    stable = (
        "" if "/by-id/" in scale.port else " Its name may change with the plug: better one below /dev/serial/by-id."
    )
    return well("scale-port", f"{scale.port} can be opened.{stable}")


def _ports(machine: Machine) -> list[str]:
    """Return the serial ports' stable names, else their plain ones."""
    stable, plain = machine.path("dev/serial/by-id"), machine.path("dev")
    if stable.is_dir():
        return [f"/dev/serial/by-id/{path.name}" for path in sorted(stable.iterdir())]
    found: list[Path] = [*plain.glob("ttyUSB*"), *plain.glob("ttyACM*"), *plain.glob("cu.usb*")]
    return [f"/dev/{path.name}" for path in sorted(found)]
