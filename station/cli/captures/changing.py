"""``station captures trash|restore|relabel|move|audit``: change what captures are called and where they lie."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from station.captures.audit import Audit, AuditRow
from station.captures.catalog import Catalog
from station.captures.place import Place
from station.captures.store import CaptureStore, StoredCapture
from station.cli.captures.opened import JsonOption, data_root, errors
from station.cli.configuration import ConfigOption, chosen_settings
from station.config import LoadedSettings
from station.datadir import CAPTURES, DataDir
from station.errors import ConfigError, StationError
from station.file_calls import OS_FILES

Ids = Annotated[list[str], typer.Argument(help="Ids of captures, as `station captures search` shows them.")]
Who = Annotated[str | None, typer.Option("--who", help="Your code, kept where [privacy] has operators on.")]


def trash(
    ids: Ids, config: ConfigOption = None, who: Who = None, why: Annotated[str, typer.Option(help="Why.")] = ""
) -> None:
    """Move captures into the trash."""
    _change(config, ids, who, lambda store, capture_id, code: store.trash(capture_id, code, why))


def restore(ids: Ids, config: ConfigOption = None, who: Who = None) -> None:
    """Bring captures back from the trash: to their place, or the next free one."""
    _change(config, ids, who, lambda store, capture_id, code: store.restore(capture_id, code))


def relabel(
    ids: Ids,
    class_id: Annotated[str, typer.Option("--to", help="The class they belong to: its folder.")],
    config: ConfigOption = None,
    who: Who = None,
    new: Annotated[bool, typer.Option("--new", help="Make the class where there is none.")] = False,
) -> None:
    """Move captures to another class, into the next free place of the same split."""
    root = data_root(config)
    if not new and not (root / CAPTURES / "sets" / class_id).is_dir():
        raise ConfigError(f"There is no class {class_id!r}.", todo="Check its name, or give --new.")
    _change(config, ids, who, lambda store, capture_id, code: store.relabel(capture_id, class_id, code))


def move(
    capture_id: Annotated[str, typer.Argument(help="Id of a capture.")],
    place: Annotated[str, typer.Argument(help="CLASS/SPLIT for the next free place, or a place: CLASS/test_data/3.")],
    config: ConfigOption = None,
    who: Who = None,
) -> None:
    """Move a capture to another split or place."""

    def to_place(store: CaptureStore, capture_id: str, code: str | None) -> Future[StoredCapture]:
        return store.move(capture_id, _place(store, place), code)

    _change(config, [capture_id], who, to_place)


def empty_trash(
    days: Annotated[int, typer.Option(min=0, help="Only what has lain there for more than so many days.")] = 30,
    config: ConfigOption = None,
    who: Who = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove captures that lie in the trash for good; nothing brings them back but a backup."""
    loaded = chosen_settings(config)
    before = datetime.now(UTC) - timedelta(days=days)
    if not yes:
        typer.confirm(f"Remove what came into the trash before {before:%Y-%m-%d %H:%M} UTC for good?", abort=True)
    with open_store(loaded) as store:
        count = store.empty_trash(before, who if loaded.settings.privacy.operators else None).result()
    typer.echo(f"{count} captures were removed from the trash for good.")


def audit(
    capture_id: Annotated[str | None, typer.Argument(help="Only this capture.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who moved, relabelled, threw away or brought back captures, oldest first."""
    rows = Audit(OS_FILES, data_root(config) / CAPTURES).rows(capture_id)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(_line(row))
    if not rows:
        typer.echo("Nothing was changed so far.")


def _change(
    config: Path | None,
    ids: list[str],
    who: str | None,
    change: Callable[[CaptureStore, str, str | None], Future[StoredCapture]],
) -> None:
    """Do something with every capture; those that cannot be changed are told and end the command with 1."""
    loaded = chosen_settings(config)
    code = who if loaded.settings.privacy.operators else None
    refused = 0
    with open_store(loaded) as store:
        for capture_id in ids:
            try:
                stored = change(store, capture_id, code).result()
            except ConfigError:
                raise
            except StationError as error:
                refused += 1
                errors.print(str(error), style="red", markup=False)
                continue
            typer.echo(f"{stored.record.capture_id}  {stored.folder}")
    if refused:
        raise typer.Exit(1)


@contextmanager
def open_store(loaded: LoadedSettings) -> Generator[CaptureStore]:
    """Open the captures of a data directory to change them; raises StorageError when a station runs on it."""
    with DataDir.open(loaded.data_dir) as data:
        catalog = Catalog(data.catalog)
        try:
            store = CaptureStore(data.captures, catalog, least_free_bytes=loaded.settings.station.least_free_bytes)
            try:
                yield store
            finally:
                store.stop()
        finally:
            catalog.close()


def _place(store: CaptureStore, text: str) -> Place:
    class_id, slash, rest = text.partition("/")
    if rest in ("train", "valid", "test"):
        return store.next_place(class_id, rest)
    place = Place.from_folder(f"sets/{text}") if slash else None
    if place is None:
        raise ConfigError(
            f"{text!r} is no place.", todo="Give CLASS/train, CLASS/valid or CLASS/test, or CLASS/train_data/0/3."
        )
    return place


def _line(row: AuditRow) -> str:
    time = row.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    tail = "".join(f"  {text}" for text in (row.who, row.why) if text)
    return f"{time}  {row.action:<8}{row.capture_id}  {row.source} to {row.target or 'nowhere'}{tail}"
