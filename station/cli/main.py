"""The ``station`` command: its sub-commands are imported only when they are called."""

from __future__ import annotations

from typing import Annotated

import typer

import station
from station.cli.late import LateCommand, late_group

_COMMANDS = {
    "demo": LateCommand("station.cli.demo", "demo", "Open the operator window on the simulated rig."),
    "operate": LateCommand("station.cli.operate", "operate", "Open the operator window on the real rig."),
    "recognize": LateCommand("station.cli.recognize", "recognize", "Recognise parts without a window, as JSON lines."),
    "record": LateCommand("station.cli.record", "record", "Record the rig and the scale for some seconds."),
    "replay": LateCommand("station.cli.replay", "replay", "Run the station on a recording, the same each time."),
    "simulate": LateCommand("station.cli.simulate", "simulate", "Write a data set of simulated captures."),
    "captures": LateCommand("station.cli.captures", "app", "Look after the captures: find, check, count, change them."),
    "import": LateCommand("station.cli.importing", "import_captures", "Take captures of other trees, or pictures, in."),
    "export": LateCommand("station.cli.export", "export", "Write the captures as MVIP, COCO, CSV or Parquet."),
    "models": LateCommand("station.cli.models", "app", "List the models, choose the one in use, calibrate."),
    "train": LateCommand("station.cli.train", "train", "Train a model on a data set."),
    "study": LateCommand("station.cli.study", "study", "Compare models and trainings over seeds, as tables."),
    "evaluate": LateCommand("station.cli.evaluate", "evaluate", "Measure what a model is worth, as a report."),
    "calibrate": LateCommand("station.cli.calibrate", "app", "Print boards, solve, check and choose calibrations."),
    "cameras": LateCommand("station.cli.cameras", "app", "Find the cameras, give them roles, match their colour."),
    "scale": LateCommand("station.cli.scale", "app", "Look at the scale, zero, tare and adjust it."),
    "parts": LateCommand("station.cli.parts", "app", "Look at the part master, change it, import tables."),
    "backup": LateCommand("station.cli.backup", "backup", "Back up the data directory, also while the station runs."),
    "restore": LateCommand("station.cli.backup", "restore", "Write a backup into a new folder, every hash checked."),
    "doctor": LateCommand("station.cli.doctor", "doctor", "Check the machine and the rig, with a mend for each fault."),
    "config": LateCommand("station.cli.configuration", "app", "Look at the configuration."),
}


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"station {station.__version__}")
        raise typer.Exit


app = typer.Typer(
    name="station",
    cls=late_group(_COMMANDS),
    help="Part recognition station: ten RGB-D cameras, a scale, and a model that names the part on the plate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def begin(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say on stderr what goes on.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Start the console log before any command runs."""
    from station.logs import log_to_console

    log_to_console(verbose)
