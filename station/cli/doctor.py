"""``station doctor``: look at the machine and the rig, and say what is wrong and what mends it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import platformdirs
import typer

from station.cli.configuration import ConfigOption, chosen_settings
from station.config import LoadedSettings, load_settings
from station.doctor import Check, Status, examine, exit_code, report
from station.errors import ConfigError

_WORDS = {Status.OK: ("ok", "green"), Status.WARN: ("warn", "yellow"), Status.FAIL: ("FAIL", "bold red")}
_SIGNS = {Status.OK: "✓", Status.WARN: "!", Status.FAIL: "✗"}
_ARROW = "→"


def doctor(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as one JSON object.")] = False,
) -> None:
    """Check cameras, USB, scale, disk, clock, packages and GPU; ends with 0, after a warning 1, after a failure 2."""
    trouble = ""
    try:
        loaded = chosen_settings(config)
    except ConfigError as error:
        trouble, loaded = str(error), _built_in()
    checks = examine(loaded.settings, loaded.data_dir, loaded.where, config_trouble=trouble)
    if as_json:
        typer.echo(json.dumps(report(checks), indent=1))
    else:
        _show(checks)
    raise typer.Exit(exit_code(checks))


def _built_in() -> LoadedSettings:
    return load_settings(None, platformdirs.user_data_path("station", appauthor=False))


def _show(checks: Sequence[Check]) -> None:
    """Print a table: what needs a hand has its mend below what was found."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    signs, arrow = (_SIGNS, _ARROW) if _writes_signs(console.encoding) else (dict.fromkeys(Status, ""), "->")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("found")
    for check in checks:
        word, style = _WORDS[check.status]
        found = escape(check.found)
        if check.fix:
            found += f"\n[dim]{arrow} {escape(check.fix)}[/dim]"
        table.add_row(f"[{style}]{signs[check.status]} {word}[/{style}]", check.id, found)
    console.print(table)
    counted = {status: sum(check.status is status for check in checks) for status in Status}
    console.print(
        f"\n{len(checks)} checks: {counted[Status.OK]} ok, {counted[Status.WARN]} to look at, "
        f"{counted[Status.FAIL]} to mend."
    )


def _writes_signs(encoding: str) -> bool:
    """Whether the terminal can write the signs; a Windows code page may not."""
    try:
        "".join((*_SIGNS.values(), _ARROW)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
