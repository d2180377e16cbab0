"""``station calibrate report`` and ``export``: a stored calibration on paper, and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calibration.exports.folder import ExportFormat, export_calibration
from station.cli.calibrate.options import calibrations
from station.cli.configuration import ConfigOption, chosen_settings

CalibrationArgument = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="Id, or the beginning of it; the active one without.")
]


def report(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .pdf to print, or a .json with all figures.")],
    calibration: CalibrationArgument = None,
    config: ConfigOption = None,
) -> None:
    """Write what is known of a calibration: rig, boards, coverage, errors, bounds, worst pictures, comparison."""
    from calibration.report import stored_report
    from calibration.report.pdf import write_report

    store = calibrations(config)
    found = stored_report(store, calibration or store.active().id)
    write_report(found, out, chosen_settings(config).settings.plate.frame())
    kept = "" if found.solve else "; what its solve said was not kept"
    typer.echo(f"{out}: calibration {found.calibration.id}{kept}")


def export(
    format: Annotated[ExportFormat, typer.Option("--format", help="Who shall read it.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files.")],
    calibration: CalibrationArgument = None,
    config: ConfigOption = None,
) -> None:
    """Write a calibration for another program."""
    store = calibrations(config)
    chosen = store.get(calibration) if calibration else store.active()
    for path in export_calibration(chosen, format, out):
        typer.echo(str(path))
