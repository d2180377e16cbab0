"""``station parts list``, ``search``, ``show``, ``history``, ``check``: looking at the part master."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from station.cli.configuration import ConfigOption
from station.cli.parts.options import ClassArgument, DemoOption, JsonOption, named, opened, said
from station.parts import PartRecord
from station.parts.findings import find_doubts


def list_parts(
    retired: Annotated[bool, typer.Option("--retired", help="The retired ones instead.")] = False,
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """List the classes by number."""
    with opened(config, demo) as (_, parts):
        _print_records([record for record in parts.all() if record.retired is retired], as_json)


def search(
    text: Annotated[str, typer.Argument(help="Words of number, name, super-class or tags.")],
    retired: Annotated[bool, typer.Option("--retired", help="Retired ones, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Search the classes, as the operator's page does."""
    with opened(config, demo) as (_, parts):
        _print_records(parts.search(text, limit, retired=retired), as_json)


def show(
    class_id: ClassArgument, as_json: JsonOption = False, demo: DemoOption = False, config: ConfigOption = None
) -> None:
    """Show all that is known of a class."""
    with opened(config, demo) as (_, parts):
        record = named(parts, class_id)
    if as_json:
        typer.echo(json.dumps(asdict(record), ensure_ascii=False))
        return
    size = " × ".join(f"{edge * 1000:g}" for edge in record.size_m) + " mm" if record.size_m else "–"
    lines = [
        ("class", record.class_id + (" (retired)" if record.retired else "")),
        ("number", record.number),
        ("name", record.name),
        ("super-class", " > ".join(record.super_class) or "–"),
        *((heading, ", ".join(tags)) for heading, tags in record.description.items()),
        ("weight", "–" if record.weight_kg is None else f"{record.weight_kg:g} kg"),
        ("size", size),
        ("picture", record.reference or "–"),
    ]
    for title, value in lines:
        typer.echo(f"{title:12} {value}")


def history(
    class_id: Annotated[str | None, typer.Argument(metavar="CLASS", help="Class id or number; all without it.")] = None,
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what was changed: when, who, through what, from what to what."""
    with opened(config, demo) as (_, parts):
        changes = parts.history(named(parts, class_id).class_id if class_id else None)
    if as_json:
        rows = [{**asdict(one), "at": one.at.isoformat().replace("+00:00", "Z")} for one in changes]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("when", "class", "who", "through", "field", "from", "to")
    for one in changes:
        who, way = one.author.who or "–", one.author.through or "–"
        when = one.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(when, one.class_id, who, way, one.field, said(one.before), said(one.after))
    Console().print(table)


def check(as_json: JsonOption = False, demo: DemoOption = False, config: ConfigOption = None) -> None:
    """Look for numbers that may be one and for tags nobody agreed on; exit 1 when there are any."""
    with opened(config, demo) as (_, parts):
        records = parts.all()
        doubts = find_doubts(records, parts.vocabulary)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in doubts], ensure_ascii=False))
    else:
        for one in doubts:
            typer.echo(one.sentence)
        typer.echo(f"{len(records)} classes, {len(doubts)} doubts.")
    raise typer.Exit(1 if doubts else 0)


def _print_records(records: Sequence[PartRecord], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(record) for record in records], ensure_ascii=False))
        return
    table = Table("number", "name", "class", "tags", "")
    for one in records:
        table.add_row(one.number, one.name, one.class_id, ", ".join(one.tags), "retired" if one.retired else "")
    Console().print(table)
