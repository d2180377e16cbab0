"""What the presenters need from the station, as protocols; joined in the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from station.cameras.supervisor import CameraStatus
from station.frames import Frame
from station.workflow.status import PartStatus, Verdict


class WorkflowDoor(Protocol):
    """The work at one part; every call returns at once."""

    @property
    def status(self) -> PartStatus:
        """The newest snapshot."""
        ...

    def answer(self, capture_id: str, verdict: str | Verdict, operator: str = "") -> None:
        """Answer for the capture that is shown; raises StationError when it cannot be answered."""
        ...

    def undo(self, operator: str = "") -> str:
        """Take the last answer back; raises StationError when there is none."""
        ...

    def look_again(self) -> None:
        """Take and recognise a new capture of what lies on the plate."""
        ...


class PartEntry(Protocol):
    """One part class as the part master knows it."""

    @property
    def class_id(self) -> str:
        """Folder name of the class."""
        ...

    @property
    def number(self) -> str:
        """Part number."""
        ...

    @property
    def name(self) -> str:
        """Name a person uses."""
        ...

    @property
    def tags(self) -> Sequence[str]:
        """Tag words of all headings."""
        ...


class PartCatalog(Protocol):
    """The part master; every method may raise StationError."""

    def get(self, class_id: str) -> PartEntry | None:
        """Return the class, or ``None`` when the master does not know it."""
        ...

    def search(self, text: str, limit: int = 20) -> Sequence[PartEntry]:
        """Return the classes whose name, number or tags hold every word of ``text``, best first."""
        ...

    def reference(self, class_id: str) -> Path | None:
        """Return the file of the reference picture, or ``None``."""
        ...


class CameraDoor(Protocol):
    """The rig's cameras as the tiles need them; every call returns at once."""

    @property
    def roles(self) -> Sequence[str]:
        """The roles of this rig."""
        ...

    def preview(self, role: str) -> Frame | None:
        """Return the newest frame of a camera, or ``None`` before its first."""
        ...

    def states(self) -> Mapping[str, CameraStatus]:
        """Return what is known of every camera now, by role."""
        ...


class SimulationControls(Protocol):
    """The hand that puts parts on the simulated plate; every call returns at once."""

    def next_part(self) -> None:
        """Exchange what lies on the plate for another part the model knows."""
        ...

    def next_unknown_part(self) -> None:
        """Exchange what lies on the plate for a part the model has never seen."""
        ...

    def clear(self) -> None:
        """Take everything off the plate."""
        ...

    def plugged(self) -> Mapping[str, bool]:
        """Return, per role, whether the simulated camera is plugged in."""
        ...

    def plug(self, role: str, plugged: bool) -> None:
        """Plug a simulated camera in or pull it out."""
        ...

    def take_trouble(self) -> str | None:
        """Return the sentence of the newest wish that failed, once."""
        ...
