"""Several may listen to the workflow, come and go while it runs, and fail without harm to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.workflow import CapturedPart, PartState
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


class Heard:
    """A listener that keeps what it heard and in which thread."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.threads: set[str] = set()
        self.again = threading.Event()

    def __call__(self, part: CapturedPart) -> None:
        self.parts.append(part.capture_id)
        self.threads.add(threading.current_thread().name)
        self.again.set()

    def next(self) -> str:
        assert self.again.wait(PATIENCE_S)
        self.again.clear()
        return self.parts[-1]


def test_every_listener_hears_every_part_until_it_leaves(bench: Bench) -> None:
    early, late = Heard(), Heard()
    leave = bench.workflow.listen(early)
    bench.workflow.listen(late)
    bench.put(Thing("screw"), 0.5)
    first = late.next()
    leave()
    leave()
    bench.put(Thing("nut", x=0.2), 0.3)
    second = late.next()
    assert early.parts == [first]
    assert late.parts == [first, second]
    assert late.threads == {"Workflow"}
    assert [part.capture_id for part in bench.parts] == [first, second]


def test_the_same_listener_twice_is_taken_away_once(bench: Bench) -> None:
    heard, other = Heard(), Heard()
    leave = bench.workflow.listen(heard)
    bench.workflow.listen(heard)
    bench.workflow.listen(other)
    leave()
    bench.put(Thing("screw"), 0.5)
    assert heard.parts == [other.next()]


def test_a_listener_that_fails_is_logged_and_the_others_still_hear(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(part: CapturedPart) -> None:
        raise ZeroDivisionError("a poor listener")

    after = Heard()
    bench.workflow.listen(fail)
    bench.workflow.listen(after)
    bench.put(Thing("screw"), 0.5)
    first = after.next()
    bench.put(Thing("nut", x=0.2), 0.3)
    assert after.next() != first
    assert bench.recognised("nut").troubles == ()
    assert caplog.text.count("a poor listener") >= 2


def test_a_look_says_whether_its_weight_was_stable(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    part = bench.recognised("screw").part
    assert part is not None
    assert (part.weight_stable, part.scale_step_kg) == (True, bench.scale.step_kg)
    assert set(part.location.roi if part.location else ()) == set(part.frameset.frames)


def test_a_weight_that_never_comes_to_rest_is_marked(bench: Bench) -> None:
    heard = Heard()
    bench.workflow.listen(heard)
    bench.rig.thing = Thing("swing")
    bench.scale.say(0.5, stable=False)
    heard.next()
    part = bench.parts[-1]
    assert part.scale_kg == pytest.approx(0.5)
    assert not part.weight_stable
    assert part.weight_kg is None


def test_without_a_scale_no_weight_is_stable(tmp_path: Path) -> None:
    bench = Bench(tmp_path, with_scale=False)
    bench.start()
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.rig.thing = Thing("screw")
    part = bench.recognised("screw").part
    bench.stop()
    assert part is not None
    assert (part.weight_stable, part.scale_step_kg, part.scale_kg) == (False, None, None)
