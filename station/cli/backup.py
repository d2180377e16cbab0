"""``station backup`` and ``station restore``: the data directory into a folder elsewhere, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from station.backup.store import BackupStore
from station.cli.configuration import ConfigOption, chosen_settings
from station.errors import ConfigError

BackupArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backups, best on another disk.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def backup(
    folder: BackupArgument,
    check: Annotated[
        bool, typer.Option("--check", help="Read everything back, and copy again what is damaged there.")
    ] = False,
    keep: Annotated[int, typer.Option(min=0, help="Keep so many backups, the newest; 0: all.")] = 0,
    demo: Annotated[bool, typer.Option("--demo", help="The data directory of the simulated rig.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Back up the data directory, also while the station runs; only what is new is copied.

    Ends with an error, and without a backup, when captures are moved or a file is written to without a pause.
    """
    loaded = chosen_settings(config)
    with _progress("Backing up") as tell:
        report = BackupStore(folder).save(
            loaded.demo_dir if demo else loaded.data_dir, check=check, keep=keep, tell=tell
        )
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    typer.echo(
        f"Backup {report.snapshot}: {report.files} files, {report.bytes / 1e6:.1f} MB;"
        f" new {report.new_contents} contents, {report.new_bytes / 1e6:.1f} MB."
    )
    if report.mended:
        typer.echo(f"{report.mended} contents were damaged in the backup and were copied again. Watch that disk.")
    if report.removed:
        typer.echo(f"{report.removed} contents that only removed backups needed are gone.")
    if report.not_removed:
        typer.echo(f"The backup is whole, but no earlier one was removed. {report.not_removed}")


def restore(
    folder: BackupArgument,
    into: Annotated[
        Path | None, typer.Argument(metavar="INTO", help="New or empty folder for the data directory.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="An earlier backup, as 20260504 or in full.")] = None,
    partly: Annotated[bool, typer.Option("--partly", help="Leave out damaged files instead of ending.")] = False,
    as_list: Annotated[bool, typer.Option("--list", help="Only list the backups.")] = False,
) -> None:
    """Write a backup into a new folder, every hash checked; exit 1 when damaged files were left out."""
    store = BackupStore(folder)
    if as_list:
        for name in store.snapshots:
            typer.echo(name)
        return
    if into is None:
        raise ConfigError("It is not said where to.", where="INTO", todo="Name a new or an empty folder.")
    with _progress("Restoring") as tell:
        damaged = store.restore(into, at, partly=partly, tell=tell)
    for path in damaged:
        typer.echo(f"left out, damaged: {path}")
    typer.echo(f"{into.resolve()} is restored. Name it as data_dir under [station].")
    raise typer.Exit(1 if damaged else 0)


@contextmanager
def _progress(title: str) -> Generator[Callable[[int, int], None]]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)

        def tell(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        yield tell
