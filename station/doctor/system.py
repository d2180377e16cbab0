"""Checks of the computer itself: processor, memory and clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from station.doctor.case import Case
from station.doctor.machine import Machine
from station.doctor.result import Check, broken, less, well

_CORES = 4
_MEMORY_GB = 8.0
_FREE_GB = 2.0
_OLDEST = 2026
"""A clock before this year was never set: the program is younger."""


def processor(case: Case) -> Check:
    """Cores, and how busy they are."""
    cores = os.cpu_count() or 1
    words = f"{cores} cores"
    load = case.machine.read("proc/loadavg") if case.machine.linux else None
    if load:
        minute = float(load.split()[0])
        words += f", load {minute:.1f}"
        if minute > 1.5 * cores:
            return less("processor", f"{words}: other programs are taking the time.", "Stop what else is running.")
    if cores < _CORES:
        return less(
            "processor",
            f"{words}; ten cameras and the model want {_CORES} or more.",
            "Use a machine with more cores, or 640x480 under [rig].",
        )
    return well("processor", f"{words}.")


def memory(case: Case) -> Check:
    """Memory, and how much of it is free."""
    fields = {
        name: int(value.split()[0])
        for name, _, value in (line.partition(":") for line in (case.machine.read("proc/meminfo") or "").splitlines())
        if value.split()[:1] and value.split()[0].isdigit()
    }
    total, free = fields.get("MemTotal"), fields.get("MemAvailable")
    if total is None or free is None:
        return less("memory", "How much memory there is cannot be told here.", f"See that there are {_MEMORY_GB:g} GB.")
    words = f"{total / 1e6:.1f} GB, {free / 1e6:.1f} GB of it free"
    if total / 1e6 < _MEMORY_GB:
        return less("memory", f"{words}.", f"The station wants {_MEMORY_GB:g} GB; training wants more.")
    if free / 1e6 < _FREE_GB:
        return less("memory", f"{words}.", f"Close other programs: {_FREE_GB:g} GB should be free.")
    return well("memory", f"{words}.")


def clock(case: Case) -> Check:
    """The clock is right and kept right: captures and answers are dated by it."""
    now = datetime.now(UTC)
    said = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    if now.year < _OLDEST:
        return broken("clock", f"The clock says {said}.", "Set the clock, and let the network keep it.")
    synchronised = _synchronised(case.machine)
    if synchronised is None:
        return less("clock", f"{said}; whether the network keeps it cannot be told.", "Switch on time synchronisation.")
    if not synchronised:
        return less(
            "clock",
            f"{said}, and nothing keeps it right.",
            "Switch on time synchronisation: timedatectl set-ntp true, or chrony.",
        )
    return well("clock", f"{said}, synchronised.")


def _synchronised(machine: Machine) -> bool | None:
    """Look for systemd's mark, then ask the kernel, which every time program tells; ``None`` if it cannot be told."""
    if not machine.linux:
        return None
    if machine.path("run/systemd/timesync/synchronized").exists():
        return True
    return machine.clock_disciplined()
