"""The driver on real lines: a pseudo-terminal and a socket, with the virtual scale at the other end."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import ValidationError

from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale import SerialScale
from station.scale.mt_sics import KCP
from station.scale.number_lines import NumberLines, number_lines
from station.scale.protocol import ScaleProtocol
from station.scale.sbi import SBI
from station.settings import ScaleLines, ScaleSection
from station.simulation.load_cell import step_kg
from station.simulation.scale import VirtualScale
from station.simulation.scale_line import Transport
from station.simulation.scale_voices import COUNTS_PER_KG, EMPTY_COUNTS, VoiceName

PATIENCE_S = 15.0
BOTH: list[Transport] = ["tcp"] if sys.platform == "win32" else ["pty", "tcp"]


class Listener:
    """Collects what a driver says and waits for what is expected."""

    def __init__(self) -> None:
        self.readings: queue.Queue[WeightReading] = queue.Queue()
        self.reports: queue.Queue[StationError | None] = queue.Queue()

    def reading(self, wanted: Callable[[WeightReading], bool]) -> WeightReading:
        end = time.monotonic() + PATIENCE_S
        while True:
            found = self.readings.get(timeout=max(end - time.monotonic(), 0.001))
            if wanted(found):
                return found

    def report(self) -> StationError | None:
        return self.reports.get(timeout=PATIENCE_S)


@pytest.fixture(params=BOTH)
def virtual(request: pytest.FixtureRequest) -> Iterator[VirtualScale]:
    with VirtualScale(seed=5, transport=request.param) as scale:
        yield scale


@pytest.fixture
def heard(virtual: VirtualScale) -> Iterator[tuple[SerialScale, Listener]]:
    driver = SerialScale(virtual.url, silent_after_s=1.5)
    listener = Listener()
    driver.start(listener.readings.put, listener.reports.put)
    listener.reading(lambda r: r.stable)
    yield driver, listener
    driver.stop()


PROTOCOLS: dict[VoiceName, ScaleProtocol] = {
    "kcp": KCP,
    "sbi": SBI,
    "lines": number_lines(
        NumberLines(r"(?P<value>-?\d+)", 1.0 / COUNTS_PER_KG, EMPTY_COUNTS), window_s=0.6, spread_steps=3.0
    ),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_weighs_zeroes_tares_and_comes_back(name: VoiceName) -> None:
    with VirtualScale(seed=5, protocol=name) as virtual:
        driver, listener = SerialScale(virtual.url, PROTOCOLS[name]), Listener()
        driver.start(listener.readings.put, listener.reports.put)
        try:
            listener.reading(lambda r: r.stable)
            virtual.set_load(0.02)
            listener.reading(lambda r: r.stable and r.kg > 0.015)
            driver.zero()
            assert listener.reading(lambda r: r.stable and r.kg < 0.01).kg == pytest.approx(0.0, abs=3e-4)
            virtual.set_load(1.52)
            assert listener.reading(lambda r: r.stable and r.kg > 1.4).kg == pytest.approx(1.5, abs=1e-3)
            driver.tare()
            assert listener.reading(lambda r: r.stable and r.kg < 1.0).kg == pytest.approx(0.0, abs=1e-3)
            virtual.close_line()
            assert isinstance(listener.report(), ScaleError)
            virtual.open_line()
            assert listener.report() is None
            assert listener.reading(lambda r: r.stable and r.kg < 1.0).kg == pytest.approx(0.0, abs=1e-3)
        finally:
            driver.stop()


@pytest.mark.parametrize("name", ["sbi", "lines"])
def test_a_zero_that_nothing_fulfils_is_refused(name: VoiceName) -> None:
    with VirtualScale(seed=5, protocol=name) as virtual:
        driver, listener = SerialScale(virtual.url, PROTOCOLS[name]), Listener()
        driver.start(listener.readings.put, listener.reports.put)
        try:
            virtual.set_load(5.0)
            listener.reading(lambda r: r.stable and r.kg > 4.0)
            with pytest.raises(ScaleError, match="refuses"):
                driver.zero()
            assert listener.reading(lambda r: r.stable).kg == pytest.approx(5.0, abs=5e-3)
        finally:
            driver.stop()


def test_the_adjustment_multiplies_every_weight() -> None:
    with VirtualScale(seed=5, protocol="lines") as virtual:
        driver, listener = SerialScale(virtual.url, PROTOCOLS["lines"], factor=1.1), Listener()
        driver.start(listener.readings.put, listener.reports.put)
        try:
            virtual.set_load(1.0)
            assert listener.reading(lambda r: r.stable and r.kg > 0.9).kg == pytest.approx(1.1, abs=1e-3)
        finally:
            driver.stop()


@pytest.mark.parametrize("load", [0.0023, 0.1503, 1.2345, 2.9, 7.512, 14.9])
def test_a_load_is_read_within_a_step_and_its_share_of_error(
    virtual: VirtualScale, heard: tuple[SerialScale, Listener], load: float
) -> None:
    virtual.set_load(load)
    started = time.monotonic_ns()
    reading = heard[1].reading(lambda r: r.stable and r.kg > 0.5 * load)
    assert reading.kg == pytest.approx(load, abs=1.01 * step_kg(load) + 2e-5 * load)
    assert reading.monotonic_ns - started > 100_000_000


def test_a_line_that_is_pulled_out_is_reported_once_and_found_again(
    virtual: VirtualScale, heard: tuple[SerialScale, Listener]
) -> None:
    _, listener = heard
    virtual.close_line()
    error = listener.report()
    assert isinstance(error, ScaleError)
    assert virtual.url in str(error)
    virtual.set_load(0.75)
    virtual.open_line()
    assert listener.report() is None
    assert listener.reading(lambda r: r.stable and r.kg > 0.5).kg == pytest.approx(0.75, abs=2e-4)
    assert listener.reports.empty()


def test_silence_is_reported_and_ends(virtual: VirtualScale, heard: tuple[SerialScale, Listener]) -> None:
    _, listener = heard
    virtual.set_silent(True)
    told = listener.report()
    assert "silent" in str(told)
    assert isinstance(told, ScaleError)
    assert told.kind == "silent"
    virtual.set_silent(False)
    assert listener.report() is None


def test_random_bytes_do_not_become_weights(virtual: VirtualScale, heard: tuple[SerialScale, Listener]) -> None:
    _, listener = heard
    virtual.set_load(0.5)
    listener.reading(lambda r: r.stable and r.kg > 0.4)
    for n in range(200):
        virtual.send_garbage(bytes((n * 37 + k * 101) % 256 for k in range(17)))
    for _ in range(20):
        assert listener.reading(lambda r: True).kg == pytest.approx(0.5, abs=3e-4)


def test_an_overload_is_a_trouble_and_then_over(virtual: VirtualScale, heard: tuple[SerialScale, Listener]) -> None:
    _, listener = heard
    virtual.set_load(16.0)
    assert "more lies on the plate" in str(listener.report()).lower()
    virtual.set_load(1.0)
    while listener.report() is not None:
        pass
    assert listener.reading(lambda r: r.stable and 0.5 < r.kg < 2.0).kg == pytest.approx(1.0, abs=2e-4)


def test_zero_takes_a_small_load_away_and_refuses_a_large_one(
    virtual: VirtualScale, heard: tuple[SerialScale, Listener]
) -> None:
    driver, listener = heard
    virtual.set_load(0.02)
    listener.reading(lambda r: r.stable and r.kg > 0.01)
    driver.zero()
    assert listener.reading(lambda r: r.stable and r.kg < 0.01).kg == pytest.approx(0.0, abs=2e-4)
    virtual.set_load(5.0)
    listener.reading(lambda r: r.stable and r.kg > 4.0)
    with pytest.raises(ScaleError, match="refuses"):
        driver.zero()


def test_zero_without_a_line_is_refused_in_a_sentence(
    virtual: VirtualScale, heard: tuple[SerialScale, Listener]
) -> None:
    driver, listener = heard
    virtual.close_line()
    listener.report()
    with pytest.raises(ScaleError):
        driver.zero()


def test_a_scale_that_is_not_there_is_reported_and_stop_does_not_wait() -> None:
    driver = SerialScale("/dev/serial/by-id/no-such-scale")
    listener = Listener()
    driver.start(listener.readings.put, listener.reports.put)
    assert "cannot be opened" in str(listener.report())
    started = time.monotonic()
    driver.stop()
    driver.stop()
    assert time.monotonic() - started < 5.0
    assert not [t for t in threading.enumerate() if t.name == "Scale"]


def test_the_driver_is_built_from_its_section() -> None:
    for protocol in ("mt-sics", "kcp", "sbi", "lines"):
        driver = SerialScale.from_settings(ScaleSection(port="/dev/ttyUSB0", step_g=1.0, protocol=protocol))
        assert (driver.url, driver.step_kg) == ("/dev/ttyUSB0", 0.001)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"pattern": "("}, "no regular expression"),
        ({"pattern": "[0-9]+"}, "group"),
        ({"kg_per_count": 0.0}, "weigh nothing"),
    ],
)
def test_lines_that_cannot_be_read_are_refused_in_the_settings(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ScaleLines.model_validate(values)
    (error,) = refused.value.errors()
    assert said in str(error["ctx"])


def test_a_driver_that_runs_is_not_started_twice(heard: tuple[SerialScale, Listener]) -> None:
    with pytest.raises(ScaleError, match="already"):
        heard[0].start(lambda _r: None, lambda _e: None)


@pytest.mark.parametrize("rounds", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_a_loose_contact_is_survived(virtual: VirtualScale, heard: tuple[SerialScale, Listener], rounds: int) -> None:
    _, listener = heard
    for n in range(rounds):
        virtual.close_line()
        if n % 2:
            assert isinstance(listener.report(), ScaleError)
            virtual.open_line()
            assert listener.report() is None
        else:
            virtual.open_line()
            listener.reading(lambda r: r.stable)
            while not listener.reports.empty():
                listener.report()
