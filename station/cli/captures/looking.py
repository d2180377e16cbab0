"""``station captures search|stats``: find captures and count them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Literal

import typer

from station.captures.catalog import CatalogEntry, PageKey
from station.captures.stats import DiskUse, State, Statistics, disk_use, statistics_of
from station.cli.captures.opened import JsonOption, data_root, open_catalog, shown, size_text
from station.cli.configuration import ConfigOption
from station.datadir import CAPTURES
from station.errors import ConfigError

_MOST_CLASSES = 30
"""Classes that a table shows; --json has them all."""


def search(
    text: Annotated[str, typer.Argument(help="Words of the class's name, number or tags, or a capture's id.")] = "",
    config: ConfigOption = None,
    class_id: Annotated[str | None, typer.Option("--class", help="Only this class: its folder.")] = None,
    split: Annotated[Literal["train", "valid", "test"] | None, typer.Option(help="Only this split.")] = None,
    state: Annotated[Literal["kept", "review", "trash"], typer.Option(help="Where to look.")] = "kept",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Captures on a page.")] = 50,
    after: Annotated[str | None, typer.Option(help="The next page: the 'after' that the page before gave.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Find captures, the newest first."""
    with open_catalog(data_root(config)) as catalog:
        page = catalog.search(text, class_id=class_id, split=split, state=state, limit=limit, after=_key(after))
    following = None if page.after is None else "/".join(page.after)
    if as_json:
        found = [asdict(entry) for entry in page.entries]
        typer.echo(json.dumps({"captures": found, "total": page.total, "after": following}, ensure_ascii=False))
        return
    for entry in page.entries:
        typer.echo(_line(entry))
    if page.total is not None:
        typer.echo(f"{page.total} found." if page.total else "Nothing found.")
    if following:
        typer.echo(f"More with: --after {following}")


def stats(
    config: ConfigOption = None,
    disk: Annotated[bool, typer.Option(help="Also count the bytes on the disk, which takes longer.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Count captures per class and split, their balance and origin, months, and the disk they take."""
    root = data_root(config)
    with open_catalog(root) as catalog:
        figures = statistics_of(catalog)
    used: dict[State, DiskUse] = {}
    if disk:
        with shown("folders") as course:
            used = disk_use(root / CAPTURES, course)
    if as_json:
        places = {state: asdict(use) for state, use in used.items()}
        typer.echo(json.dumps({**asdict(figures), "disk": places or None}, ensure_ascii=False, indent=1))
        return
    _show(figures)
    for state, use in used.items():
        typer.echo(f"{state + ' on the disk:':<22}{size_text(use.bytes)} in {use.files} files")


def _key(text: str | None) -> PageKey | None:
    if text is None:
        return None
    time, slash, capture_id = text.partition("/")
    if not slash:
        raise ConfigError(f"--after is {text!r}, but must be what the page before gave.")
    return time, capture_id


def _line(entry: CatalogEntry) -> str:
    time = entry.taken_at[:19].replace("T", " ") or "time not known"
    weight = "" if entry.weight_kg is None else f"{entry.weight_kg:.3f} kg"
    notes = [f"{entry.missing} views missing"] if entry.missing else []
    notes += [f"{entry.overridden} gates overridden"] if entry.overridden else []
    return f"{time}  {entry.capture_id}  {entry.folder}  {weight}  {', '.join(notes)}".rstrip()


def _show(figures: Statistics) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("class", "number", "name"):
        table.add_column(name, overflow="fold")
    for name in ("train", "valid", "test"):
        table.add_column(name, justify="right")
    for one in figures.classes[:_MOST_CLASSES]:
        counts = (str(n) if n else "-" for n in (one.counts.train, one.counts.valid, one.counts.test))
        table.add_row(one.class_id, one.number, one.name, *counts)
    console.print(table)
    if len(figures.classes) > _MOST_CLASSES:
        console.print(f"and {len(figures.classes) - _MOST_CLASSES} classes more (--json has them all)")
    total = figures.total
    typer.echo(f"{'captures:':<22}{total.train} train, {total.valid} valid, {total.test} test")
    typer.echo(f"{'waiting, thrown away:':<22}{figures.states['review']} in review, {figures.states['trash']} in trash")
    if figures.balance is not None:
        b = figures.balance
        even = f"median {b.median:g}, evenness {b.evenness:.2f}"
        typer.echo(f"{'train per class:':<22}{b.smallest} to {b.largest}, {even}")
    typer.echo(f"{'incomplete classes:':<22}{len(figures.incomplete)} lack train, valid or test captures")
    for heading, numbers in (("origin:", figures.origins), ("month:", figures.months)):
        parts = (f"{name or 'not known'} {number}" for name, number in numbers.items())
        typer.echo(f"{heading:<22}{', '.join(parts) or '-'}")
