"""``station scale``: look at the scale, zero and tare it, adjust it with known weights."""

from __future__ import annotations

import contextlib
import json
import queue
import statistics
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from station.cli.configuration import ConfigOption, chosen_settings
from station.config import LoadedSettings
from station.datadir import require_unused
from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale.adjustment import FILE_NAME, ScaleAdjustment, adjust
from station.scale.driver import SerialScale
from station.scale.protocols import protocol_of

app = typer.Typer(help="Look at the scale, zero and tare it, adjust it.", no_args_is_help=True, add_completion=False)

_STABLE_S = 30.0
_STEADY_NS = 1_000_000_000


class _Listener:
    """The readings of a running scale, waited for in the command's own thread."""

    def __init__(self, scale: SerialScale) -> None:
        self.scale = scale
        self.said: queue.Queue[WeightReading | StationError] = queue.Queue(maxsize=1000)

    def reading(self, reading: WeightReading) -> None:
        """Take a reading."""
        self._keep(reading)

    def trouble(self, error: StationError | None) -> None:
        """Take a trouble."""
        if error is not None:
            self._keep(error)

    def _keep(self, said: WeightReading | StationError) -> None:
        # A person who types slowly must not fill the memory: what is not listened to is forgotten.
        if not self.said.full():
            self.said.put_nowait(said)

    def steady_kg(self) -> float:
        """Wait until the weight has been stable for a second and return its mean over that; raises what troubles it."""
        with contextlib.suppress(queue.Empty):  # what was said before the question does not count
            while True:
                self.said.get_nowait()
        steady: list[WeightReading] = []
        until = time.monotonic() + _STABLE_S
        while (left := until - time.monotonic()) > 0:
            try:
                said = self.said.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(said, StationError):
                raise said
            steady = [*steady, said] if said.stable else []
            if steady and steady[-1].monotonic_ns - steady[0].monotonic_ns >= _STEADY_NS:
                return statistics.fmean(reading.kg for reading in steady)
        raise ScaleError(
            f"The weight did not stand still within {_STABLE_S:g} s.",
            where=self.scale.url,
            todo="Keep the plate free of draught and shaking.",
        )


@app.command()
def show(
    config: ConfigOption = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to listen.")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a reading.")] = False,
) -> None:
    """Print what the scale says."""
    loaded = chosen_settings(config)
    adjustment = _adjustment(loaded)
    if adjustment is not None and not as_json:
        typer.echo(_told(adjustment, loaded.settings.scale.step_g / 1000.0))
    with _running(loaded, adjustment) as listener:
        until = time.monotonic() + seconds
        heard = 0
        while (left := until - time.monotonic()) > 0:
            try:
                said = listener.said.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(said, StationError):
                typer.echo(str(said), err=True)
                continue
            heard += 1
            if as_json:
                typer.echo(json.dumps({"kg": said.kg, "stable": said.stable, "raw": said.raw}))
            else:
                typer.echo(f"{said.kg * 1000:10.1f} g  {'stable' if said.stable else 'moving'}")
    if not heard:
        raise ScaleError(f"Nothing was weighed in {seconds:g} s.", where=loaded.settings.scale.port)


@app.command()
def zero(config: ConfigOption = None) -> None:
    """Zero the scale with an empty plate; for scales that keep their zero themselves."""
    loaded = chosen_settings(config)
    _require_lasting(loaded, protocol_of(loaded.settings.scale).zero, "zero")
    with _running(loaded, _adjustment(loaded)) as listener:
        listener.steady_kg()
        listener.scale.zero()
    typer.echo("The scale is zeroed.")


@app.command()
def tare(config: ConfigOption = None) -> None:
    """Tare what lies on the scale; for scales that keep their tare themselves."""
    loaded = chosen_settings(config)
    _require_lasting(loaded, protocol_of(loaded.settings.scale).tare, "tare")
    with _running(loaded, _adjustment(loaded)) as listener:
        listener.steady_kg()
        listener.scale.tare()
    typer.echo("The scale is tared.")


@app.command("adjust")
def adjust_command(
    weight: Annotated[float, typer.Option("--weight", min=0.001, help="Known weight, kilograms.")],
    check: Annotated[float | None, typer.Option("--check", min=0.001, help="A second one, about half of it.")] = None,
    config: ConfigOption = None,
) -> None:
    """Adjust the scale with a known weight, and check with a second one whether it is straight."""
    loaded = chosen_settings(config)
    step_kg = loaded.settings.scale.step_g / 1000.0
    with _running(loaded, None) as listener:
        empty = _weighed(listener, "Empty the plate")
        full = _weighed(listener, f"Put the {weight:g} kg on the plate")
        half = None if check is None else (check, _weighed(listener, f"Put only the {check:g} kg on the plate"))
    found = adjust(empty, full, weight, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), check=half)
    if found.straight(step_kg) is False:
        raise ScaleError(
            f"The scale is not straight: it is {found.check_error_kg:+.4f} kg off with {found.check_kg:g} kg.",
            where=loaded.settings.scale.port,
            todo="Nothing was stored. Check that the plate lies on the cell freely and that the weights are right.",
        )
    loaded.data_dir.mkdir(parents=True, exist_ok=True)
    found.save(loaded.data_dir / FILE_NAME)
    typer.echo(_told(found, step_kg))


def _require_lasting(loaded: LoadedSettings, command: bytes | None, wish: str) -> None:
    """Refuse what would be over with this command: where the scale itself cannot do it, the running program does."""
    section = loaded.settings.scale
    if section.enabled and command is None:
        raise ScaleError(
            f"A scale with protocol = {section.protocol!r} cannot {wish} itself; the running station does it.",
            where=section.port,
            todo="Do it in the window. The station also takes what the empty plate weighs for zero by itself.",
        )


def _adjustment(loaded: LoadedSettings) -> ScaleAdjustment | None:
    return ScaleAdjustment.load(loaded.data_dir / FILE_NAME)


def _weighed(listener: _Listener, wish: str) -> float:
    typer.prompt(f"{wish} and press Enter", default="", show_default=False)
    return listener.steady_kg()


def _told(found: ScaleAdjustment, step_kg: float) -> str:
    straight = found.straight(step_kg)
    checked = "" if straight is None else f"; with {found.check_kg:g} kg it is {found.check_error_kg:+.4f} kg off"
    return f"Adjusted with {found.known_kg:g} kg at {found.made_at}: factor {found.factor:.6f}{checked}."


@contextmanager
def _running(loaded: LoadedSettings, adjustment: ScaleAdjustment | None) -> Generator[_Listener]:
    section = loaded.settings.scale
    if not section.enabled:
        raise ScaleError("The scale is switched off.", where=loaded.where, todo="Set enabled = true in [scale].")
    require_unused(loaded.data_dir, "the scale")
    scale = SerialScale.from_settings(section, adjustment)
    listener = _Listener(scale)
    scale.start(listener.reading, listener.trouble)
    try:
        yield listener
    finally:
        scale.stop()
