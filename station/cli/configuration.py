"""The ``--config`` option of every command, and ``station config`` which looks at the file itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, cast

import platformdirs
import typer

from station.config import FILE_NAME, LoadedSettings, find_config, load_settings, require_rig

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help=f"Configuration file; {FILE_NAME} here or in your folder if absent."),
]
"""Annotation of the ``--config`` parameter of a command."""


def chosen_settings(config: Path | None) -> LoadedSettings:
    """Return the settings of ``--config``, ``STATION_CONFIG``, this folder or the user's folder; raises ConfigError."""
    path = find_config(config, os.environ, Path.cwd(), platformdirs.user_config_path("station", appauthor=False))
    return load_settings(path, platformdirs.user_data_path("station", appauthor=False))


app = typer.Typer(help="Look at the configuration.", no_args_is_help=True, add_completion=False)


@app.command()
def check(
    config: ConfigOption = None,
    rig: Annotated[bool, typer.Option("--rig", help="Also ask for what only the real rig needs.")] = False,
) -> None:
    """Say whether the configuration is right, and where it lies."""
    loaded = chosen_settings(config)
    if rig:
        require_rig(loaded.settings, loaded.where)
    typer.echo(f"{loaded.where}: everything is right.")
    typer.echo(f"Data directory: {loaded.data_dir}")
    given = len(loaded.settings.serials())
    typer.echo(f"Cameras with a serial number: {given} of 10{'' if given else ' (enough for the simulated rig)'}")


@app.command()
def show(config: ConfigOption = None) -> None:
    """Print every setting with its present value, as TOML."""
    import tomlkit

    loaded = chosen_settings(config)
    document = tomlkit.document()
    document.add(tomlkit.comment(loaded.where))
    for name, section in loaded.settings.model_dump(mode="json").items():
        document.add(name, tomlkit.item(_without_none(section)))
    typer.echo(tomlkit.dumps(document).rstrip())


def _without_none(value: Any) -> Any:
    """TOML has no null: a setting that is off is left out, in every section."""
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in cast(dict[str, Any], value).items() if one is not None}
    if isinstance(value, list):
        return [_without_none(one) for one in cast(list[Any], value)]
    return value
