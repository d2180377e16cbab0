"""The models of a station: a folder each, never changed, and one pointer to the one in use."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from recognition.registry import FACTS, ModelFolder, load_model, write_file
from station.durable_json import write_json
from station.errors import ModelError, StationError

SHIPPED = "demo"
"""Name of the model that comes with the program."""
POINTER = "active.json"
_KEPT = 20


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One line of the list of models; ``fault`` is why its description cannot be read, empty for a sound one."""

    name: str
    id: str
    classes: int
    active: bool
    fault: str = ""


class ModelStore:
    """The models in one folder beside the shipped one.

    ``active.json`` names the model in use and, newest last, those before it; until it is written the ``configured`` one
    is in use. It is replaced atomically, so whoever reads it reads a whole one.
    """

    def __init__(self, folder: Path, shipped: Path, configured: str = SHIPPED) -> None:
        """Look at a folder that need not be there; ``shipped`` is the folder of the shipped model."""
        self._folder = folder
        self._shipped = shipped
        self._configured = configured

    @property
    def active(self) -> str:
        """Name of the model in use; raises ModelError when the pointer is damaged."""
        history = self.history
        return history[-1] if history else self._configured

    @property
    def history(self) -> tuple[str, ...]:
        """Names of the models that were chosen, the newest last; raises ModelError when the pointer is damaged."""
        path = self._folder / POINTER
        try:
            names = json.loads(path.read_text(encoding="utf-8"))["history"]
            if not isinstance(names, list) or not all(isinstance(name, str) for name in cast(list[Any], names)):
                raise TypeError(f"history is {names!r}")
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"The pointer to the model in use is damaged: {error}.",
                where=str(path),
                todo="Choose one anew with: station models use NAME.",
            ) from error
        return tuple(cast(list[str], names))

    def mark(self) -> tuple[int, int] | None:
        """Return what changes whenever another model is chosen; costs one look at the file system."""
        try:
            found = (self._folder / POINTER).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def folder_of(self, name: str) -> Path:
        """Return where a model lies; raises ModelError for a name that is none or is not there."""
        if name == SHIPPED:
            return self._shipped
        if name != Path(name).name or not (self._folder / name / FACTS).is_file():
            raise ModelError(
                f"There is no model {name!r}.",
                where=str(self._folder),
                todo="List them with: station models list; a new one comes in with: station models add FOLDER.",
            )
        return self._folder / name

    def add(self, source: Path, name: str | None = None) -> str:
        """Copy a finished model in, checked whole before and after, and return its name: its own where none is given.

        Raises ModelError when it is damaged, when the name is none or taken, or when the disk refuses.
        """
        model = load_model(source)
        chosen = name or model.name
        target = self._folder / chosen
        if chosen != Path(chosen).name or chosen.startswith(".") or chosen.endswith(".part"):
            raise ModelError(f"{chosen!r} cannot be the name of a model.", todo="Give another with --name.")
        if chosen == SHIPPED or target.exists():
            raise ModelError(
                f"There is a model {chosen!r} already, and models are never changed.",
                where=str(self._folder),
                todo="Give another name with --name.",
            )
        copy = target.with_name(f"{chosen}.part")
        try:
            shutil.rmtree(copy, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            copy.mkdir()
            for file in source.iterdir():
                if file.is_file():
                    write_file(copy / file.name, file.read_bytes())
            load_model(copy)  # what was written is what is read, every hash
            copy.replace(target)
        except OSError as error:
            raise ModelError(
                f"The model cannot be copied: {error.strerror or error}.",
                where=str(self._folder),
                todo="Check the disk and the permissions.",
            ) from error
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        return chosen

    def use(self, name: str) -> ModelFolder:
        """Check a model whole and make it the one in use; a damaged one raises ModelError, and nothing changes."""
        model = load_model(self.folder_of(name))
        try:
            history = [known for known in self.history if known != name]
        except ModelError:
            history = list[str]()  # a damaged pointer is mended by a new one
        chosen = {"schema": 1, "since": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "history": [*history[-_KEPT:], name]}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_json(self._folder / POINTER, chosen)
        except OSError as error:
            raise ModelError(
                f"The choice of the model cannot be written: {error.strerror or error}.",
                where=str(self._folder),
                todo="Check the disk and the permissions.",
            ) from error
        return model

    def listing(self) -> list[StoredModel]:
        """Return the shipped model and then the others by name; descriptions are read, weights are not."""
        active = self.active
        found = sorted(path.parent.name for path in self._folder.glob(f"*/{FACTS}"))
        return [self._line(name, active) for name in (SHIPPED, *(n for n in found if not n.endswith(".part")))]

    def _line(self, name: str, active: str) -> StoredModel:
        try:
            facts = json.loads((self.folder_of(name) / FACTS).read_text(encoding="utf-8"))
            return StoredModel(name, str(facts["id"]), len(facts["classes"]), name == active)
        except (OSError, ValueError, KeyError, TypeError, StationError) as error:
            return StoredModel(name, "", 0, name == active, f"{error}")
