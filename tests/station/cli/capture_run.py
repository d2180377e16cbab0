"""A station on the simulated rig and a hand that does what its capture session asks; a process that a test may kill.

    python -m tests.station.cli.capture_run DATA_DIR CLASS [SEED]

Prints a line for each thing that happens: ``resumed N CLASS``, ``saving N``, ``kept ID FOLDER``, ``doubt GATE …``,
``refused SENTENCE``, ``done N``.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from time import monotonic

from station.captures.session import CaptureSession
from station.captures.session_state import FILE_NAME
from station.captures.session_values import Ask, SessionSnapshot, Step
from station.cli.assembly import NoModel, start_simulated
from station.cli.capture_rig import begin_captures
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import ModelError
from station.parts import PartMaster
from station.settings import Settings, SimulationSection
from station.simulation.live import SimulatedRig

PATIENCE_S = 120.0


def say(*words: object) -> None:
    print(*words, flush=True)


class Hand:
    """Does what the session asks for, as a person at the plate would."""

    def __init__(self, session: CaptureSession, rig: SimulatedRig, class_id: str, seed: int) -> None:
        self._session = session
        self._rig = rig
        self._class_id = class_id
        self._seeds = count(seed)
        self._told: set[str] = set()

    def wait(self, snapshot: SessionSnapshot) -> SessionSnapshot:
        """Wait for the next snapshot, and tell what was kept meanwhile."""
        until = monotonic() + PATIENCE_S
        newer = self._session.wait_newer(snapshot.sequence, max(0.0, until - monotonic()))
        if newer is None:
            raise SystemExit(f"stuck: {snapshot.step} {snapshot.prompt} {snapshot.trouble}")
        if newer.last is not None and newer.last.capture_id not in self._told:
            self._told.add(newer.last.capture_id)
            say("kept", newer.last.capture_id, newer.last.place.folder)
        return newer

    def work(self, snapshot: SessionSnapshot, *, lies: bool) -> None:
        """Fill the plan from ``snapshot`` on; ``lies`` says that the part lies ready for the first capture."""
        while snapshot.step is not Step.DONE:
            before = snapshot.kept + snapshot.saving
            if not lies:
                self._act(snapshot)
            lies = False
            looked = snapshot.look
            while snapshot.step is not Step.DONE and snapshot.kept + snapshot.saving == before:
                snapshot = self.wait(snapshot)
                fresh = snapshot.look is not looked and snapshot.quality is not None
                if fresh and snapshot.step is Step.DOUBTFUL and snapshot.quality is not None:
                    looked = snapshot.look
                    say("doubt", *(one.gate.value for one in snapshot.quality.warning))
                    self._session.override("it lies as it was asked for")
                elif fresh and snapshot.step is Step.REFUSED and snapshot.quality is not None:
                    looked = snapshot.look
                    say("refused", *(one.sentence for one in snapshot.quality.refusing))
                    self._rig.place(self._class_id, next(self._seeds))
            say("saving", before + 1)
        say("done", snapshot.kept)

    def _act(self, snapshot: SessionSnapshot) -> None:
        prompt = snapshot.prompt
        if prompt.ask is Ask.TURN:
            self._rig.turn(prompt.turn_deg)
        else:
            self._rig.place(self._class_id, next(self._seeds))


def main(folder: Path, class_id: str, seed: int) -> None:
    """Run the station until the class's plan is full."""
    settings = Settings(simulation=SimulationSection(size="640x480", fps=6, seed=3))
    loaded = LoadedSettings(settings, None, folder)
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(folder))
        interrupted = (data.root / FILE_NAME).exists()
        parts = PartMaster(data.parts, data.references)
        stack.callback(parts.close)
        running = start_simulated(stack, loaded, NoModel(ModelError("There is no model.")))
        assert running.simulation is not None
        session = begin_captures(stack, loaded, data, running, parts).session
        hand = Hand(session, running.simulation, class_id, seed)
        snapshot = session.snapshot
        if interrupted:
            while snapshot.step is not Step.PAUSED:
                snapshot = hand.wait(snapshot)
            say("resumed", snapshot.kept, snapshot.class_id)
            running.simulation.place(class_id, seed - 1)
            session.resume()
        else:
            session.start(class_id)
        while snapshot.step in (Step.IDLE, Step.PREPARING, Step.PAUSED):
            snapshot = hand.wait(snapshot)
        hand.work(snapshot, lies=interrupted)
        session.end()
        while session.snapshot.running:
            hand.wait(session.snapshot)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
