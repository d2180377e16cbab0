"""``station simulate``: write a tree of simulated captures in MVIP's layout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from station.errors import ConfigError, StationError
from station.simulation.dataset import TreeRequest, TreeWriter
from station.simulation.rig import SIZES

_console = Console(stderr=True)


def _request(
    out: Path, classes: str, captures: str, size: str, seed: int, workers: int, parts: Path | None, unit: str, hha: bool
) -> TreeRequest:
    """Check the arguments; raises ConfigError in one sentence."""
    if classes != "all" and not re.fullmatch(r"[1-9]\d{0,5}", classes):
        raise ConfigError(f"--classes is {classes!r}; it must be a number from 1 or 'all'.")
    counts = re.fullmatch(r"(\d{1,5})/(\d{1,5})/(\d{1,5})", captures)
    if counts is None or not any(int(n) for n in counts.groups()):
        raise ConfigError(f"--captures is {captures!r}; it must be train/valid/test numbers like 12/5/5, not all 0.")
    if size not in SIZES:
        raise ConfigError(f"--size is {size!r}; allowed are {' and '.join(SIZES)}.")
    if seed < 0:
        raise ConfigError(f"--seed is {seed}; it must not be negative.")
    if not 1 <= workers <= 256:
        raise ConfigError(f"--workers is {workers}; it must be 1 to 256.")
    if unit not in ("mm", "m"):
        raise ConfigError(f"--unit is {unit!r}; allowed are 'mm' and 'm'.")
    if out.exists() and not out.is_dir():
        raise ConfigError("--out must be a folder, found a file.", where=str(out), todo="Give another path.")
    if parts is not None and not parts.is_dir():
        raise ConfigError("--parts must be a folder of STL, OBJ, PLY or GLB files.", where=str(parts))
    train, valid, test = (int(n) for n in counts.groups())
    return TreeRequest(
        out=out,
        classes=None if classes == "all" else int(classes),
        captures=(train, valid, test),
        size=size,
        seed=seed,
        parts=parts,
        unit=unit,
        hha=hha,
    )


def simulate(
    out: Annotated[Path, typer.Option("--out", help="Folder of the tree; an interrupted one is continued.")],
    classes: Annotated[str, typer.Option("--classes", help="How many classes, or 'all'.")] = "all",
    captures: Annotated[str, typer.Option("--captures", help="Captures per class: train/valid/test.")] = "12/5/5",
    size: Annotated[str, typer.Option("--size", help="1280x720 or 640x480.")] = "1280x720",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 0,
    workers: Annotated[int, typer.Option("--workers", help="Worker processes.")] = 2,
    parts: Annotated[Path | None, typer.Option("--parts", help="Folder of meshes to use as classes instead.")] = None,
    unit: Annotated[str, typer.Option("--unit", help="Unit of those meshes: mm or m.")] = "mm",
    hha: Annotated[bool, typer.Option("--hha", help="Write HHA pictures too; training does not need them.")] = False,
) -> None:
    """Write a tree of simulated captures: ten views of parts on the plate, with depth, masks and weights."""
    try:
        request = _request(out, classes, captures, size, seed, workers, parts, unit, hha)
    except ConfigError as error:
        _console.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    try:
        _write(request, workers)
    except StationError as error:
        _console.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _console.print("Interrupted: finished captures are kept, the same command continues.", highlight=False)
        raise typer.Exit(130) from None


def _write(request: TreeRequest, workers: int) -> None:
    """Estimate, check, and write with a progress bar."""
    _console.print("Reading the parts and measuring what a capture costs (some ten seconds) …", highlight=False)
    with _console.status("rendering three captures"):
        writer = TreeWriter(request, workers)
        estimate = writer.estimate()
    _console.print(
        f"{estimate.captures} captures to write ({estimate.done} are there): "
        f"about {estimate.bytes / 1e9:.2f} GB and {estimate.seconds / 60.0:.1f} minutes with {workers} workers.",
        highlight=False,
        soft_wrap=True,
    )
    writer.check(estimate)
    columns = (TextColumn("captures"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console) as progress:
        task = progress.add_task("captures", total=estimate.captures)
        writer.write(lambda finished: progress.advance(task, finished))
    _console.print(f"The tree is complete: {request.out}", highlight=False, soft_wrap=True)
