"""What is kept of a class beside its captures: ``meta.json`` in its folder, with MVIP's keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from station.errors import DatasetError
from station.file_calls import FileCalls, replace_durably

META_FILE = "meta.json"


class ClassMeta(BaseModel):
    """A class's ``meta.json``: ``size`` are edges in millimetres, ``weight`` kilograms, ``number`` the part number.

    ``description`` holds the tags under MVIP's headings (Shapes, Colours, Materials …). Keys beyond these are kept.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    name: str
    number: str | None = None
    super_class: tuple[str, ...] = ()
    description: Mapping[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    weight: Annotated[float, Field(ge=0)] | None = None
    size: tuple[float, float, float] | None = None
    background_id: str | None = None

    def to_bytes(self) -> bytes:
        """Return the file's content: indented JSON, UTF-8; what is not known is left out."""
        data = self.model_dump(mode="json", exclude_none=True)
        return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False).encode("utf-8")


def all_tags(headings: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the tag words of all headings, each once, in order."""
    return tuple(dict.fromkeys(tag for tags in headings.values() for tag in tags))


def read_class_meta(class_folder: Path) -> ClassMeta | None:
    """Return a class's ``meta.json``, ``None`` when there is none. Raises DatasetError when it is damaged."""
    file = class_folder / META_FILE
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _damaged(file, str(error)) from error
    try:
        return ClassMeta.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _damaged(file, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def write_class_meta(files: FileCalls, class_folder: Path, meta: ClassMeta) -> bool:
    """Write a class's ``meta.json`` durably, unless it says the same already; returns whether it was written.

    The folder must be there. Raises OSError.
    """
    with suppress(DatasetError):  # a damaged one is replaced
        if read_class_meta(class_folder) == meta:
            return False
    replace_durably(files, class_folder / META_FILE, meta.to_bytes())
    return True


def _damaged(file: Path, said: str) -> DatasetError:
    return DatasetError(f"The class's description cannot be read: {said}.", where=str(file), todo="Restore the file.")
