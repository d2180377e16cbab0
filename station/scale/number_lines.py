"""Plain lines with a number, as amplifiers of load cells (HX711 boards and the like) send them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from station.scale.guards import RunGuard
from station.scale.protocol import ScaleProtocol
from station.scale.replies import Reply, ReplyKind, decoded, garbage, in_kg
from station.scale.stability import StabilityWindow

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class NumberLines:
    """How the number stands in a line and what it means.

    ``pattern`` must match a whole line; its group ``value`` is the number, its group ``unit``, if it has one, the
    unit. Without such a group the weight is ``(number - offset) · kg_per_count``.
    """

    pattern: str
    kg_per_count: float
    offset: float = 0.0


class NumberParser:
    """Reads lines by a pattern; whatever does not fit it whole is ``GARBAGE``."""

    def __init__(self, form: NumberLines) -> None:
        self._form = form
        self._pattern = re.compile(form.pattern)

    def parse(self, line: bytes) -> Reply:
        """Return the weight of a line, never stable by itself; never raises."""
        text = decoded(line)
        found = self._pattern.fullmatch(text.strip()) if text is not None else None
        if text is None or found is None:
            return garbage(line)
        groups = found.groupdict()
        number, unit = groups.get("value") or "", groups.get("unit")
        if not _NUMBER.fullmatch(number):
            return Reply(ReplyKind.GARBAGE, text)
        if unit is None:
            kg = round((float(number) - self._form.offset) * self._form.kg_per_count, 9)
            return Reply(ReplyKind.DYNAMIC, text, kg=kg)
        kg = in_kg(number, unit)
        if kg is None:
            return Reply(ReplyKind.UNKNOWN_UNIT, text, unit=unit)
        return Reply(ReplyKind.DYNAMIC, text, kg=kg, unit=unit.lower())


def number_lines(form: NumberLines, *, window_s: float, spread_steps: float) -> ScaleProtocol:
    """Return the protocol of plain lines; stable is what stays within ``spread_steps`` steps for ``window_s``."""
    return ScaleProtocol(
        "lines",
        partial(NumberParser, form),
        RunGuard,
        window=partial(StabilityWindow, window_s, spread_steps, whole=True),
        flags_stability=False,
        lone_returns=True,
    )
