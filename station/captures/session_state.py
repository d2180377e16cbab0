"""What a capture session must know again after a crash; what was kept stands in the tree itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from station.captures.plan import PlanSize
from station.captures.quality_report import Gate
from station.captures.record import UtcTime
from station.durable_json import write_durably
from station.errors import StorageError
from station.file_calls import OS_FILES

FILE_NAME = "capture-session.json"
"""Its file in the data directory."""


class Deed(BaseModel):
    """Something that can be undone: a capture was kept, or a place was skipped (by its folder in the tree)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["kept", "skipped"]
    subject: str


class SessionState(BaseModel):
    """A session as its file holds it; ``undone`` are deeds that were taken back, the next to be done again last."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    class_id: str
    started_at: UtcTime
    positions: Annotated[int, Field(ge=1)]
    valid: Annotated[int, Field(ge=0)]
    test: Annotated[int, Field(ge=0)]
    done: tuple[Deed, ...] = ()
    undone: tuple[Deed, ...] = ()
    overrides: Mapping[Gate, str] = Field(default_factory=dict[Gate, str])

    @property
    def size(self) -> PlanSize:
        """The plan's size, as it was when the session began."""
        return PlanSize(self.positions, self.valid, self.test)

    @property
    def skipped(self) -> frozenset[str]:
        """Folders of the places that are skipped."""
        return frozenset(deed.subject for deed in self.done if deed.kind == "skipped")


def read_state(path: Path) -> SessionState | None:
    """Return the session that an earlier program left, ``None`` without one; raises StorageError when it is damaged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused("read", path, error.strerror or str(error)) from error
    try:
        return SessionState.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _refused("read", path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def write_state(path: Path, state: SessionState) -> None:
    """Write a session durably; raises StorageError."""
    try:
        write_durably(path, state.model_dump_json(by_alias=True, indent=1).encode("utf-8"))
    except OSError as error:
        raise _refused("written", path, error.strerror or str(error)) from error


def forget_state(path: Path) -> None:
    """Remove the session's file so that no power cut brings it back; harmless without one. Raises StorageError."""
    try:
        if path.exists():
            OS_FILES.remove_file(path)
            OS_FILES.sync_folder(path.parent)
    except OSError as error:
        raise _refused("removed", path, error.strerror or str(error)) from error


def _refused(done: str, path: Path, said: str) -> StorageError:
    return StorageError(
        f"The capture session cannot be {done}: {said.rstrip('.')}.",
        where=str(path),
        todo="Captures that were kept are safe. Free space on the disk, or remove this file to begin anew.",
    )
