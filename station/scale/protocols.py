"""The protocol that ``[scale]`` names."""

from __future__ import annotations

from station.scale.mt_sics import KCP, MT_SICS
from station.scale.number_lines import NumberLines, number_lines
from station.scale.protocol import ScaleProtocol
from station.scale.sbi import SBI
from station.settings import ScaleSection

_NAMED = {"mt-sics": MT_SICS, "kcp": KCP, "sbi": SBI}


def protocol_of(section: ScaleSection) -> ScaleProtocol:
    """Return the protocol of the section; its plain lines are read as the section's ``lines`` says."""
    named = _NAMED.get(section.protocol)
    if named is not None:
        return named
    lines = section.lines
    form = NumberLines(lines.pattern, lines.kg_per_count, lines.offset)
    return number_lines(form, window_s=lines.window_s, spread_steps=lines.spread_steps)
