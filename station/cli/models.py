"""``station models``: the models of the data directory, and which of them answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recognition.model_store import ModelStore
from recognition.registry import load_model
from station.cli.assembly import model_store
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.model_calibrate import calibrate

app = typer.Typer(
    help="List the models, add one, choose the one in use, calibrate.", no_args_is_help=True, add_completion=False
)
app.command()(calibrate)

_JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _store(config: ConfigOption) -> ModelStore:
    return model_store(chosen_settings(config))


@app.command("list")
def list_models(as_json: _JsonOption = False, config: ConfigOption = None) -> None:
    """List the models; an asterisk marks the one in use."""
    found = _store(config).listing()
    if as_json:
        for one in found:
            typer.echo(json.dumps({"name": one.name, "id": one.id, "classes": one.classes, "active": one.active}))
        return
    table = Table("", "name", "id", "classes")
    for one in found:
        table.add_row("*" if one.active else "", one.name, one.id or "damaged", str(one.classes or "–"))
    Console().print(table)
    for one in found:
        if one.fault:
            Console(stderr=True).print(f"{one.name}: {one.fault}", style="red", markup=False)


@app.command()
def add(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished model, such as training/pumps/model.")],
    name: Annotated[str | None, typer.Option(help="Its name in the list; the model's own if absent.")] = None,
    config: ConfigOption = None,
) -> None:
    """Take a trained model into the list; it is not in use by that."""
    chosen = _store(config).add(folder, name)
    typer.echo(f"Model {chosen} is in the list. Use it with: station models use {chosen}")


@app.command()
def use(name: Annotated[str, typer.Argument(help="A model of the list.")], config: ConfigOption = None) -> None:
    """Use a model from now on; a station that runs takes it between two parts. A damaged one is refused."""
    model = _store(config).use(name)
    typer.echo(f"Model {name} ({model.id}, {len(model.classes)} classes) is in use.")


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="A model of the list; the one in use if absent.")] = None,
    config: ConfigOption = None,
) -> None:
    """Check a model whole and show what it is."""
    store = _store(config)
    model = load_model(store.folder_of(name or store.active))
    lines = {
        "name": name or store.active,
        "id": model.id,
        "classes": str(len(model.classes)),
        "pictures": f"{model.config.input_size} px, {model.config.streams}",
        "encoders": f"{model.config.color_encoder}, {model.config.depth_encoder}",
        "views": model.config.view_fusion,
        "held out": ", ".join(model.held_out) or "–",
    }
    for heading, text in lines.items():
        typer.echo(f"{heading:<10}{text}")
