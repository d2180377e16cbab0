"""While looks belong to a capture session nothing is recognised, asked or written down; answers can be listened to."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.workflow import AnswerRefusedError, CapturedPart, Outcome, PartState, Purpose
from station.workflow.status import AnswerChange
from tests.station.workflow.bench import PATIENCE_S, Bench
from tests.station.workflow.bench_rig import Thing


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.start()
    made.scale.say(0.0)
    made.wait(lambda s: s.state is PartState.EMPTY)
    yield made
    made.stop()


def test_looks_for_captures_are_not_recognised_asked_or_written_down(bench: Bench) -> None:
    looks: queue.Queue[CapturedPart] = queue.Queue()
    bench.workflow.listen(looks.put)
    bench.workflow.serve(Purpose.CAPTURES)
    bench.put(Thing("screw"), 0.5)
    part = looks.get(timeout=PATIENCE_S)
    status = bench.wait(lambda s: s.part is not None)
    assert (part.outcome, part.recognition, part.whole) == (Outcome.OK, None, True)
    assert status.purpose is Purpose.CAPTURES
    assert not status.answerable
    with pytest.raises(AnswerRefusedError):
        bench.workflow.answer(part.capture_id, "screw")
    assert bench.recognizer.weights == []
    assert bench.kinds() == []


def test_the_part_becomes_a_question_when_the_session_ends(bench: Bench) -> None:
    bench.workflow.serve(Purpose.CAPTURES)
    bench.put(Thing("screw"), 0.5)
    collected = bench.wait(lambda s: s.part is not None).part
    bench.workflow.serve(Purpose.RECOGNITION)
    asked = bench.recognised("screw")
    assert collected is not None
    assert asked.answerable
    assert asked.capture_id != collected.capture_id
    bench.workflow.serve(Purpose.RECOGNITION)
    assert bench.workflow.status.capture_id == asked.capture_id, "nothing changed, so nothing is looked at again"


def test_answers_are_told_with_their_part_and_what_holds_after_an_undo(bench: Bench) -> None:
    told: list[AnswerChange] = []
    leave = bench.workflow.listen_to_answers(told.append)
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    bench.workflow.answer(part.capture_id, "screw")
    bench.workflow.answer(part.capture_id, "bolt")
    bench.workflow.undo()
    bench.put(None, 0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.workflow.undo()
    leave()
    assert [(t.capture_id, t.holds.class_id if t.holds else None) for t in told] == [
        (part.capture_id, "screw"),
        (part.capture_id, "bolt"),
        (part.capture_id, "screw"),
        (part.capture_id, None),
    ]
    assert [t.part for t in told] == [part, part, part, None]
