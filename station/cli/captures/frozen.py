"""``station captures manifest``: which captures there are, frozen as a list of hashes, and what changed since."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from station.captures.manifest import MANIFEST_FILE, Manifest, ManifestChanges, compare, manifest_of_tree, read_manifest
from station.cli.captures.opened import JsonOption, data_root, shown
from station.cli.configuration import ConfigOption
from station.datadir import CAPTURES
from station.durable_json import write_durably
from station.errors import ConfigError, DatasetError, StorageError


def manifest(
    tree: Annotated[Path | None, typer.Argument(help="Another tree than the station's.")] = None,
    config: ConfigOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the list to this new file.")] = None,
    since: Annotated[
        Path | None, typer.Option("--since", help="Say what changed since a manifest, or since a model was trained.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the ids, hashes and labels of all captures, or compare them with an earlier list."""
    if out is not None and out.exists():
        raise ConfigError("There is a file already, and a manifest is never changed.", where=str(out))
    earlier = None if since is None else _earlier(since)
    place = tree if tree is not None else data_root(config) / CAPTURES
    with shown("captures") as course:
        now = manifest_of_tree(place, course)
    if out is not None:
        try:
            write_durably(out.absolute(), now.to_text().encode("utf-8"))
        except OSError as error:
            raise StorageError(f"The manifest cannot be written: {error.strerror or error}.", where=str(out)) from error
    changes = None if earlier is None else compare(earlier, now)
    if as_json:
        said = {"sha256": now.hash, "captures": len(now.lines)}
        typer.echo(json.dumps(said if changes is None else {**said, "changes": asdict(changes)}, ensure_ascii=False))
    elif changes is not None:
        _show(changes)
    elif out is None:
        typer.echo(now.to_text(), nl=False)
    else:
        _tell(now, out)


def _earlier(since: Path) -> Manifest:
    """Read a manifest, or the one in a model's folder; raises DatasetError."""
    if not since.is_dir():
        return read_manifest(since)
    if not (since / MANIFEST_FILE).is_file():
        raise DatasetError(
            "The folder does not say which captures its model has learned from.",
            where=str(since),
            todo=f"Give the folder of a model with {MANIFEST_FILE}, or a manifest.",
        )
    manifest = read_manifest(since / MANIFEST_FILE)
    try:
        facts = json.loads((since / "model.json").read_text(encoding="utf-8"))
        stated = facts["manifest"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"The model's description cannot be read: {error!r}.", where=str(since)) from error
    if stated != manifest.hash:
        raise DatasetError(
            f"{MANIFEST_FILE} is not the list that the model was trained with.",
            where=str(since),
            todo="Restore the model's folder.",
        )
    return manifest


def _tell(now: Manifest, out: Path) -> None:
    typer.echo(f"{len(now.lines)} captures with the hash {now.hash} are listed in {out}.")


def _show(changes: ManifestChanges) -> None:
    for line in changes.added:
        typer.echo(f"added       {line.capture_id}  {line.class_id} ({line.split})")
    for line in changes.removed:
        typer.echo(f"removed     {line.capture_id}  {line.class_id} ({line.split})")
    for old, new in changes.relabelled:
        typer.echo(f"relabelled  {new.capture_id}  from {old.class_id} ({old.split}) to {new.class_id} ({new.split})")
    for _, new in changes.changed:
        typer.echo(f"changed     {new.capture_id}  {new.class_id} ({new.split})")
    typer.echo(
        "Nothing changed."
        if changes.none
        else f"{len(changes.added)} added, {len(changes.removed)} removed, {len(changes.relabelled)} relabelled, "
        f"{len(changes.changed)} changed."
    )
