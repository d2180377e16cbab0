"""``station parts new``, ``change``, ``retire``, ``restore``, ``tags``: changing the part master."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from station.cli.configuration import ConfigOption
from station.cli.parts.options import (
    AlikeOption,
    ClassArgument,
    DemoOption,
    WhoOption,
    author,
    description_of,
    folders,
    named,
    opened,
)
from station.parts import PartRecord


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
    with opened(config, demo) as (loaded, parts):
        record = PartRecord("", number, name, description=description_of(tag or []), weight_kg=weight_kg)
        typer.echo(parts.new_class(record, author(loaded, who), taken=folders(loaded, demo), alike=alike))


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
    with opened(config, demo) as (loaded, parts):
        before = named(parts, class_id)
        description = {heading: list(tags) for heading, tags in before.description.items()}
        for heading, words in description_of(tag or []).items():
            description.setdefault(heading, []).extend(words)
        for heading, words in description_of(untag or []).items():
            description[heading] = [one for one in description.get(heading, []) if one not in words]
        after = replace(
            before,
            number=before.number if number is None else number,
            name=before.name if name is None else name,
            description={heading: tuple(dict.fromkeys(tags)) for heading, tags in description.items() if tags},
            weight_kg=before.weight_kg if weight_kg is None else weight_kg or None,
        )
        parts.change(before, after, author(loaded, who), alike=alike)


def retire(class_id: ClassArgument, who: WhoOption = "", demo: DemoOption = False, config: ConfigOption = None) -> None:
    """Take a class out of use; its captures and history stay."""
    with opened(config, demo) as (loaded, parts):
        parts.retire(named(parts, class_id).class_id, author(loaded, who))


def restore(
    class_id: ClassArgument, who: WhoOption = "", demo: DemoOption = False, config: ConfigOption = None
) -> None:
    """Take a retired class into use again."""
    with opened(config, demo) as (loaded, parts):
        parts.take_back(named(parts, class_id).class_id, author(loaded, who))


def tags(
    add: Annotated[str | None, typer.Option(metavar="HEADING:TAG", help="Add a tag to the vocabulary.")] = None,
    alike: AlikeOption = False,
    demo: DemoOption = False,
    config: ConfigOption = None,
) -> None:
    """Show the tags that may be used, or add one."""
    with opened(config, demo) as (_, parts):
        if add is not None:
            ((heading, words),) = description_of([add]).items()
            parts.add_tag(heading, words[0], alike=alike)
        else:
            for heading, known in parts.vocabulary.headings.items():
                typer.echo(f"{heading}: {', '.join(known)}")
