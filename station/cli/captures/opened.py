"""The data set of a data directory as the commands open it, and the progress they show."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from station.captures.catalog import Catalog
from station.captures.course import Course
from station.captures.reindex import reindex
from station.cli.configuration import chosen_settings
from station.datadir import CAPTURES, CATALOG, DataDir

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]

errors = Console(stderr=True, highlight=False, soft_wrap=True)


def data_root(config: Path | None) -> Path:
    """Return the data directory of a configuration, made where it is missing; raises ConfigError, StorageError."""
    return DataDir.lay_out(chosen_settings(config).data_dir)


@contextmanager
def open_catalog(root: Path) -> Generator[Catalog]:
    """Open the catalog of a data directory to look at it; one that was never made is made first."""
    catalog = Catalog(root / CATALOG)
    try:
        if not catalog.complete:
            errors.print("The index of the captures is made first.")
            with DataDir.open(root), shown("captures") as course:
                reindex(root / CAPTURES, catalog, course)
        yield catalog
    finally:
        catalog.close()


@contextmanager
def shown(what: str) -> Generator[Course]:
    """Show progress on stderr while the block works; Ctrl-C ends it between two pieces of work, or at once."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield Course(progress=lambda done, total: progress.update(task, completed=done, total=total))


def size_text(size: int) -> str:
    """Return bytes as people read them."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
