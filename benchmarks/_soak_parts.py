"""The hand of the soak: parts come onto the plate, are answered and go, whatever fails meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks._soak_faults import Note
from station.cli.assembly import RunningStation
from station.errors import StationError
from station.workflow.answers import AnswerRefusedError
from station.workflow.status import CapturedPart, PartState, PartStatus, Verdict

_PART_S = 60.0
"""So long is a part waited for: a fault of the scale holds it back at most for half of that."""
_JOIN_S = 200.0


class PartHand:
    """Works in a thread named ``hands``; every third part is taken away, the others are exchanged for the next."""

    def __init__(self, every_s: float, seed: int, classes: Sequence[str], note: Note) -> None:
        self._every_s = every_s
        self._rng = random.Random(f"{seed} parts")
        self._classes = tuple(classes)
        self._note = note
        self._running: RunningStation | None = None
        self._stopping = threading.Event()
        self._working = threading.Event()
        self._resting = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hands")
        self.shown = 0
        self._outcomes: Counter[str] = Counter()
        self._right = 0
        self._answered = 0
        self._refused = 0
        self._looks = 0
        self._recognitions = 0
        self._without_weight = 0
        self._missing_views = 0
        self._times_ms: list[float] = []
        self._errors: list[str] = []

    def take(self, running: RunningStation) -> None:
        """Take the running station in hand."""
        self._running = running

    def start(self) -> None:
        """Begin."""
        self._working.set()
        self._thread.start()

    def rest(self) -> None:
        """Finish the part in hand and put no other one down until :meth:`go_on`."""
        self._resting.clear()
        self._working.clear()
        while self._thread.is_alive() and not self._resting.wait(1.0):
            pass

    def go_on(self) -> None:
        """Put parts down again; what was counted before is forgotten."""
        self._outcomes.clear()
        self._right = self._answered = self._refused = self._looks = self._recognitions = 0
        self._without_weight = self._missing_views = self.shown = 0
        self._times_ms.clear()
        self._errors.clear()
        self._working.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._working.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def seen(self, part: CapturedPart) -> None:
        """Count a finished look; called in the workflow's thread."""
        self._looks += 1
        self._recognitions += part.recognition is not None
        self._without_weight += part.weight_kg is None
        self._missing_views += bool(part.views_missing)
        if part.error:
            self._error(f"look: {part.error}")
        if "total" in part.timings_ms:
            self._times_ms.append(part.timings_ms["total"])

    def to_json(self) -> dict[str, Any]:
        """Return what was counted."""
        times = sorted(self._times_ms)
        return {
            "shown": self.shown,
            "recognised": self._outcomes["recognised"],
            "outcomes": dict(self._outcomes),
            "right_first": self._right,
            "answered": self._answered,
            "answers_refused": self._refused,
            "looks": self._looks,
            "recognitions": self._recognitions,
            "looks_without_weight": self._without_weight,
            "looks_with_missing_views": self._missing_views,
            "look_ms_p50": round(times[len(times) // 2], 1) if times else None,
            "look_ms_p95": round(times[len(times) * 95 // 100], 1) if times else None,
            "errors": list(self._errors),
        }

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._working.is_set():
                self._resting.set()
                self._working.wait()
                continue
            began = time.monotonic()
            try:
                self._show()
            except StationError as error:
                self._error(str(error))
            self._stopping.wait(max(0.0, self._every_s - (time.monotonic() - began)))
        self._resting.set()

    def _show(self) -> None:
        running = self._running
        assert running is not None
        assert running.simulation is not None
        workflow = running.workflow
        before = workflow.status.capture_id
        class_id, seed = self._rng.choice(self._classes), self._rng.randrange(2**31)
        running.simulation.place(class_id, seed)
        status = self._wait(lambda one: one.part is not None and one.capture_id != before and _looked_at(one.part))
        if status is None or status.part is None:
            self._error(f"{class_id} ({seed}) was not looked at within {_PART_S:g} s: {workflow.status.message}")
        else:
            self._judge(status, class_id)
        self.shown += 1
        if self.shown % 3 == 0:
            running.simulation.clear()
            if self._wait(lambda one: one.state is PartState.EMPTY) is None:
                self._error(f"the plate was not seen empty within {_PART_S:g} s: {workflow.status.message}")

    def _judge(self, status: PartStatus, class_id: str) -> None:
        part = status.part
        assert part is not None
        recognition = part.recognition
        outcome = "recognised" if recognition is not None else part.outcome.value
        self._outcomes[outcome] += 1
        right = recognition is not None and recognition.ranked[0].class_id == class_id
        self._right += right
        self._note("part", truth=class_id, outcome=outcome, right=right, missing=part.views_missing)
        if recognition is None:
            return
        verdict = Verdict.UNKNOWN if recognition.unknown else recognition.ranked[0].class_id
        try:
            assert self._running is not None
            self._running.workflow.answer(part.capture_id, verdict)
            self._answered += 1
        except AnswerRefusedError as refusal:
            # Rightly so: something changed on the plate, or on the scale, between the look and the answer.
            self._refused += 1
            self._note("refused", why=str(refusal))

    def _wait(self, accept: Any) -> PartStatus | None:
        assert self._running is not None
        workflow = self._running.workflow
        until = time.monotonic() + _PART_S
        status: PartStatus | None = workflow.status
        while status is not None and not accept(status):
            left = until - time.monotonic()
            status = workflow.wait_newer(status.sequence, left) if left > 0 else None
        return status

    def _error(self, what: str) -> None:
        self._errors.append(what)
        self._note("error", what=what)


def _looked_at(part: CapturedPart) -> bool:
    return part.recognition is not None or bool(part.message)
