"""What the presenters need from the station, as protocols; joined in the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Protocol

from calibration.collecting.result import ViewPicture
from calibration.collecting.snapshot import CollectSnapshot
from calibration.store import StoredCalibration
from station.cameras.supervisor import CameraStatus
from station.frames import Frame
from station.geometry import RigCalibration
from station.simulation.faults import FaultName
from station.simulation.situations import Situation
from station.workflow.status import PartStatus, Verdict


class WorkflowDoor(Protocol):
    """The work at one part; every call but the scale's two returns at once."""

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

    def zero_scale(self) -> None:
        """Set the scale to zero and wait for its word, some seconds; raises StationError when it refuses."""
        ...

    def tare(self) -> None:
        """Take what lies on the plate for a tray and wait for the scale's word; raises StationError when it refuses."""
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

    def lay(self, class_id: str, turn_deg: float) -> None:
        """Lay a part of this class down: turned by so much against the last time, or otherwise for 0."""
        ...

    def arrange(self, situation: Situation) -> None:
        """Do at the plate what makes this situation."""
        ...

    def plugged(self) -> Mapping[str, bool]:
        """Return, per role, whether the simulated camera is plugged in."""
        ...

    def plug(self, role: str, plugged: bool) -> None:
        """Plug a simulated camera in or pull it out."""
        ...

    def hold_board(self, board_id: str, roles: tuple[str, ...]) -> None:
        """Hold the printed board still where these cameras see it well; with no roles in the next of many places."""
        ...

    def take_board_away(self) -> None:
        """Take the printed board out of all pictures."""
        ...

    def knock(self, role: str) -> None:
        """Knock a camera, as a sleeve does that catches it."""
        ...

    def faults(self) -> Set[tuple[FaultName, str]]:
        """Return the faults on purpose that hold now, each with its camera's role, ``"scale"`` or ``"plate"``."""
        ...

    def set_fault(self, fault: FaultName, role: str | None, on: bool) -> None:
        """Begin or end a fault on purpose, of a camera, or with no role of the scale or the plate."""
        ...

    def take_trouble(self) -> str | None:
        """Return the sentence of the newest wish that failed, once."""
        ...


class CalibrationWork(Protocol):
    """A calibration under way; every call but :meth:`view_picture` returns at once.

    Fulfilled by ``calibration.collecting.session.CalibrationSession``. Commands that do not fit the stage do nothing.
    """

    @property
    def snapshot(self) -> CollectSnapshot:
        """The newest snapshot."""
        ...

    def take_now(self) -> None:
        """Take a picture of the board now, though it is not yet still enough or new enough."""
        ...

    def drop(self, placement: str) -> None:
        """Leave a placement out of the next solve."""
        ...

    def keep(self, placement: str) -> None:
        """Take a dropped placement back in."""
        ...

    def retake_plate(self) -> None:
        """Go back to the plate and photograph its frame anew."""
        ...

    def solve(self) -> None:
        """Begin to solve in the background."""
        ...

    def cancel(self) -> None:
        """Stop the solve and go back to the pictures."""
        ...

    def back_to_pictures(self) -> None:
        """Go from the result back to the board, for more pictures."""
        ...

    def view_picture(self, placement: str, role: str) -> ViewPicture | None:
        """Return a taken picture with the board's corners in it, ``None`` when it was not kept.

        May read the disk: the window calls it in a thread of its own.
        """
        ...


class CalibrationDoor(Protocol):
    """The station's calibrations: what is active, older ones, and the way to a new one.

    Every method may take its time and may raise StationError: the window calls them one at a time in a thread of its
    own, never in Qt's.
    """

    def active(self) -> StoredCalibration | None:
        """Return what the station recognises with now, stored or not; ``None`` when it has no calibration."""
        ...

    def listing(self) -> Sequence[StoredCalibration]:
        """Return all stored calibrations, the oldest first."""
        ...

    def begin(self, board_id: str, only: str | None = None) -> CalibrationWork:
        """Begin a calibration with this board, of all cameras or of the role ``only``; recognition pauses meanwhile.

        A calibration that is still under way is ended first.
        """
        ...

    def end(self) -> None:
        """Stop the calibration under way, if there is one, keep its pictures, and let recognition go on."""
        ...

    def accept(self, *, even_so: bool = False) -> RigCalibration:
        """Store the solved calibration of the one under way, make it active and let the running station use it.

        Raises CalibrationError without ``even_so`` when something speaks against it (``calibration.acceptance``).
        """
        ...

    def use(self, calibration_id: str) -> RigCalibration:
        """Make a stored calibration active and let the running station use it."""
        ...

    def back(self) -> RigCalibration:
        """Return to the calibration that was active before and let the running station use it."""
        ...

    def write_board(self, board_id: str, path: Path, paper: str) -> int:
        """Write the board's sheet as PDF on ``A4``, ``A3`` or ``WxH`` in mm; return the number of sheets."""
        ...

    def report(self, calibration_id: str | None, path: Path) -> None:
        """Write the PDF report of a stored calibration, or with ``None`` of the solved one under way."""
        ...

    def export(self, calibration_id: str | None, path: Path, form: str) -> None:
        """Write a stored calibration, or with ``None`` the solved one under way, for other programs.

        ``form`` is one of :data:`EXPORT_FORMS`; ``path`` is a folder.
        """
        ...


EXPORT_FORMS = ("opencv", "ros", "kalibr", "colmap")
"""OpenCV YAML, ROS camera_info, Kalibr YAML and COLMAP."""
