"""Commands that are imported only when they are called, so that ``--help`` need not import torch or Qt."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class LateCommand:
    """A command by its place: the module, the name of its function (or ``typer.Typer``) there, and its line of help."""

    module: str
    attribute: str
    help: str

    def load(self, name: str) -> Any:
        """Import the module and return its function or group as a command."""
        found = getattr(importlib.import_module(self.module), self.attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        return typer.main.get_command(single)


def late_group(table: Mapping[str, LateCommand]) -> type[TyperGroup]:
    """Return the class of a group that lists the table's commands by name and imports the one that is called."""

    class LateGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            placeholders = {name: TyperCommand(name, help=late.help) for name, late in table.items()}
            self.commands = {**placeholders, **self.commands}

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            """Return the named command, its rest of the arguments, and the command itself, imported now."""
            name, command, rest = super().resolve_command(ctx, args)
            return name, table[name].load(name) if name and name in table else command, rest

    return LateGroup
