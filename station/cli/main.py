"""The ``station`` command: its sub-commands are imported only when they are called."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

import station


@dataclass(frozen=True, slots=True)
class _LateCommand:
    """A command by its place, so that ``station --help`` need not import torch or Qt."""

    module: str
    attribute: str
    help: str

    def load(self, name: str) -> Any:
        """Import the module and return its function or group as a command."""
        found = getattr(importlib.import_module(self.module), self.attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        return typer.main.get_command(single)


_COMMANDS = {
    "demo": _LateCommand("station.cli.demo", "demo", "Open the operator window on the simulated rig."),
    "operate": _LateCommand("station.cli.operate", "operate", "Open the operator window on the real rig."),
    "recognize": _LateCommand("station.cli.recognize", "recognize", "Recognise parts without a window, as JSON lines."),
    "simulate": _LateCommand("station.cli.simulate", "simulate", "Write a data set of simulated captures."),
    "train": _LateCommand("station.cli.train", "train", "Train a model on a data set."),
    "calibrate": _LateCommand("station.cli.calibrate", "app", "Print boards, solve, check and choose calibrations."),
    "config": _LateCommand("station.cli.configuration", "app", "Look at the configuration."),
}


class _Commands(TyperGroup):
    """Lists every command by name and imports the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        placeholders = {name: TyperCommand(name, help=late.help) for name, late in _COMMANDS.items()}
        self.commands = {**placeholders, **self.commands}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the named command, its rest of the arguments, and the command itself, imported now."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, _COMMANDS[name].load(name) if name in _COMMANDS else command, rest


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"station {station.__version__}")
        raise typer.Exit


app = typer.Typer(
    name="station",
    cls=_Commands,
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
