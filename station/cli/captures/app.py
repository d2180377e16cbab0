"""``station captures``: the table of its commands; each is imported only when it is called."""

from __future__ import annotations

import typer

from station.cli.late import LateCommand, late_group

_ROOM = "station.cli.captures"
_COMMANDS = {
    "search": LateCommand(f"{_ROOM}.looking", "search", "Find captures by their class's name, number and tags."),
    "stats": LateCommand(f"{_ROOM}.looking", "stats", "Count captures, classes and bytes."),
    "trash": LateCommand(f"{_ROOM}.changing", "trash", "Move captures into the trash."),
    "restore": LateCommand(f"{_ROOM}.changing", "restore", "Bring captures back from the trash."),
    "relabel": LateCommand(f"{_ROOM}.changing", "relabel", "Move captures to another class."),
    "move": LateCommand(f"{_ROOM}.changing", "move", "Move a capture to another split or place."),
    "empty-trash": LateCommand(f"{_ROOM}.changing", "empty_trash", "Remove what lies in the trash for good."),
    "audit": LateCommand(f"{_ROOM}.changing", "audit", "Show who changed what."),
    "verify": LateCommand(f"{_ROOM}.checking", "verify", "Check every hash, and the index against the folders."),
    "reindex": LateCommand(f"{_ROOM}.checking", "reindex", "Make the index again from the folders."),
    "manifest": LateCommand(f"{_ROOM}.frozen", "manifest", "Write which captures there are, or what changed since."),
}

app = typer.Typer(
    cls=late_group(_COMMANDS), help="Look after the captures.", no_args_is_help=True, add_completion=False
)


@app.callback()
def begin() -> None:
    """Look after the captures."""
