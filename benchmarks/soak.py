"""The whole station for an hour, with a fault every twenty seconds and parts coming and going all the while.

It is the station of ``station demo`` without its window: ten software devices fed by the renderer, the virtual scale,
the shipped model, the watches over calibration and pictures, journal and logs in a data directory of its own. Linux
only: memory, threads and files are counted in ``/proc``.

What counts as good, and why:

* **Named**: while the fault holds, the troubles that the operator reads name its place and its kind, in the words of
  ``_soak_faults.WORDS``. That a neighbour was named, or something else of the same camera, does not count.
* **Back**: at most 15 s after the fault has ended, the station's promise, the camera streams (the scale weighs) and no
  trouble speaks of it any more.
* **Flat**: as many threads, child processes and open files at the end as at the start, exactly, because whatever is
  left behind by each reconnection would be many after a month. The resident size may grow by less than what would
  fill 4 GB in 30 days, 5.7 MB an hour: a station PC has 16 GB and is restarted at least with its monthly updates. The
  growth is the Theil-Sen slope (Theil 1950, Sen 1968) over samples every ten seconds, which single steps and peaks do
  not bend, after a warm-up of a sixth of the run in which each kind of fault and most parts have come once. A run under
  half an hour reports the slope and does not judge it: freed memory that the allocator keeps moves by more.
* **Drops**: the frames that the matcher counts as missing are exactly those that the simulated rig lost on purpose.
* **Parts** are recognised meanwhile; none meets an error or lies there for a minute without being looked at.
* **At the end** all ten cameras stream, one more frameset holds them all, the scale weighs, and nothing is in trouble.

Exit code 1 when any of it was not so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scipy.stats import theilslopes

from benchmarks._soak_faults import WORDS, Case, FaultWatch, Note, plan
from benchmarks._soak_parts import PartHand
from benchmarks._soak_process import Sample, sample
from calibration.store import CalibrationStore
from calibration.watch.trend import TrendStore
from station.cameras.supervisor import CameraState
from station.cli.assembly import RunningStation, open_engine, start_simulated
from station.cli.health_door import begin_figures
from station.cli.upkeep import begin_upkeep
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import StationError
from station.frames import ROLES
from station.journal_writer import JournalWriter
from station.logs import log_to_folder
from station.settings import Settings, SimulationSection
from station.simulation.fault_run import FaultBoard, FaultRun

TICK_S = 0.1
SAMPLE_S = 10.0
SETTLED_S = 90.0
"""So long is waited, at the start and at the end, for a station without any trouble."""
WARM_PARTS = 3
JUDGED_S = 1800.0
GROWTH_MB_PER_H = 4096.0 / (30 * 24)

Json = dict[str, Any]


class Soak:
    """One run on a running station."""

    def __init__(self, running: RunningStation, args: argparse.Namespace, note: Note, say: Callable[[str], None]):
        assert running.simulation is not None
        assert running.virtual_scale is not None
        self.running = running
        self.simulation = running.simulation
        self.args = args
        self.note = note
        self.say = say
        self.board = FaultBoard(running.simulation, running.virtual_scale)
        self.watch = FaultWatch(running, self.board, note)
        self.samples: list[Sample] = []
        self.lost = 0
        self._rng = random.Random(f"{args.seed} losses")

    def run(self, hand: PartHand) -> Json:
        """Warm up, let the faults happen, settle, and return the figures."""
        hand.start()
        _await(lambda: hand.shown >= WARM_PARTS, SETTLED_S * 2, "the first parts")
        hand.rest()
        self._settle()
        start, before = sample(0.0), self._counts()
        self.note("start", **start.to_json())
        began, cpu = time.monotonic(), start.cpu_s
        faults = plan(self.args.seconds, self.args.fault_every, self.args.seed)
        self.say(f"{len(faults)} faults in {self.args.seconds:g} s\n")
        hand.go_on()
        playing = FaultRun(self.board, faults)
        playing.start()
        try:
            self._follow(began, hand)
        finally:
            playing.stop()
        took = time.monotonic() - began
        hand.rest()
        quiet = self._settle()
        end = sample(time.monotonic() - began)
        self.note("end", **end.to_json())
        return {
            "seconds": round(took, 1),
            "faults": self._faults(len(faults)),
            "process": self._process(start, end, took),
            "cpu_percent_process": round(100.0 * (end.cpu_s - cpu) / end.at_s, 1),
            "cameras": self._cameras(before, quiet),
            "parts": hand.to_json(),
        }

    def _follow(self, began: float, hand: PartHand) -> None:
        due = 0.0
        while (now_s := time.monotonic() - began) < self.args.seconds:
            for case in self.watch.look(now_s):
                self._told(case)
            if now_s >= due:
                due = now_s + SAMPLE_S
                self.samples.append(one := sample(now_s))
                self.note("sample", **one.to_json(), parts=hand.shown)
                # Every ten seconds a healthy camera loses a few pictures, whose number the station must tell.
                self._lose(self._rng.choice([role for role in ROLES if role not in self.watch.places]))
            time.sleep(TICK_S)

    def _lose(self, role: str) -> None:
        count = self._rng.randint(1, 3)
        self.simulation.lose_frames(role, count)
        self.note("lost", role=role, count=count)

    def _told(self, case: Case) -> None:
        told = case.to_json()
        good = "" if case.named and case.back else "  <-- NOT AS IT SHOULD BE"
        self.say(
            f"{told['at_s']:7.1f} s {case.fault.value:14} {case.place:7} named after {told['named_after_s']} s,"
            f" back after {told['back_after_s']} s, {self.samples[-1].rss_mb:.0f} MB{good}\n"
        )

    def _settle(self) -> bool:
        """Empty the plate and wait until nothing is in trouble; return whether it came to that."""
        self.simulation.clear()
        until = time.monotonic() + SETTLED_S
        began_s = time.monotonic()
        while time.monotonic() < until:
            if self._streaming() and not self.running.workflow.status.troubles:
                # What ended a moment ago may still be joining its threads.
                time.sleep(2.0)
                return True
            time.sleep(TICK_S)
        self.note("not settled", troubles=self.running.workflow.status.troubles, waited_s=time.monotonic() - began_s)
        return False

    def _streaming(self) -> bool:
        return all(one.state is CameraState.STREAMING for one in self.running.rig.states().values())

    def _counts(self) -> dict[str, tuple[int, int, int, int, int]]:
        """Return by role what the station counted (frames, dropped) and what is true (pushed, lost, opened)."""
        truth = {camera.role: camera.truth() for camera in self.simulation.sources}
        counts = {role: self.running.rig.counts(role) for role in ROLES}
        return {
            role: (
                counts[role].frames,
                counts[role].dropped,
                *(truth[role][key] for key in ("pushed", "lost", "opened")),
            )
            for role in ROLES
        }

    def _faults(self, planned: int) -> Json:
        kinds: Json = {}
        for kind in WORDS:
            cases = [case for case in self.watch.cases if case.fault is kind]
            told = [case.to_json() for case in cases]
            kinds[kind.value] = {
                "count": len(cases),
                "named": sum(case.named for case in cases),
                "words": WORDS[kind],
                "example": next((case.sentence for case in cases if case.named), ""),
                "named_after_s": _spread(one["named_after_s"] for one in told),
                "back_in_time": sum(case.back for case in cases),
                "back_after_s": _spread(one["back_after_s"] for one in told),
            }
        return {
            "planned": planned,
            "happened": len(self.watch.cases),
            "named": sum(case.named for case in self.watch.cases),
            "back_in_time": sum(case.back for case in self.watch.cases),
            "befallen": dict(sorted(Counter(case.place for case in self.watch.cases).items())),
            "kinds": kinds,
            "missed": [case.to_json() for case in self.watch.cases if not (case.named and case.back)],
            "false_alarms": self.watch.false_alarms,
        }

    def _process(self, start: Sample, end: Sample, took: float) -> Json:
        warm = [one for one in self.samples if one.at_s >= took / 6]
        slope = theilslopes([one.rss_mb for one in warm], [one.at_s / 3600 for one in warm]) if len(warm) > 2 else None
        renderer = theilslopes([one.children_mb for one in warm], [one.at_s / 3600 for one in warm]) if slope else None
        third = max(1, len(warm) // 3)
        return {
            "start": start.to_json(),
            "end": end.to_json(),
            "rss_mb_after_warm_up": _median(one.rss_mb for one in warm[:third]),
            "rss_mb_last_third": _median(one.rss_mb for one in warm[-third:]),
            "rss_mb_most": max((one.rss_mb for one in self.samples), default=None),
            "rss_mb_per_h": round(float(slope.slope), 2) if slope else None,
            "rss_mb_per_h_allowed": round(GROWTH_MB_PER_H, 2),
            "rss_judged": took >= JUDGED_S - 1.0,
            "children_mb_per_h": round(float(renderer.slope), 2) if renderer else None,
            "threads_least_most": _range(one.threads for one in self.samples),
            "files_least_most": _range(one.files for one in self.samples),
        }

    def _cameras(self, before: dict[str, tuple[int, int, int, int, int]], quiet: bool) -> Json:
        rig = self.running.rig
        after = self._counts()
        frames, dropped, pushed, lost, opened = (sum(after[r][i] - before[r][i] for r in ROLES) for i in range(5))
        frameset = rig.next_frameset(time.monotonic_ns(), 5.0, registered=False)
        return {
            "frames": frames,
            "frames_true": pushed,
            "dropped": dropped,
            "dropped_true": lost,
            "dropped_wrong_roles": [r for r in ROLES if after[r][1] - before[r][1] != after[r][3] - before[r][3]],
            "reopened_true": opened,
            "framesets": rig.matched,
            "framesets_incomplete": rig.incomplete,
            "overflow": rig.overflow,
            "streaming_at_end": sum(one.state is CameraState.STREAMING for one in rig.states().values()),
            "frameset_at_end": len(frameset.frames) if frameset else 0,
            "quiet_at_end": quiet,
            "troubles_at_end": list(self.running.workflow.status.troubles),
        }


def failures(figures: Json) -> list[str]:
    """Return a sentence for each thing that was not as the docstring of this program demands."""
    faults, process, cameras, parts = (figures[key] for key in ("faults", "process", "cameras", "parts"))
    found = [
        f"{one['fault']} of {one['place']} at {one['at_s']} s was not named"
        for one in faults["missed"]
        if not one["named"]
    ]
    found += [
        f"{one['place']} was not back from {one['fault']} at {one['at_s']} s"
        for one in faults["missed"]
        if not one["back"]
    ]
    if faults["happened"] != faults["planned"]:
        found.append(f"{faults['happened']} of {faults['planned']} faults happened")
    start, end = process["start"], process["end"]
    for what in ("threads", "children", "files"):
        if start[what] != end[what]:
            found.append(f"{what}: {start[what]} at the start, {end[what]} at the end")
    if process["rss_judged"] and process["rss_mb_per_h"] >= GROWTH_MB_PER_H:
        found.append(f"the resident size grew by {process['rss_mb_per_h']} MB an hour")
    if cameras["dropped_wrong_roles"]:
        found.append(f"drops and truth differ at {', '.join(cameras['dropped_wrong_roles'])}")
    if not (cameras["quiet_at_end"] and cameras["streaming_at_end"] == cameras["frameset_at_end"] == len(ROLES)):
        found.append("the station was not whole at the end")
    if parts["errors"] or not parts["recognised"]:
        found.append(f"{parts['recognised']} parts recognised, {len(parts['errors'])} errors")
    return found


def _spread(values: Iterable[float | None]) -> Json:
    known = sorted(value for value in values if value is not None)
    return {"median": round(statistics.median(known), 2), "longest": known[-1]} if known else {}


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(statistics.median(known), 1) if known else None


def _range(values: Iterable[int]) -> list[int]:
    known = list(values)
    return [min(known), max(known)] if known else []


def _await(done: Callable[[], bool], timeout_s: float, what: str) -> None:
    until = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > until:
            raise StationError(f"The station did not come to {what} within {timeout_s:g} s.", where="soak")
        time.sleep(TICK_S)


def measure(args: argparse.Namespace, note: Note, say: Callable[[str], None]) -> Json:
    """Start the station, run, stop it, and return the figures."""
    settings = Settings(simulation=SimulationSection(size=args.size, fps=args.fps, seed=args.seed))
    taken_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="station-soak-")))
        loaded = LoadedSettings(settings, None, folder / "data")
        say("loading the model and starting the station\n")
        engine = open_engine(loaded)
        data = stack.enter_context(DataDir.open(loaded.data_dir))
        log_to_folder(data.logs)
        journal = JournalWriter(data.journal, data.journal_rescue(folder))
        stack.callback(journal.stop)
        journal.start()
        hand = PartHand(args.parts_every, args.seed, engine.class_ids, note)
        running = start_simulated(
            stack,
            loaded,
            engine,
            seed=args.seed,
            journal=journal,
            on_part=hand.seen,
            calibrations=CalibrationStore(data.calibrations),
            checks=TrendStore(data.calibration_checks, kept_days=settings.calibration.kept_days),
        )
        begin_figures(stack, running, data.root)
        begin_upkeep(stack, loaded, data, running.workflow)
        hand.take(running)
        stack.callback(hand.stop)
        figures = Soak(running, args, note, say).run(hand)
        figures["journal_waiting"] = journal.state.waiting
        figures["data_mb"] = round(sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6, 1)
    return {
        "benchmark": "soak",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "taken_at": taken_at,
        **{key: getattr(args, key) for key in ("size", "fps", "seed", "fault_every", "parts_every")},
        **figures,
        "left_over_threads": [one.name for one in threading.enumerate() if one is not threading.main_thread()],
    }


def show(figures: Json, level: int = 0) -> None:
    """Print the figures for a person."""
    for key, value in figures.items():
        if isinstance(value, dict):
            print(f"{'  ' * level}{key}")
            show(value, level + 1)
        else:
            print(f"{'  ' * level}{key:24} {value}")


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when something was not named, not back or not flat."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long (default 3600)")
    parser.add_argument("--fault-every", type=float, default=20.0, help="seconds from fault to fault (default 20)")
    parser.add_argument("--parts-every", type=float, default=4.0, help="least seconds from part to part (default 4)")
    parser.add_argument("--size", choices=["640x480", "1280x720"], default="640x480")
    parser.add_argument("--fps", type=int, choices=[6, 15, 30], default=15, help="frames a second (default 15)")
    parser.add_argument("--seed", type=int, default=1, help="decides the rig, the parts, the faults and their places")
    parser.add_argument("--log", type=Path, help="file that takes every event and sample as JSON lines")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    args = parser.parse_args(given)
    began = time.monotonic()
    writing = threading.Lock()
    log = args.log.open("w", encoding="utf-8") if args.log else None

    def note(event: str, **values: object) -> None:
        if log is not None:
            with writing:
                log.write(json.dumps({"t": round(time.monotonic() - began, 2), "event": event, **values}) + "\n")
                log.flush()

    def say(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)

    try:
        figures = measure(args, note, say)
    finally:
        if log is not None:
            log.close()
    figures["failures"] = failures(figures)
    if args.json:
        print(json.dumps(figures))
    else:
        show(figures)
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
