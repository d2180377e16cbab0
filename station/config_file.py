"""Changes ``station.toml`` for a person: comments stay, the former file is kept, a half-written one never is."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from station.config import parse_settings
from station.errors import ConfigError
from station.frames import ROLES

BACKUP_SUFFIX = ".bak"


class ConfigFile:
    """A configuration file that is being changed: read it, change it, :meth:`save` it.

    Raises ConfigError when the file cannot be read or is not right to begin with.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # a link stays one; its file is changed
        try:
            self._before = self.path.read_bytes()
        except OSError as error:
            raise ConfigError(f"The file cannot be read: {error.strerror or error}.", where=str(path)) from error
        parse_settings(self._before, str(path))
        self._mark = b"\xef\xbb\xbf" if self._before.startswith(b"\xef\xbb\xbf") else b""
        try:
            self._document: Any = tomlkit.parse(self._before.decode("utf-8-sig"))
        except TOMLKitError as error:
            raise ConfigError(
                f"The file cannot be changed here: {error}.", where=str(path), todo="Change it in an editor."
            ) from error

    @property
    def serials(self) -> dict[str, str]:
        """Serial by role, in the rig's order."""
        given = {str(entry["role"]): str(entry["serial"]) for entry in self._entries()}
        return {role: given[role] for role in ROLES if role in given}

    def give_role(self, role: str, serial: str) -> None:
        """Let the device ``serial`` have ``role``; raises ConfigError when it has another one or there is no such role.

        The camera's other settings stay.
        """
        if role not in ROLES:
            raise ConfigError(
                f'"{role}" is no role of the rig.', where=str(self.path), todo=f"Roles are {ROLES[0]} to {ROLES[-1]}."
            )
        owner = next((r for r, s in self.serials.items() if s == serial and r != role), None)
        if owner is not None:
            raise ConfigError(
                f"The camera {serial} is {owner} already.",
                where=str(self.path),
                todo=f"Give {owner} another camera first, or exchange the two in the file.",
            )
        for entry in self._entries():
            if entry["role"] == role:
                entry["serial"] = serial
                return
        self._append({"role": role, "serial": serial})

    def give_roles(self, serials: Mapping[str, str]) -> None:
        """Let exactly these devices have these roles: serial by role. What a role is set to besides stays with it."""
        cameras: Any = self._document.get("cameras", [])
        for place in reversed(range(len(cameras))):
            if cameras[place]["role"] not in serials:
                del cameras[place]
        there = {str(entry["role"]): entry for entry in cameras}
        for role in ROLES:
            if role in there and role in serials:
                there[role]["serial"] = serials[role]
            elif role in serials:
                self._append({"role": role, "serial": serials[role]})

    def set_rig(self, values: Mapping[str, float]) -> None:
        """Write numbers under ``[rig]``; a value that is there keeps its place and its comment."""
        if "rig" not in self._document:
            self._document["rig"] = tomlkit.table()
        rig = self._document["rig"]
        for key, value in values.items():
            rig[key] = value

    def save(self) -> Path | None:
        """Write the file if anything changed; return where the former one is kept, ``None`` when all was so already.

        The new file is checked before, written beside, synced, and put in place at once. Raises ConfigError.
        """
        after = self._mark + tomlkit.dumps(self._document).encode("utf-8")
        if after == self._before:
            return None
        parse_settings(after, str(self.path))
        backup = self.path.with_name(self.path.name + BACKUP_SUFFIX)
        beside = self.path.with_name(self.path.name + ".tmp")
        try:
            self._write(backup, self._before)
            self._write(beside, after)
            beside.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise ConfigError(
                f"The file cannot be written: {error.strerror or error}.",
                where=str(self.path),
                todo="It is as it was. Check its permissions and the disk.",
            ) from error
        return backup

    def _write(self, file: Path, content: bytes) -> None:
        with file.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(self.path, file)

    def _entries(self) -> list[Any]:
        return list(self._document.get("cameras", []))

    def _append(self, entry: Mapping[str, str]) -> None:
        if "cameras" not in self._document:
            self._document["cameras"] = tomlkit.aot()
        cameras: Any = self._document["cameras"]
        table: Any = tomlkit.table() if isinstance(self._document["cameras"], AoT) else tomlkit.inline_table()
        table.update(entry)
        if isinstance(table, Table):
            table.trivia.indent = "\n"
        cameras.append(table)


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable; other systems than Linux cannot open one."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
