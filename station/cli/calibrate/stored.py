"""``station calibrate show`` and ``use``: the stored calibrations, and which one is in use."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from station.cli.calibrate.options import JsonOption, calibrations
from station.cli.configuration import ConfigOption
from station.errors import CalibrationError


def show(
    calibration: Annotated[str | None, typer.Argument(help="Id of one calibration; all are listed without.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the stored calibrations, or show what one says of itself."""
    store = calibrations(config)
    if calibration is not None:
        found = store.get(calibration)
        typer.echo(json.dumps({"calibration": found.to_json(), "report": store.report(found.id)}, indent=1))
        return
    listing = store.listing()
    if as_json:
        rows: list[dict[str, Any]] = [
            {"id": s.id, "created_at": s.created_at, "source": s.source, "cameras": list(s.cameras), "active": s.active}
            for s in listing
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    for stored in listing:
        mark = "*" if stored.active else " "
        typer.echo(f"{mark} {stored.id}  {stored.created_at}  {len(stored.cameras)} cameras  {stored.source}")
    if not listing:
        typer.echo("No calibration is stored yet.")


def use(
    calibration: Annotated[str | None, typer.Argument(help="Id, or the beginning of it.")] = None,
    back: Annotated[bool, typer.Option("--back", help="Return to the one before.")] = False,
    config: ConfigOption = None,
) -> None:
    """Make a stored calibration the active one."""
    if (calibration is None) == (not back):
        raise CalibrationError("Give either the id of a calibration or --back.")
    store = calibrations(config)
    chosen = store.back() if calibration is None else store.use(calibration)
    typer.echo(f"{chosen.id} is active.")
