"""A scale that takes its time, is switched off meanwhile, or is read by somebody who fails."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from station.errors import ScaleError, StationError, StorageError
from station.frames import WeightReading
from station.scale import SerialScale
from station.scale import driver as driver_module
from station.scale.mt_sics import KCP, MT_SICS, SicsParser
from station.scale.replies import Reply
from station.scale.source import ScaleChange
from station.simulation.scale import VirtualScale
from tests.station.scale.scripted import PATIENCE_S, ScriptedScale

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

EMPTY = b"S S        0.0 g\r\n"


class Heard:
    """Everything that a driver hands over, in its order."""

    def __init__(self) -> None:
        self.all: queue.Queue[WeightReading | StationError | ScaleChange | None] = queue.Queue()

    def until(self, wanted: Callable[[object], bool]) -> list[object]:
        """Return what came up to and with the first that is wanted."""
        got: list[object] = []
        while not got or not wanted(got[-1]):
            got.append(self.all.get(timeout=PATIENCE_S))
        return got


@contextmanager
def running(driver: SerialScale) -> Iterator[Heard]:
    heard = Heard()
    driver.start(heard.all.put, heard.all.put, heard.all.put)
    try:
        heard.until(lambda said: isinstance(said, WeightReading) and said.stable)
        yield heard
    finally:
        driver.stop()


def begun(pool: ThreadPoolExecutor, wish: Callable[[], None]) -> Future[None]:
    return pool.submit(wish)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as one:
        yield one


@pytest.fixture
def scripted() -> Iterator[ScriptedScale]:
    with ScriptedScale() as scale:
        yield scale


def test_a_word_after_the_patience_is_told_of_between_the_weights_before_and_after(scripted: ScriptedScale) -> None:
    driver = SerialScale(scripted.url, word_s=0.1)
    with running(driver) as heard:
        with pytest.raises(ScaleError, match="has not said within") as refused:
            driver.tare()
        assert "what it does later is followed" in str(refused.value)
        scripted.wait_for(b"T")
        scripted.say(b"T S     1234.5 g\r\n", weight=EMPTY)
        before = heard.until(lambda said: said is ScaleChange.TARED)
        assert {said.kg for said in before if isinstance(said, WeightReading)} <= {1.2345}
        after = heard.until(lambda said: isinstance(said, WeightReading) and said.stable)
        assert {said.kg for said in after if isinstance(said, WeightReading)} == {0.0}


def test_the_next_wish_is_not_fulfilled_by_the_late_word_on_another(
    scripted: ScriptedScale, pool: ThreadPoolExecutor
) -> None:
    driver = SerialScale(scripted.url, word_s=0.1)
    with running(driver) as heard:
        with pytest.raises(ScaleError):
            driver.zero()
        driver._word_s = PATIENCE_S
        taring = begun(pool, driver.tare)
        scripted.wait_for(b"T")
        scripted.say(b"Z A\r\n")
        heard.until(lambda said: said is ScaleChange.ZEROED)
        assert not taring.done()
        scripted.say(b"T S     1234.5 g\r\n")
        taring.result(PATIENCE_S)
        heard.until(lambda said: said is ScaleChange.TARED)


def test_a_word_that_nobody_asked_for_changes_nothing(scripted: ScriptedScale) -> None:
    with running(SerialScale(scripted.url)) as heard:
        scripted.say(b"T S     1234.5 g\r\n", b"Z A\r\n", weight=b"S S      700.0 g\r\n")
        said = heard.until(lambda one: isinstance(one, WeightReading) and one.kg == 0.7)
        assert not [one for one in said if isinstance(one, ScaleChange)]


@pytest.mark.parametrize("word", [b"ET", b"EL", b"ES"])
def test_a_command_that_the_scale_does_not_understand_is_said_at_once(
    scripted: ScriptedScale, pool: ThreadPoolExecutor, word: bytes
) -> None:
    driver = SerialScale(scripted.url, KCP, word_s=2 * PATIENCE_S)
    with running(driver):
        zeroing = begun(pool, driver.zero)
        scripted.wait_for(b"Z")
        scripted.say(word + b"\r\n")
        with pytest.raises(ScaleError, match="does not understand"):
            zeroing.result(PATIENCE_S)


def test_a_damaged_request_for_weights_is_made_up_for_by_asking_for_each() -> None:
    with ScriptedScale(stream_at=b"SI") as scripted:
        driver = SerialScale(scripted.url, silent_after_s=PATIENCE_S)
        driver.start(lambda _reading: None, lambda _error: None)
        try:
            scripted.wait_for(b"SIR")
            scripted.say(b"ET\r\n")
            scripted.wait_for(b"SI")
        finally:
            driver.stop()


def test_a_scale_that_is_switched_on_anew_is_told_of_and_asked_for_weights_at_once(
    scripted: ScriptedScale, pool: ThreadPoolExecutor
) -> None:
    driver = SerialScale(scripted.url, silent_after_s=PATIENCE_S)
    with running(driver) as heard:
        taring = begun(pool, driver.tare)
        scripted.wait_for(b"T")
        scripted.fall_asleep()
        scripted.say(b'I4 A "B012345678"\r\n', weight=EMPTY)
        scripted.wait_for(b"SIR", times=2)
        said = heard.until(lambda one: isinstance(one, WeightReading) and one.kg == 0.0)
        assert [one for one in said if isinstance(one, ScaleChange)] == [ScaleChange.RESTARTED]
        assert not [one for one in said if isinstance(one, StationError)]
        with pytest.raises(ScaleError, match="switched on anew"):
            taring.result(PATIENCE_S)


def test_a_scale_that_was_off_for_long_is_heard_as_it_is_switched_on(scripted: ScriptedScale) -> None:
    with running(SerialScale(scripted.url, silent_after_s=0.5)) as heard:
        scripted.fall_asleep(stay=True)
        told = heard.until(lambda said: isinstance(said, ScaleError))[-1]
        assert isinstance(told, ScaleError)
        assert told.kind == "silent"
        scripted.wait_for(b"SIR", times=3)  # opened anew, and anew
        scripted.say(b'I4 A "B012345678"\r\n')
        scripted.wake()
        said = heard.until(lambda one: isinstance(one, WeightReading))
        assert ScaleChange.RESTARTED in said
        heard.until(lambda one: one is None)


def test_a_wish_without_a_line_is_refused_at_once_and_one_under_way_when_it_breaks(pool: ThreadPoolExecutor) -> None:
    scripted = ScriptedScale()
    driver = SerialScale(scripted.url, word_s=2 * PATIENCE_S)
    with scripted, running(driver) as heard:
        zeroing = begun(pool, driver.zero)
        scripted.wait_for(b"Z")
        with scripted._heard:
            scripted._line.close()
        with pytest.raises(ScaleError, match="broke before it said"):
            zeroing.result(PATIENCE_S)
        heard.until(lambda said: isinstance(said, ScaleError) and said.kind == "line")
        with pytest.raises(ScaleError, match="cannot be reached"):
            driver.zero()


class Consumer:
    """Takes readings, and fails when told to."""

    def __init__(self, fault: Exception, *, reports: bool = True) -> None:
        self.heard = Heard()
        self.fault = fault
        self.reports = reports
        self.broken = threading.Event()
        self.failed = threading.Semaphore(0)

    def take(self, reading: WeightReading) -> None:
        if self.broken.is_set():
            self.failed.release()
            raise self.fault
        self.heard.all.put(reading)

    def report(self, error: StationError | None) -> None:
        self.heard.all.put(error)
        if not self.reports:
            raise self.fault


@pytest.mark.parametrize(
    "fault",
    [OSError(28, "No space left on device"), ValueError("no number"), RuntimeError("a bug"), StorageError("Full.")],
)
@pytest.mark.parametrize("reports", [True, False])
def test_a_fault_of_who_takes_the_weights_is_said_as_such_and_the_scale_weighs_on(
    scripted: ScriptedScale, fault: Exception, reports: bool
) -> None:
    driver, consumer = SerialScale(scripted.url), Consumer(fault, reports=reports)
    driver.start(consumer.take, consumer.report)
    try:
        consumer.heard.until(lambda said: isinstance(said, WeightReading))
        consumer.broken.set()
        told = consumer.heard.until(lambda said: isinstance(said, ScaleError))[-1]
        for _ in range(10):
            assert consumer.failed.acquire(timeout=PATIENCE_S)
        assert consumer.heard.all.empty()  # told once
        consumer.broken.clear()
        assert consumer.heard.until(lambda said: said is None)
        consumer.heard.until(lambda said: isinstance(said, WeightReading))
        assert scripted.commands == [b"SIR"]  # the line was never closed
    finally:
        driver.stop()
    assert "could not be taken in" in str(told)
    assert scripted.url not in str(told)
    assert "line" not in str(told)


class StumblingParser:
    """Stands for a mistake in the reading of lines: a line of it stops the driver where nobody expects it."""

    def parse(self, line: bytes) -> Reply:
        if line == b"stumble":
            raise RuntimeError("nobody thought of that")
        return SicsParser().parse(line)


def test_a_fault_of_the_driver_itself_is_told_and_the_scale_found_again(
    scripted: ScriptedScale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "_AFTER_FAULT_S", 0.05)
    with running(SerialScale(scripted.url, replace(MT_SICS, parser=StumblingParser))) as heard:
        scripted.say(b"stumble\r\n")
        told = heard.until(lambda said: isinstance(said, ScaleError))[-1]
        assert "nobody thought of that" in str(told)
        heard.until(lambda said: said is None)
        assert isinstance(heard.until(lambda said: isinstance(said, WeightReading))[-1], WeightReading)


def test_a_line_has_one_reader_and_the_second_is_told_so() -> None:
    with VirtualScale(seed=1) as virtual:
        first, second, heard = SerialScale(virtual.url), SerialScale(virtual.url), Heard()
        with running(first) as weighed:
            second.start(heard.all.put, heard.all.put)
            try:
                told = heard.until(lambda _said: True)[0]
                assert isinstance(told, ScaleError)
                assert told.kind == "taken"
                assert "Another program holds" in str(told)
                for _ in range(5):
                    weighed.until(lambda said: isinstance(said, WeightReading) and said.stable)
                first.stop()
                heard.until(lambda said: isinstance(said, WeightReading))
            finally:
                second.stop()
