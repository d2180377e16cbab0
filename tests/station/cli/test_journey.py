"""The whole station on the simulated rig: ten devices, a serial line, the shipped model, and things pulled apart."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.cameras.supervisor import CameraState
from station.cli.assembly import NoModel, RunningStation, engine_or_reason, open_engine, start_simulated
from station.config import LoadedSettings
from station.frames import ROLES
from station.journal import Journal
from station.journal_writer import JournalWriter
from station.settings import RecognitionSection, Settings
from station.workflow.status import CapturedPart, Outcome, PartState, PartStatus

PATIENCE_S = 60.0
pytestmark = pytest.mark.timeout(300)


@dataclass
class Bench:
    """A running station and the queue of what it made of each part."""

    station: RunningStation
    parts: queue.Queue[CapturedPart]
    classes: tuple[str, ...]

    def until(self, wanted: Callable[[PartStatus], bool]) -> PartStatus:
        """Wait until the station's snapshot is as wanted."""
        status = self.station.workflow.status
        while not wanted(status):
            newer = self.station.workflow.wait_newer(status.sequence, PATIENCE_S)
            assert newer is not None, f"still {status.state}: {status.message}"
            status = newer
        return status

    def recognise(self, class_id: str, seed: int) -> CapturedPart:
        """Put a part on the empty plate, wait for what the station makes of it, and take the part off again."""
        assert self.station.simulation is not None
        self.until(lambda s: s.state is PartState.EMPTY)
        while not self.parts.empty():
            self.parts.get_nowait()
        self.station.simulation.place(class_id, seed, moving=False)
        part = self.parts.get(timeout=PATIENCE_S)
        self.station.simulation.clear()
        return part


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedSettings:
    return LoadedSettings(Settings(), None, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def bench(loaded: LoadedSettings) -> Iterator[Bench]:
    engine = open_engine(loaded)
    parts: queue.Queue[CapturedPart] = queue.Queue()
    with ExitStack() as stack:
        journal = JournalWriter(loaded.data_dir / "journal.sqlite")
        journal.start()
        stack.callback(journal.stop)
        station = start_simulated(stack, loaded, engine, seed=11, journal=journal, on_part=parts.put)
        yield Bench(station, parts, engine.class_ids)


def test_a_part_becomes_a_ranked_list_and_the_answer_is_written_down(bench: Bench, loaded: LoadedSettings) -> None:
    assert bench.station.simulation is not None
    bench.until(lambda s: s.state is PartState.EMPTY)
    bench.station.simulation.place("housing_gear" if "housing_gear" in bench.classes else bench.classes[0], 5)
    status = bench.until(lambda s: s.answerable)
    part = status.part
    assert part is not None
    assert part.recognition is not None
    truth = bench.station.simulation.truth()["parts"][0]
    assert part.outcome is Outcome.OK
    assert part.recognition.views_used == ROLES
    assert part.weight_kg == pytest.approx(truth["weight_kg"], abs=max(0.0005, 0.001 * truth["weight_kg"]))
    assert sum(r.probability for r in part.recognition.ranked) == pytest.approx(1.0, abs=1e-6)
    assert {r.class_id for r in part.recognition.ranked} == set(bench.classes)
    bench.station.workflow.answer(part.capture_id, part.recognition.ranked[0].class_id)
    bench.station.simulation.clear()
    bench.until(lambda s: s.state is PartState.EMPTY)
    journal = Journal(loaded.data_dir / "journal.sqlite")
    answer = journal.answer_for(part.capture_id)
    journal.close()
    assert answer is not None
    assert answer.class_id == part.recognition.ranked[0].class_id


def test_nine_cameras_go_on_while_one_is_away_and_the_tenth_comes_back(bench: Bench) -> None:
    simulation = bench.station.simulation
    assert simulation is not None
    simulation.unplug("cam_04")
    bench.until(lambda s: any("cam_04" in trouble for trouble in s.troubles))
    part = bench.recognise(bench.classes[3], 21)
    assert part.views_missing == ("cam_04",)
    assert part.recognition is not None
    assert set(part.recognition.views_used) == set(ROLES) - {"cam_04"}
    simulation.replug("cam_04")
    assert bench.station.rig.wait_state("cam_04", CameraState.STREAMING, PATIENCE_S)
    bench.until(lambda s: not s.troubles)
    assert bench.recognise(bench.classes[4], 22).views_missing == ()


def test_a_closed_scale_line_costs_the_weight_and_nothing_else(bench: Bench) -> None:
    scale = bench.station.virtual_scale
    assert scale is not None
    scale.close_line()
    bench.until(lambda s: bool(s.troubles) and s.weight is None)
    part = bench.recognise(bench.classes[5], 31)
    assert part.recognition is not None
    assert part.weight_kg is None
    scale.open_line()
    bench.until(lambda s: not s.troubles and s.weight is not None)
    assert bench.recognise(bench.classes[5], 31).weight_kg is not None


def test_random_bytes_from_the_scale_never_become_a_weight(bench: Bench) -> None:
    scale, simulation = bench.station.virtual_scale, bench.station.simulation
    assert scale is not None
    assert simulation is not None
    for seed in range(3):
        scale.send_garbage(bytes((seed * 89 + i * 37) % 256 for i in range(200)) + b"S S      12.3")
        part = bench.recognise(bench.classes[6], 41 + seed)
        assert part.recognition is not None
        assert part.weight_kg is None or part.weight_kg < 12.0


def test_a_damaged_model_is_a_sentence_and_the_rest_of_the_station_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "broken"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text("{")
    (folder / "weights.safetensors").write_bytes(b"\x80\x02.")
    settings = Settings(recognition=RecognitionSection(model="broken"))
    recognizer, reason = engine_or_reason(LoadedSettings(settings, None, tmp_path))
    assert isinstance(recognizer, NoModel)
    assert "broken" in reason
    assert "\n" not in reason
