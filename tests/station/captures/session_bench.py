"""A capture session on the workflow's synthetic bench, with a real store below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from recognition.pose_likeness import PictureLikeness
from recognition.roi.squares import mask_box, square_around
from station.captures.catalog import Catalog
from station.captures.looked import Origins, RigFacts
from station.captures.session import CaptureSession
from station.captures.session_doors import Means, StoreDoor
from station.captures.session_state import FILE_NAME
from station.captures.session_values import SessionSnapshot
from station.captures.store import CaptureStore
from station.frames import Frame, FrameSet
from station.geometry import RigCalibration
from station.results import PartLocation, PlateState
from station.settings import CaptureSection
from station.workflow import PartState, Workflow
from station.workflow.protocols import CalibrationCheck
from tests.station.workflow.bench import PATIENCE_S, Bench
from tests.station.workflow.bench_rig import BenchRig, SceneLocator, Thing

_PLATE_MM = 800


class DeepRig(BenchRig):
    """The bench's cameras with depth: everything lies 0.8 m away."""

    def _frame(self, role: str) -> Frame:
        frame = super()._frame(role)
        depth = np.full(frame.depth.shape, _PLATE_MM, np.uint16)
        depth.flags.writeable = False
        return replace(frame, depth=depth)


class MaskLocator(SceneLocator):
    """Finds the part by its grey, as the scene shows it."""

    def locate(self, frameset: FrameSet, calibration: RigCalibration) -> PartLocation:
        found = super().locate(frameset, calibration)
        if found.state is not PlateState.OK:
            return found
        masks = {
            role: np.where(np.abs(frame.color[..., 1].astype(int) - 140) > 15, 255, 0).astype(np.uint8)
            for role, frame in frameset.frames.items()
        }
        return replace(found, mask=masks, roi={role: square_around(mask_box(mask)) for role, mask in masks.items()})


class SessionBench(Bench):
    """The bench's workflow with a store and a capture session; ``free`` is what the disk has to spare."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: CaptureSection | None = None,
        check: CalibrationCheck | None = None,
        nominal_kg: float | None = None,
    ) -> None:
        super().__init__(folder, check=check)
        self.rig = DeepRig()
        self.locator = MaskLocator(self.rig)
        self.recognizer = type(self.recognizer)(self.rig)
        self.workflow = Workflow(
            self.rig,
            self.scale,
            self.locator,
            self.recognizer,
            self.rig.calibration,
            self.journal,
            on_part=self.parts.append,
            check=check,
        )
        self.folder = folder
        self.free = 10**12
        self.catalog = Catalog(folder / "catalog.sqlite")
        self.store = CaptureStore(folder / "captures", self.catalog, free_space=lambda: self.free)
        facts = RigFacts(serials={role: f"SN{n}" for n, role in enumerate(self.rig.roles)})
        self.means = Means(
            limits or CaptureSection(),
            PictureLikeness(),
            Origins("simulation", "test", lambda: facts),
            nominal_kg=lambda _class_id: nominal_kg,
            check=check,
        )
        self.session = self.new_session(self.store)

    def new_session(self, store: StoreDoor) -> CaptureSession:
        return CaptureSession(self.workflow, store, self.catalog, self.means, self.folder / FILE_NAME)

    def start(self) -> None:
        super().start()
        self.session.open()
        self.scale.say(0.0)
        self.wait(lambda s: s.state is PartState.EMPTY)

    def stop(self) -> None:
        self.session.close()
        super().stop()
        self.store.stop()
        self.catalog.close()

    def until(self, wanted: Callable[[SessionSnapshot], bool]) -> SessionSnapshot:
        snapshot: SessionSnapshot | None = self.session.snapshot
        while snapshot is not None:
            if wanted(snapshot):
                return snapshot
            snapshot = self.session.wait_newer(snapshot.sequence, PATIENCE_S)
        raise AssertionError(f"never came, the last was {self.session.snapshot}, {self.workflow.status}")

    def lay(self, turn: int, kg: float = 0.5) -> None:
        """Lay the part down; every turn looks otherwise."""
        self.put(Thing("screw", x=0.15 + 0.031 * (turn % 6), y=0.15 + 0.04 * (turn // 6)), kg)

    def captures(self) -> list[str]:
        """The folders of the class's captures in the tree."""
        root = self.store.root / "sets"
        return sorted(str(file.parent.relative_to(root)) for file in root.rglob("capture.json"))
