"""What ``station calibrate collect`` shows: a live table on a terminal, a line per event elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from calibration.collecting.snapshot import CollectSnapshot, Coverage, Stage


class CollectDisplay:
    """Shows snapshots as they come, on stderr."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._said = ""
        self._pictures = 0

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state on the terminal."""
        if self._console.is_terminal:
            self._live.stop()

    def show(self, snapshot: CollectSnapshot) -> None:
        """Show a snapshot."""
        if self._console.is_terminal:
            self._live.update(Group(_table(snapshot), _advice(snapshot)), refresh=True)
            return
        if len(snapshot.pictures) > self._pictures:
            newest = snapshot.pictures[-1]
            self._console.print(f"{newest.placement}: seen by {len(newest.roles)} cameras", highlight=False)
            self._pictures = len(snapshot.pictures)
        said = snapshot.trouble or snapshot.advice
        # "hold it still" comes and goes with every tremble
        if said != self._said and snapshot.advice_code != "hold_still":
            self._console.print(said, highlight=False)
            self._said = said


def _table(snapshot: CollectSnapshot) -> Table:
    table = Table(title=f"{snapshot.board_id}, {len(snapshot.pictures)} pictures")
    for heading in ("camera", "now", "views", "tilt", "distance", "cells", "still wanted"):
        table.add_column(heading)
    for role, coverage in sorted(snapshot.coverage.items()):
        table.add_row(role, *_sight(snapshot, role), *_row(coverage))
    return table


def _sight(snapshot: CollectSnapshot, role: str) -> tuple[str]:
    sight = snapshot.sights.get(role)
    if sight is None or (sight.outline is None and not sight.refusal):
        return ("",)
    return ("sees it" if sight.usable else sight.refusal.split(":", 1)[0],)


def _row(coverage: Coverage) -> tuple[str, ...]:
    tilts, distances = coverage.tilts_deg, coverage.distances_m
    return (
        str(coverage.views),
        "" if tilts is None else f"{tilts[0]:.0f} to {tilts[1]:.0f}°",
        "" if distances is None else f"{distances[0]:.2f} to {distances[1]:.2f} m",
        f"{sum(coverage.cells)} of {len(coverage.cells)}",
        ", ".join(want.value for want in coverage.wants),
    )


def _advice(snapshot: CollectSnapshot) -> Text:
    text = Text(snapshot.advice, style="bold")
    if snapshot.stage is Stage.BOARD and snapshot.still > 0:
        text.append(f"  {snapshot.still:.0%}")
    if snapshot.stage is Stage.SOLVING:
        text.append(f"  {snapshot.progress:.0%}")
    if snapshot.trouble:
        text.append(f"\n{snapshot.trouble}", style="red")
    return text
