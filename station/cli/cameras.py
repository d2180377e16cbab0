"""``station cameras``: what is connected, who stands where, and one colour for all."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import cv2
import typer
from rich.console import Console
from rich.table import Table

from station.acquisition import Rig
from station.cameras.colour_match import ColourEye, deviation, match_colour
from station.cameras.configured import configured_camera
from station.cameras.discovery import CameraLine, ConnectedCamera, Presence, camera_table, connected_cameras
from station.cameras.librealsense import load_sdk
from station.cli.configuration import ConfigOption, chosen_settings
from station.config import FILE_NAME, LoadedSettings
from station.config_file import ConfigFile
from station.errors import CameraError, ConfigError
from station.frames import ROLES
from station.settings import CameraEntry

app = typer.Typer(
    help="Find the cameras, give them roles, match their colour.", no_args_is_help=True, add_completion=False
)

_NEXT_START = "It is used when the station is started again."


@app.command("list")
def list_cameras(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show the configured cameras against the connected ones; exit code 1 when they differ."""
    loaded = chosen_settings(config)
    lines = camera_table(loaded.settings.serials(), _connected())
    if as_json:
        typer.echo(json.dumps({"cameras": [_as_json(line) for line in lines]}, indent=1))
    elif lines:
        _show(lines)
    else:
        typer.echo("No camera is connected and none is configured.")
    if any(line.presence is not Presence.OK for line in lines):
        raise typer.Exit(1)


@app.command()
def replace(
    role: Annotated[str, typer.Argument(help="Place of the camera, cam_01 to cam_10.")],
    serial: Annotated[str, typer.Argument(help="Serial number of the new camera, printed on it.")],
    config: ConfigOption = None,
    unseen: Annotated[bool, typer.Option("--unseen", help="Also when that camera is not connected now.")] = False,
) -> None:
    """Put a new camera in the place of a role."""
    loaded = chosen_settings(config)
    file = _file(loaded)
    before = file.serials.get(role)
    file.give_role(role, serial)
    if not unseen:
        _require_connected(serial)
    if (backup := file.save()) is None:
        typer.echo(f"{role} is {serial} already.")
        return
    was = f" (was {before})" if before else ""
    typer.echo(f"{role} is {serial}{was}. {_NEXT_START} The former file is {backup.name}.")
    typer.echo("A new camera, even in the same place, needs its calibration: station calibrate collect.")


@app.command()
def assign(
    config: ConfigOption = None,
    pictures: Annotated[Path, typer.Option(help="Folder for one picture of each camera.")] = Path("camera-pictures"),
    everyone: Annotated[bool, typer.Option("--all", help="Ask for cameras that have a role, too.")] = False,
    look: Annotated[bool, typer.Option("--look", help="Only take the pictures; ask nothing.")] = False,
    in_terminal: Annotated[
        bool, typer.Option("--terminal", help="Ask here, with a picture of each camera in a folder, not in a window.")
    ] = False,
) -> None:
    """Show every camera without a role live and ask where it stands: point at a picture, then at its place."""
    loaded = chosen_settings(config)
    file = _file(loaded)
    given = {serial: role for role, serial in file.serials.items()}
    there = [camera for camera in _connected() if camera.serial and (everyone or camera.serial not in given)]
    if not there:
        typer.echo("No camera without a role is connected.")
        return
    from ui.offscreen import display_available

    if not (look or in_terminal) and display_available(os.environ, sys.platform):
        if _point_at([camera.serial for camera in there], file, loaded):
            _tell_saved(file)
        return
    pictures.mkdir(parents=True, exist_ok=True)
    taken: list[tuple[ConnectedCamera, Path]] = []
    for camera in there:
        try:
            taken.append((camera, _picture(camera, loaded, pictures)))
            typer.echo(f"{camera.serial} ({camera.name}, port {camera.port or 'unknown'}): {taken[-1][1]}")
        except CameraError as error:
            # Not where it happened: the camera has no role yet, whatever it was opened as.
            typer.echo(f"{camera.serial}: {error.what} {error.todo or ''}".rstrip(), err=True)
    if look:
        return
    for camera, picture in taken:
        _ask(file, camera.serial, picture)
    _tell_saved(file)


def _tell_saved(file: ConfigFile) -> None:
    if (backup := file.save()) is None:
        typer.echo("Nothing was changed.")
        return
    missing = [role for role in ROLES if role not in file.serials]
    typer.echo(f"{file.path} is written. {_NEXT_START} The former file is {backup.name}.")
    if missing:
        typer.echo(f"Without a camera: {', '.join(missing)}.")


@app.command("match-colour")
def match_colour_command(
    config: ConfigOption = None,
    reference: Annotated[str, typer.Option(help="The camera whose colour is right.")] = ROLES[0],
) -> None:
    """Lock exposure, gain and white balance of all cameras to what the reference shows of the empty plate now."""
    loaded = chosen_settings(config)
    file = _file(loaded)
    automatic = loaded.settings.rig.model_copy(update={"exposure_us": None, "gain": None, "white_balance_k": None})
    settings = loaded.settings.model_copy(update={"rig": automatic})
    entries = {entry.role: entry for entry in settings.cameras}
    if reference not in entries:
        raise ConfigError(
            f"{reference} has no camera.", where=loaded.where, todo="Name another with --reference, or assign one."
        )
    say = Console(stderr=True)
    say.print(f"Measuring with {reference}; keep the plate empty and the light as in daily work …")
    with ColourEye(configured_camera(entries[reference], settings, loaded.folder)) as eye:
        colour, left = match_colour(eye, automatic.fps)
        wanted = eye.look()
    typer.echo(f"Exposure {colour.exposure_us:g} µs, gain {colour.gain:g}, white balance {colour.white_balance_k:g} K.")
    typer.echo(f"{reference}: {left.brightness:+.0%} brightness, {left.warmth:+.0%} red against its automatic picture")
    for role in (role for role in ROLES if role in entries and role != reference):
        try:
            with ColourEye(configured_camera(entries[role], settings, loaded.folder)) as eye:
                other = deviation(eye.locked_look(colour), wanted)
            typer.echo(f"{role}: {other.brightness:+.0%} brightness, {other.warmth:+.0%} red against {reference}")
        except CameraError as error:
            say.print(f"{role} was not compared: {error}")
    file.set_rig(asdict(colour))
    backup = file.save()
    typer.echo(
        "station.toml has these values already."
        if backup is None
        else f"{file.path} is written. {_NEXT_START} The former file is {backup.name}."
    )


def _connected() -> tuple[ConnectedCamera, ...]:
    try:
        return connected_cameras(load_sdk())
    except RuntimeError as error:
        raise CameraError(f"The SDK cannot list the cameras: {error}.", todo="Run: station doctor.") from error


def _require_connected(serial: str) -> None:
    found = [camera.serial for camera in _connected() if camera.serial]
    if serial not in found:
        raise CameraError(
            f"No camera with the serial {serial} is connected; connected are: {', '.join(found) or 'none'}.",
            todo="Check the number, or add --unseen.",
        )


def _file(loaded: LoadedSettings) -> ConfigFile:
    if loaded.path is None:
        raise ConfigError(
            f"There is no {FILE_NAME} that could be changed.",
            todo=f"Copy the {FILE_NAME} of the program into this folder, or name one with --config.",
        )
    return ConfigFile(loaded.path)


def _point_at(serials: Sequence[str], file: ConfigFile, loaded: LoadedSettings) -> bool:
    """Show up to ten cameras live and take over who stands where; returns whether that is to be written."""
    from ui.app import point_at_cameras

    shown_as = dict(zip(serials, ROLES, strict=False))
    if len(serials) > len(ROLES):
        typer.echo(f"{len(serials)} cameras are connected; the first ten are shown.", err=True)
    entries = [CameraEntry.model_validate({"role": role, "serial": serial}) for serial, role in shown_as.items()]
    with ExitStack() as stack:
        rig = Rig(
            [configured_camera(entry, loaded.settings, loaded.folder) for entry in entries], fps=loaded.settings.rig.fps
        )
        stack.callback(rig.stop)
        rig.start(minimum=1)
        given = {serial: role for role, serial in file.serials.items()}
        interface = loaded.settings.interface
        roles = point_at_cameras(rig, shown_as, given, interface.language, interface.theme)
    if roles is None:
        typer.echo("Nothing was changed.")
        return False
    file.give_roles({role: serial for serial, role in roles.items()})
    return True


def _ask(file: ConfigFile, serial: str, picture: Path) -> None:
    free = [role for role in ROLES if role not in file.serials]
    while True:
        answer = typer.prompt(
            f"Which place does {picture.name} show? (free: {', '.join(free) or 'none'}; Enter passes over)",
            default="",
            show_default=False,
        ).strip()
        if not answer:
            return
        try:
            file.give_role(f"cam_{int(answer):02d}" if answer.isdecimal() else answer, serial)
        except ConfigError as error:
            typer.echo(str(error))
        else:
            return


def _picture(camera: ConnectedCamera, loaded: LoadedSettings, folder: Path) -> Path:
    """Open one camera with the rig's profile and keep its picture; raises CameraError."""
    entry = CameraEntry.model_validate({"role": ROLES[0], "serial": camera.serial})
    with ColourEye(configured_camera(entry, loaded.settings, loaded.folder)) as eye:
        eye.frame()  # automatic exposure needs some pictures before one is worth looking at
        color = eye.frame().color
    file = folder / f"{camera.serial}.png"
    if not cv2.imwrite(str(file), cv2.cvtColor(color, cv2.COLOR_RGB2BGR)):
        raise CameraError("Its picture cannot be written.", where=str(file), todo="Give another folder: --pictures.")
    return file


def _as_json(line: CameraLine) -> Mapping[str, Any]:
    return {"role": line.role, "state": line.presence.value, **asdict(line.camera)}


def _show(lines: tuple[CameraLine, ...]) -> None:
    table = Table("role", "serial", "name", "firmware", "USB", "port", "controller", "state", box=None)
    for line in lines:
        camera = line.camera
        state = f"{line.presence.value}: {camera.trouble}" if camera.trouble else line.presence.value
        table.add_row(
            line.role or "–",
            camera.serial,
            camera.name,
            camera.firmware,
            camera.usb,
            camera.port,
            camera.controller,
            state,
        )
    Console(width=140).print(table)
