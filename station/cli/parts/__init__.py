"""``station parts``: look at the part master, change it, import and export tables of parts."""

from __future__ import annotations

import typer

from station.cli.parts.changing import change, new, restore, retire, tags
from station.cli.parts.looking import check, history, list_parts, search, show
from station.cli.parts.tables import export, import_parts

app = typer.Typer(help="Look at the part master, change it, import tables.", no_args_is_help=True, add_completion=False)
app.command("list")(list_parts)
app.command()(search)
app.command()(show)
app.command()(new)
app.command()(change)
app.command()(retire)
app.command()(restore)
app.command()(history)
app.command()(check)
app.command()(tags)
app.command("import")(import_parts)
app.command()(export)
