"""What the commands of ``station parts`` share: the open part master, a class by id or number, options."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from station.cli.configuration import chosen_settings
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import ConfigError, PartError
from station.parts import Author, PartMaster, PartRecord

ClassArgument = Annotated[str, typer.Argument(metavar="CLASS", help="Class id, or its part number.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DemoOption = Annotated[bool, typer.Option("--demo", help="The part master of the simulated rig.")]
WhoOption = Annotated[str, typer.Option("--who", metavar="CODE", help="Your code; stored if [privacy] allows it.")]
AlikeOption = Annotated[bool, typer.Option("--alike", help="Although it is nearly another one: both are meant.")]


@contextmanager
def opened(config: Path | None, demo: bool) -> Generator[tuple[LoadedSettings, PartMaster]]:
    """Open the part master, also beside a running station."""
    loaded = chosen_settings(config)
    root = DataDir.lay_out(loaded.demo_dir if demo else loaded.data_dir)
    parts = PartMaster(root / "parts.sqlite", root / "references")
    try:
        yield loaded, parts
    finally:
        parts.close()


def author(loaded: LoadedSettings, who: str) -> Author:
    """Return who changes something here; raises ConfigError for a code where none is stored."""
    if who and not loaded.settings.privacy.operators:
        raise ConfigError(
            "Operators' codes are not stored here.",
            where="--who",
            todo="Leave it out, or set operators = true under [privacy].",
        )
    return Author(who, "command line")


def folders(loaded: LoadedSettings, demo: bool) -> list[str]:
    """Return the class folders that are on the disk, with a record or not."""
    sets = (loaded.demo_dir if demo else loaded.data_dir) / "captures" / "sets"
    return [folder.name for folder in sets.iterdir()] if sets.is_dir() else []


def named(parts: PartMaster, called: str) -> PartRecord:
    """Return a class by its id or its number; raises PartError."""
    record = parts.get(called)
    by_number = [one for one in parts.all() if one.number == called] if record is None else [record]
    if len(by_number) != 1:
        found = "no class" if not by_number else "several classes"
        raise PartError(f"There is {found} with the id or number {called!r}.", todo="See: station parts search.")
    return by_number[0]


def description_of(words: list[str]) -> dict[str, tuple[str, ...]]:
    """Return tags that are written ``Heading:tag`` by heading; raises ConfigError."""
    description: dict[str, tuple[str, ...]] = {}
    for word in words:
        heading, _, tag = (part.strip() for part in word.partition(":"))
        if not tag:
            raise ConfigError(f"{word!r} is no tag.", where="--tag", todo="Write it as Materials:steel.")
        description[heading] = (*description.get(heading, ()), tag)
    return description


def said(value: Any) -> str:
    """Return a field's value as a person reads it."""
    if isinstance(value, Mapping):
        headings = cast("Mapping[str, Iterable[str]]", value).items()
        return ", ".join(f"{heading}:{tag}" for heading, tags in headings for tag in tags) or "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in cast("Iterable[object]", value)) or "–"
    return "–" if value in (None, "") else str(value)
