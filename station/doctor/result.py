"""What a check says, and all checks together as JSON and as an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    """The station runs, with less: something is absent, unusual or cannot be told."""
    FAIL = "fail"
    """The real rig does not run so."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it ended, what was found in a sentence, and what mends it (empty when all is well)."""

    id: str
    status: Status
    found: str
    fix: str = ""


def well(id: str, found: str) -> Check:
    """Return a check that found nothing to mend."""
    return Check(id, Status.OK, found)


def less(id: str, found: str, fix: str) -> Check:
    """Return a check with a warning."""
    return Check(id, Status.WARN, found, fix)


def broken(id: str, found: str, fix: str) -> Check:
    """Return a check that failed."""
    return Check(id, Status.FAIL, found, fix)


def exit_code(checks: Sequence[Check]) -> int:
    """Return 0 when all is well, 1 with a warning, 2 when something fails."""
    worst = {check.status for check in checks}
    return 2 if Status.FAIL in worst else 1 if Status.WARN in worst else 0


def report(checks: Sequence[Check]) -> dict[str, Any]:
    """Return the JSON form."""
    return {
        "schema": SCHEMA,
        "checks": [
            {"id": check.id, "status": check.status.value, "found": check.found, "fix": check.fix} for check in checks
        ],
    }
