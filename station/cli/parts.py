"""``station parts``: look at the part master, change it, import and export tables of parts."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from station.cli.configuration import ConfigOption, chosen_settings
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import ConfigError, PartError, StorageError
from station.parts import Author, PartMaster, PartRecord
from station.parts.export import to_csv
from station.parts.findings import find_doubts
from station.parts.importing import ImportPlan, PlannedRow, RowState, plan_import, take_over
from station.parts.table import read_table

app = typer.Typer(help="Look at the part master, change it, import tables.", no_args_is_help=True, add_completion=False)

ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="Class id, or its part number.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DemoOption = Annotated[bool, typer.Option("--demo", help="The part master of the simulated rig.")]
WhoOption = Annotated[str, typer.Option("--who", metavar="CODE", help="Your code; stored if [privacy] allows it.")]
AlikeOption = Annotated[bool, typer.Option("--alike", help="Although it is nearly another one: both are meant.")]


@app.command("list")
def list_parts(
    retired: Annotated[bool, typer.Option("--retired", help="The retired ones instead.")] = False,
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """List the classes by number."""
    with _opened(config, demo) as (_, parts):
        _print_records([record for record in parts.all() if record.retired is retired], as_json)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words of number, name, super-class or tags.")],
    retired: Annotated[bool, typer.Option("--retired", help="Retired ones, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Search the classes, as the operator's page does."""
    with _opened(config, demo) as (_, parts):
        _print_records(parts.search(text, limit, retired=retired), as_json)


@app.command()
def show(
    class_id: ClassArgument, as_json: JsonOption = False, demo: DemoOption = False, config: ConfigOption = None
) -> None:
    """Show all that is known of a class."""
    with _opened(config, demo) as (_, parts):
        record = _named(parts, class_id)
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


@app.command()
def new(
    number: Annotated[str, typer.Option(help="Part number.")] = "",
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    tag: Annotated[list[str] | None, typer.Option(metavar="HEADING:TAG", help="A tag; may be repeated.")] = None,
    weight_kg: Annotated[float | None, typer.Option(min=0.0, help="Nominal weight, kg.")] = None,
    who: WhoOption = "",
    alike: AlikeOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Add a class and print its permanent id."""
    with _opened(config, demo) as (loaded, parts):
        record = PartRecord("", number, name, description=_description(tag or []), weight_kg=weight_kg)
        typer.echo(parts.new_class(record, _author(loaded, who), taken=_folders(loaded, demo), alike=alike))


@app.command()
def change(
    class_id: ClassArgument,
    number: Annotated[str | None, typer.Option(help="New part number.")] = None,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="HEADING:TAG", help="A tag it gets.")] = None,
    untag: Annotated[list[str] | None, typer.Option(metavar="HEADING:TAG", help="A tag it loses.")] = None,
    weight_kg: Annotated[float | None, typer.Option(min=0.0, help="Nominal weight, kg; 0: not known.")] = None,
    who: WhoOption = "",
    alike: AlikeOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Change number, name, tags or weight; the class id stays."""
    with _opened(config, demo) as (loaded, parts):
        before = _named(parts, class_id)
        description = {heading: list(tags) for heading, tags in before.description.items()}
        for heading, words in _description(tag or []).items():
            description.setdefault(heading, []).extend(words)
        for heading, words in _description(untag or []).items():
            description[heading] = [one for one in description.get(heading, []) if one not in words]
        after = replace(
            before,
            number=before.number if number is None else number,
            name=before.name if name is None else name,
            description={heading: tuple(dict.fromkeys(tags)) for heading, tags in description.items() if tags},
            weight_kg=before.weight_kg if weight_kg is None else weight_kg or None,
        )
        parts.change(before, after, _author(loaded, who), alike=alike)


@app.command()
def retire(class_id: ClassArgument, who: WhoOption = "", demo: DemoOption = False, config: ConfigOption = None) -> None:
    """Take a class out of use; its captures and history stay."""
    with _opened(config, demo) as (loaded, parts):
        parts.retire(_named(parts, class_id).class_id, _author(loaded, who))


@app.command()
def restore(
    class_id: ClassArgument, who: WhoOption = "", demo: DemoOption = False, config: ConfigOption = None
) -> None:
    """Take a retired class into use again."""
    with _opened(config, demo) as (loaded, parts):
        parts.take_back(_named(parts, class_id).class_id, _author(loaded, who))


@app.command()
def history(
    class_id: Annotated[str | None, typer.Argument(metavar="CLASS", help="Class id or number; all without it.")] = None,
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what was changed: when, who, through what, from what to what."""
    with _opened(config, demo) as (_, parts):
        changes = parts.history(_named(parts, class_id).class_id if class_id else None)
    if as_json:
        rows = [{**asdict(one), "at": one.at.isoformat().replace("+00:00", "Z")} for one in changes]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("when", "class", "who", "through", "field", "from", "to")
    for one in changes:
        who, way = one.author.who or "–", one.author.through or "–"
        when = one.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(when, one.class_id, who, way, one.field, _said(one.before), _said(one.after))
    Console().print(table)


@app.command()
def check(as_json: JsonOption = False, demo: DemoOption = False, config: ConfigOption = None) -> None:
    """Look for numbers that may be one and for tags nobody agreed on; exit 1 when there are any."""
    with _opened(config, demo) as (_, parts):
        records = parts.all()
        doubts = find_doubts(records, parts.vocabulary)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in doubts], ensure_ascii=False))
    else:
        for one in doubts:
            typer.echo(one.sentence)
        typer.echo(f"{len(records)} classes, {len(doubts)} doubts.")
    raise typer.Exit(1 if doubts else 0)


@app.command()
def tags(
    add: Annotated[str | None, typer.Option(metavar="HEADING:TAG", help="Add a tag to the vocabulary.")] = None,
    alike: AlikeOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Show the tags that may be used, or add one."""
    with _opened(config, demo) as (_, parts):
        if add is not None:
            ((heading, words),) = _description([add]).items()
            parts.add_tag(heading, words[0], alike=alike)
        else:
            for heading, known in parts.vocabulary.headings.items():
                typer.echo(f"{heading}: {', '.join(known)}")


@app.command("import")
def import_parts(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Table of parts; [parts] names its columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    new_tags: Annotated[bool, typer.Option("--new-tags", help="Unknown words become tags of the vocabulary.")] = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Take a table over: all or nothing, nothing is deleted; exit 1 when rows in conflict were left alone."""
    with _opened(config, demo) as (loaded, parts):
        columns = loaded.settings.parts
        table = read_table(file, columns)
        plan = plan_import(table, parts, columns, learn_tags=new_tags, taken=_folders(loaded, demo))
        if not dry_run:
            take_over(plan, parts, replace(_author(loaded, who), through=f"import {file.name}"))
    if as_json:
        typer.echo(json.dumps(_report(plan, done=not dry_run), ensure_ascii=False))
    else:
        typer.echo(f"{file}: {len(table.rows)} rows, {table.encoding}, delimiter {table.delimiter!r}.")
        _print_plan(plan, done=not dry_run)
    raise typer.Exit(1 if plan.of(RowState.CONFLICT) else 0)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Where to; an existing file is not overwritten.")],
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Write all classes as a table that the import reads back."""
    with _opened(config, demo) as (loaded, parts):
        records = parts.all()
        try:
            with file.open("xb") as out:
                out.write(to_csv(records, loaded.settings.parts))
        except (OSError, UnicodeEncodeError) as error:
            reason = (
                error.strerror if isinstance(error, OSError) else f"its encoding lacks {error.object[error.start]!r}"
            )
            raise StorageError(f"The table cannot be written: {reason}.", where=str(file)) from error
    typer.echo(f"{file}: {len(records)} classes.")


@contextmanager
def _opened(config: Path | None, demo: bool) -> Generator[tuple[LoadedSettings, PartMaster]]:
    """Open the part master, also beside a running station."""
    loaded = chosen_settings(config)
    root = DataDir.lay_out(loaded.demo_dir if demo else loaded.data_dir)
    parts = PartMaster(root / "parts.sqlite", root / "references")
    try:
        yield loaded, parts
    finally:
        parts.close()


def _author(loaded: LoadedSettings, who: str) -> Author:
    if who and not loaded.settings.privacy.operators:
        raise ConfigError(
            "Operators' codes are not stored here.",
            where="--who",
            todo="Leave it out, or set operators = true under [privacy].",
        )
    return Author(who, "command line")


def _folders(loaded: LoadedSettings, demo: bool) -> list[str]:
    """Return the class folders that are on the disk, with a record or not."""
    sets = (loaded.demo_dir if demo else loaded.data_dir) / "captures" / "sets"
    return [folder.name for folder in sets.iterdir()] if sets.is_dir() else []


def _named(parts: PartMaster, named: str) -> PartRecord:
    record = parts.get(named)
    by_number = [one for one in parts.all() if one.number == named] if record is None else [record]
    if len(by_number) != 1:
        found = "no class" if not by_number else "several classes"
        raise PartError(f"There is {found} with the id or number {named!r}.", todo="See: station parts search.")
    return by_number[0]


def _description(words: list[str]) -> dict[str, tuple[str, ...]]:
    description: dict[str, tuple[str, ...]] = {}
    for word in words:
        heading, _, tag = (part.strip() for part in word.partition(":"))
        if not tag:
            raise ConfigError(f"{word!r} is no tag.", where="--tag", todo="Write it as Materials:steel.")
        description[heading] = (*description.get(heading, ()), tag)
    return description


def _print_records(records: list[PartRecord] | tuple[PartRecord, ...], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(record) for record in records], ensure_ascii=False))
        return
    table = Table("number", "name", "class", "tags", "")
    for one in records:
        table.add_row(one.number, one.name, one.class_id, ", ".join(one.tags), "retired" if one.retired else "")
    Console().print(table)


def _print_plan(plan: ImportPlan, *, done: bool) -> None:
    for row in plan.of(RowState.NEW):
        typer.echo(f"line {row.line}: new {row.number} {row.record.name if row.record else ''}")
    for row in plan.of(RowState.CHANGED):
        said = "; ".join(f"{name}: {_said(before)} → {_said(after)}" for name, before, after in row.changes)
        typer.echo(f"line {row.line}: changed {row.number}: {said}")
    for heading, tag in plan.new_tags:
        typer.echo(f"new tag {heading}:{tag}")
    for row in plan.of(RowState.CONFLICT):
        typer.echo(f"line {row.line}: left alone: {row.sentence}.")
    counts = ", ".join(f"{len(plan.of(state))} {state.value}" for state in RowState)
    typer.echo(f"{counts}. {'Taken over.' if done else 'Nothing was changed: this was a dry run.'}")


def _report(plan: ImportPlan, *, done: bool) -> dict[str, Any]:
    return {
        "done": done,
        "counts": {state.value: len(plan.of(state)) for state in RowState},
        "new_tags": [list(pair) for pair in plan.new_tags],
        "rows": [_row_report(row) for row in plan.rows if row.state is not RowState.SAME],
    }


def _row_report(row: PlannedRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "state": row.state.value,
        "number": row.number,
        "class": row.record.class_id if row.record else None,
        "changes": [{"field": name, "from": before, "to": after} for name, before, after in row.changes],
        "sentence": row.sentence,
    }


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        headings = cast("Mapping[str, Iterable[str]]", value).items()
        return ", ".join(f"{heading}:{tag}" for heading, tags in headings for tag in tags) or "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in cast("Iterable[object]", value)) or "–"
    return "–" if value in (None, "") else str(value)
