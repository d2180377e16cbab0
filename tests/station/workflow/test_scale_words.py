"""What the scale says late or unasked, and what it does to the work at the plate."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import ScaleError
from station.scale import SerialScale
from station.scale.mt_sics import KCP, MT_SICS
from station.scale.source import ScaleChange
from station.simulation.scale import VirtualScale
from station.workflow import PartState, Workflow
from tests.station.scale.scripted import ScriptedScale
from tests.station.workflow.bench import Bench
from tests.station.workflow.bench_rig import Thing

TRAY = Thing("tray", edge=0.2, grey=90)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    one.start()
    one.scale.say(0.0)
    one.wait(lambda s: s.state is PartState.EMPTY and s.load_kg is not None)
    yield one
    one.stop()


def on_a_line(folder: Path, driver: SerialScale) -> Bench:
    bench = Bench(folder)
    bench.workflow = Workflow(
        bench.rig,
        driver,
        bench.locator,
        bench.recognizer,
        bench.rig.calibration,
        bench.journal,
        on_part=bench.parts.append,
    )
    return bench


def anew(troubles: tuple[str, ...]) -> bool:
    return any("switched on anew" in trouble for trouble in troubles)


def test_a_tare_that_the_scale_does_late_is_a_tare(bench: Bench) -> None:
    bench.put(TRAY, 0.8)
    bench.recognised("tray")
    bench.scale.refuses = ScaleError("The scale has not said within 12 s that it is tared.")
    with pytest.raises(ScaleError):
        bench.workflow.tare()
    bench.scale.change(ScaleChange.TARED)
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    assert bench.locator.tray == TRAY
    bench.put(Thing("screw"), 0.5)
    assert bench.recognised("screw").load_kg == pytest.approx(0.5)
    bench.put(None, -0.8)
    bench.wait(lambda s: s.state is PartState.EMPTY and s.load_kg == pytest.approx(0.0))
    assert bench.locator.tray is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_late_word_comes_over_a_real_line_to_the_plate(tmp_path: Path) -> None:
    with ScriptedScale() as scripted:
        scripted.weight = b"S S        0.0 g\r\n"
        bench = on_a_line(tmp_path, SerialScale(scripted.url, word_s=0.1))
        bench.start()
        try:
            bench.wait(lambda s: s.state is PartState.EMPTY and s.load_kg is not None)
            bench.rig.thing = TRAY
            scripted.say(weight=b"S S      800.0 g\r\n")
            bench.recognised("tray")
            with pytest.raises(ScaleError, match="has not said"):
                bench.workflow.tare()
            scripted.wait_for(b"T")
            scripted.say(b"T S      800.0 g\r\n", weight=b"S S        0.0 g\r\n")
            bench.wait(lambda s: s.state is PartState.EMPTY)
            assert bench.locator.tray == TRAY
        finally:
            bench.stop()


def test_a_scale_that_shows_the_tare_before_it_is_known_to_be_done_has_the_tray_of_the_wish(bench: Bench) -> None:
    """Sartorius' scales say nothing: the first reading at zero is the word."""
    bench.put(TRAY, 0.8)
    bench.recognised("tray")
    shown = bench.scale.change

    def show(change: ScaleChange) -> None:
        bench.scale.say(0.0)
        shown(change)

    bench.scale.change = show
    bench.workflow.tare()
    bench.scale.say(0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY)
    bench.put(None, -0.3)
    bench.put(None, -0.8)
    bench.wait(lambda s: s.state is PartState.EMPTY and s.load_kg == pytest.approx(0.0))
    assert bench.locator.tray is None


@pytest.mark.parametrize("protocol", ["mt-sics", "kcp"])
@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_scale_that_was_switched_on_anew_has_no_tray_and_says_so(tmp_path: Path, protocol: str) -> None:
    with VirtualScale(seed=3, protocol="kcp" if protocol == "kcp" else "mt-sics") as virtual:
        bench = on_a_line(tmp_path, SerialScale(virtual.url, KCP if protocol == "kcp" else MT_SICS))
        bench.start()
        try:
            bench.wait(lambda s: s.state is PartState.EMPTY and s.load_kg is not None)
            bench.rig.thing = TRAY
            virtual.set_load(0.8)
            bench.recognised("tray")
            bench.workflow.tare()
            bench.wait(lambda s: s.state is PartState.EMPTY)
            assert bench.locator.tray == TRAY
            virtual.power_cycle()
            status = bench.wait(lambda s: anew(s.troubles) and s.state is PartState.RECOGNISED)
            assert bench.workflow.scale_trouble_kind == "restarted"
            assert bench.locator.tray is None
            assert status.load_kg == pytest.approx(0.8, abs=5e-4)
            bench.workflow.tare()
            bench.wait(lambda s: s.state is PartState.EMPTY and not anew(s.troubles))
            assert bench.locator.tray == TRAY
        finally:
            bench.stop()


def test_a_restart_over_an_empty_plate_is_over_when_the_plate_is_seen_empty(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    bench.recognised("screw")
    bench.scale.change(ScaleChange.RESTARTED)
    bench.scale.say(0.5)
    bench.wait(lambda s: anew(s.troubles) and s.state is PartState.RECOGNISED)
    bench.put(None, 0.0)
    bench.wait(lambda s: s.state is PartState.EMPTY and not s.troubles)


def test_a_warner_that_fails_is_said_and_costs_neither_weight_nor_answer(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble() -> str:
        raise RuntimeError("nobody knows")

    bench.workflow.heed(stumble)
    bench.workflow.heed(lambda: "The disk is nearly full.")
    bench.put(Thing("screw"), 0.5)
    status = bench.recognised("screw")
    assert status.load_kg == pytest.approx(0.5)
    assert any("nobody knows" in trouble for trouble in status.troubles)
    assert "The disk is nearly full." in status.troubles
    assert status.capture_id is not None
    bench.workflow.answer(status.capture_id, "screw")
    assert bench.workflow.status.state is PartState.ANSWERED
    assert caplog.text.count("could not be found out") == 1


def test_the_look_after_a_zero_waits_for_a_weight_from_the_new_zero(bench: Bench) -> None:
    bench.put(Thing("screw"), 0.5)
    bench.recognised("screw")
    bench.workflow.zero_scale()
    bench.wait(lambda s: s.state is PartState.SETTLING)
    looks = len(bench.parts)
    assert bench.workflow.wait_newer(bench.workflow.status.sequence, 0.5) is None
    assert len(bench.parts) == looks
    bench.scale.say(0.4)
    bench.recognised("screw")
    assert bench.parts[-1].weight_kg == pytest.approx(0.4)
