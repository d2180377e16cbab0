"""Measure acquisition: ten simulated cameras through the SDK, the copies and the matcher, for minutes.

Counts what was dropped, how far apart the frames of a frameset are, the processor time of the threads that copy and
match, and the resident memory at both ends. Parts come and go meanwhile, as at work.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from station.acquisition import Rig
from station.settings import SimulationSection
from station.simulation.library import PartLibrary
from station.simulation.live import SimulatedRig

WARM_UP_S = 5.0
STATUS = Path("/proc/self/status")
LOSSES = {
    "dropped": "frames were dropped",
    "overflow": "frames came faster than they could be matched",
    "framesets_incomplete": "framesets lacked a camera",
}
GROWTH_MB = 64.0
"""A leak of one picture in every ten framesets comes to more in a minute; the pool of a slow reader to less."""


def resident_mb() -> float | None:
    """Return this process's resident memory in MB; ``None`` where the system does not tell."""
    if not STATUS.exists():
        return None
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return None


def thread_seconds(wanted: Callable[[str], bool]) -> float | None:
    """Return the processor time of the living threads with such names, seconds; ``None`` where it is not told."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return None
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.ident is not None and wanted(thread.name)
    )


def copies(name: str) -> bool:
    """Whether a thread receives and copies frames."""
    return name.endswith("-read")


def matching(name: str) -> bool:
    """Whether a thread matches or watches."""
    return name == "matcher" or name.endswith("-watch")


def feeding(name: str) -> bool:
    """Whether a thread plays the cameras' light."""
    return name == "sim-feed"


def move_parts(sim: SimulatedRig, every_s: float, done: threading.Event) -> None:
    """Put one part after the other on the plate."""
    classes = [part.class_id for part in PartLibrary.load().classes]
    seed = 0
    while not done.wait(every_s):
        sim.place(classes[seed % len(classes)], seed)
        seed += 1


def observe(rig: Rig, seconds: float, say: Callable[[str], None]) -> list[float]:
    """Read framesets for so long; return their skews, ms."""
    skews_ms: list[float] = []
    begun = time.monotonic()
    newest, told = 0, 0.0
    while (elapsed := time.monotonic() - begun) < seconds:
        frameset = rig.next_frameset(newest, timeout_s=2.0)
        if frameset is not None:
            newest = frameset.monotonic_ns
            skews_ms.append(frameset.skew_ms)
        if elapsed - told >= 5.0:
            told = elapsed
            say(f"\r{elapsed:5.0f} of {seconds:.0f} s, {rig.matched} framesets")
    say("\n")
    return skews_ms


def measure(args: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the cameras and return the figures."""
    settings = SimulationSection(size=args.size, fps=args.fps, seed=args.seed)
    done = threading.Event()
    say("starting the simulated rig\n")
    with SimulatedRig(settings) as sim:
        rig = Rig(sim.sources, fps=args.fps)
        rig.start()
        hands = threading.Thread(target=move_parts, args=(sim, args.parts_every, done), name="hands")
        try:
            observe(rig, WARM_UP_S, say)
            hands.start()
            before = {role: (c.frames, c.dropped, c.unmatched) for role, c in counted(rig)}
            matched, incomplete = rig.matched, rig.incomplete
            begun, spent = time.monotonic(), time.process_time()
            cpu = [thread_seconds(kind) for kind in (copies, matching, feeding)]
            memory = resident_mb()
            skews_ms = observe(rig, args.seconds, say)
            took = time.monotonic() - begun
            after = {role: (c.frames, c.dropped, c.unmatched) for role, c in counted(rig)}
            share = [
                None if a is None or b is None else 100.0 * (a - b) / took
                for a, b in zip([thread_seconds(kind) for kind in (copies, matching, feeding)], cpu, strict=True)
            ]
            frames, dropped, unmatched = (sum(after[r][i] - before[r][i] for r in after) for i in range(3))
            return {
                "benchmark": "acquisition",
                "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
                "python": platform.python_version(),
                "taken_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "size": args.size,
                "fps": args.fps,
                "seconds": round(took, 1),
                "frames": frames,
                "dropped": dropped,
                "unmatched": unmatched,
                "overflow": rig.overflow,
                "framesets": rig.matched - matched,
                "framesets_incomplete": rig.incomplete - incomplete,
                "skew_ms_p50": float(np.percentile(skews_ms, 50)),
                "skew_ms_p95": float(np.percentile(skews_ms, 95)),
                "cpu_percent_copies": share[0],
                "cpu_percent_matcher": share[1],
                "cpu_percent_feed": share[2],
                "cpu_percent_process": 100.0 * (time.process_time() - spent) / took,
                "rss_mb_start": memory,
                "rss_mb_end": resident_mb(),
            }
        finally:
            done.set()
            if hands.ident is not None:
                hands.join(60.0)
            rig.stop()


def counted(rig: Rig) -> list[tuple[str, Any]]:
    """Return every role with its counts."""
    return [(role, rig.counts(role)) for role in rig.roles]


def shortcomings(figures: dict[str, Any]) -> list[str]:
    """Return what of the figures is not as the station promises, a sentence each."""
    found = [f"{figures[name]} {what}." for name, what in LOSSES.items() if figures[name]]
    half_ms = 500.0 / figures["fps"]
    if figures["skew_ms_p95"] > half_ms:
        found.append(f"The skew's p95 is {figures['skew_ms_p95']:.1f} ms, more than half a period ({half_ms:.1f} ms).")
    start, end = figures["rss_mb_start"], figures["rss_mb_end"]
    if start is not None and end is not None and end - start > GROWTH_MB:
        found.append(f"The resident memory has grown by {end - start:.0f} MB, more than {GROWTH_MB:.0f} MB.")
    return found


def main() -> int:
    """Measure and print; exit code 1 when something was lost, came out of step, or memory has grown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long to measure (default 300)")
    parser.add_argument("--size", choices=["640x480", "1280x720"], default="640x480")
    parser.add_argument("--fps", type=int, choices=[6, 15, 30], default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts-every", type=float, default=5.0, help="seconds between two parts (default 5)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    args = parser.parse_args()

    def say(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)

    figures = measure(args, say)
    if args.json:
        print(json.dumps(figures))
    else:
        for key, value in figures.items():
            print(f"{key:22} {value:.2f}" if isinstance(value, float) else f"{key:22} {value}")
    short = shortcomings(figures)
    for sentence in short:
        print(sentence, file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    raise SystemExit(main())
