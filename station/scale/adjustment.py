"""The adjustment of a scale with two weights: its factor, how straight it is, and when it was done."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from station.durable_json import write_json
from station.errors import ScaleError

FILE_NAME = "scale-adjustment.json"
"""In the data directory."""
_LARGEST_CORRECTION = 0.5
"""A factor further from 1 than this is a wrong weight or a wrong ``kg_per_count``, not an adjustment."""


@dataclass(frozen=True, slots=True)
class ScaleAdjustment:
    """What the weights said.

    ``factor`` multiplies the line's weights. ``known_kg`` is the weight it was found with; ``check_kg`` a second one,
    ``check_error_kg`` what the adjusted scale says of it too much (``None`` when no second one was laid on).
    ``made_at`` is UTC, ISO 8601.
    """

    factor: float
    known_kg: float
    check_kg: float | None
    check_error_kg: float | None
    made_at: str

    def straight(self, step_kg: float) -> bool | None:
        """Return whether the second weight fits within 3 steps or 0.05 %; ``None`` when there was none."""
        if self.check_kg is None or self.check_error_kg is None:
            return None
        return abs(self.check_error_kg) <= max(3.0 * step_kg, 5e-4 * self.check_kg)

    def save(self, path: Path) -> None:
        """Write the JSON durably; raises ScaleError when the folder refuses."""
        try:
            write_json(path, {"schema": 1, **asdict(self)})
        except OSError as error:
            raise ScaleError(
                f"The adjustment cannot be stored: {error.strerror or error}.", where=str(path), todo="Check the disk."
            ) from error

    @staticmethod
    def load(path: Path) -> ScaleAdjustment | None:
        """Return the stored adjustment, ``None`` before the first; raises ScaleError when it is damaged."""
        if not path.exists():
            return None
        try:
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            check, error = data["check_kg"], data["check_error_kg"]
            found = ScaleAdjustment(
                factor=float(data["factor"]),
                known_kg=float(data["known_kg"]),
                check_kg=None if check is None else float(check),
                check_error_kg=None if error is None else float(error),
                made_at=str(data["made_at"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ScaleError(
                f"The scale's adjustment cannot be read: {error!r}.",
                where=str(path),
                todo="Adjust the scale anew with: station scale adjust.",
            ) from error
        if not abs(found.factor - 1.0) <= _LARGEST_CORRECTION:
            raise ScaleError(
                f"The scale's adjustment has the impossible factor {found.factor:g}.",
                where=str(path),
                todo="Adjust the scale anew with: station scale adjust.",
            )
        return found


def adjust(
    empty_kg: float,
    loaded_kg: float,
    known_kg: float,
    made_at: str,
    *,
    check: tuple[float, float] | None = None,
) -> ScaleAdjustment:
    """Return the adjustment from what the unadjusted line said without and with a known weight, kg.

    ``check`` is a second known weight and what the line said with it. Raises ScaleError when the weights cannot be
    those that were named.
    """
    shown = loaded_kg - empty_kg
    factor = known_kg / shown if shown > 0 else 0.0
    if not abs(factor - 1.0) <= _LARGEST_CORRECTION:
        raise ScaleError(
            f"The scale felt {shown:g} kg where {known_kg:g} kg were named.",
            todo="Check the weight that lies on it and kg_per_count in [scale].",
        )
    check_error = None if check is None else (check[1] - empty_kg) * factor - check[0]
    return ScaleAdjustment(factor, known_kg, check[0] if check else None, check_error, made_at)
