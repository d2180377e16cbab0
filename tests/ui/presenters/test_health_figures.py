"""The health page's tiles, cells and plot, without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.acquisition.matching_troubles import MatchingTroubles
from station.acquisition.picture_health import Symptom
from station.figures import Quantity, Trace
from station.frames import ROLES, WeightReading
from station.machine_load import GpuLoad
from tests.ui.health_stage import GB, LOAD, FakeHealth, rig_now, ten_minutes, told
from ui.presenters.health_cells import columns, picture_cells
from ui.presenters.health_long_form import details
from ui.presenters.health_plot import HealthPlot
from ui.presenters.health_tiles import figure_tiles
from ui.presenters.health_view import FigureTile, LineLook, PlotKind, TableSection
from ui.presenters.health_words import matching_sentences, mute_sentence
from ui.presenters.operator_view import Tone
from ui.presenters.wording import Wording

WORDS = Wording()


def tile(door: FakeHealth, key: str) -> FigureTile:
    return next(one for one in figure_tiles(door, WORDS) if one.key == key)


def test_a_healthy_station_in_tiles() -> None:
    shown = figure_tiles(FakeHealth(), WORDS)
    assert [(one.key, one.text) for one in shown] == [
        ("frameset", "10/10 · 7.2 ms"),
        ("scale", "18.4 g · still"),
        ("cpu", "37 %"),
        ("gpu", "64 %"),
        ("memory", "6.0 / 24 GB"),
        ("disk", "320 GB free"),
    ]
    assert {one.tone for one in shown} == {Tone.IDLE}
    assert "12 %" in tile(FakeHealth(), "cpu").explanation
    assert tile(FakeHealth(), "gpu").explanation == "Card A: 64 %, 5.0 GB, 61 °C"


def test_a_station_of_which_nothing_is_known_yet() -> None:
    door = FakeHealth()
    door.figures = door.machine = None
    assert {tile(door, key).text for key in ("frameset", "cpu", "gpu", "memory", "disk")} == {"–"}


def test_cameras_out_of_step() -> None:
    door = FakeHealth()
    door.figures = replace(rig_now(), missing=("cam_04", "cam_10"))
    lacking = tile(door, "frameset")
    assert (lacking.text, lacking.tone) == ("8/10 · 7.2 ms", Tone.WARNING)
    assert "camera 4, 10" in lacking.explanation
    door.figures = replace(rig_now(), skew_ms=None)
    assert (tile(door, "frameset").text, tile(door, "frameset").tone) == ("–", Tone.ERROR)


@pytest.mark.parametrize(
    ("has_scale", "weight", "trouble", "text", "tone"),
    [
        (False, None, "There is no scale.", "none", Tone.IDLE),
        (True, None, "The scale has been silent for 2.0 s.", "no weight", Tone.ERROR),
        (True, WeightReading(0.5, False, 1, ""), "The scale's weight jumps about.", "doubtful", Tone.WARNING),
        (True, WeightReading(0.5, False, 1, ""), "", "500.0 g · moves", Tone.IDLE),
        (True, WeightReading(1.2345, True, 1, ""), "", "1.2345 kg · still", Tone.IDLE),
    ],
)
def test_the_scale(has_scale: bool, weight: WeightReading | None, trouble: str, text: str, tone: Tone) -> None:
    door = FakeHealth()
    door.has_scale, door.weight, door.scale_trouble = has_scale, weight, trouble
    shown = tile(door, "scale")
    assert (shown.text, shown.tone) == (text, tone)
    assert shown.explanation == (trouble if has_scale else "")


def test_the_machine_in_need() -> None:
    door = FakeHealth()
    door.machine = replace(
        LOAD, memory_used=23 * GB + GB // 2, disk_free=3 * GB, gpus=(GpuLoad("Card B", None, None, 8 * GB, None),)
    )
    assert (tile(door, "memory").tone, tile(door, "disk").tone) == (Tone.WARNING, Tone.WARNING)
    assert tile(door, "disk").text == "3.0 GB free"
    assert (tile(door, "gpu").text, tile(door, "gpu").explanation) == ("–", "Card B: –")
    door.machine = replace(LOAD, disk_free=GB // 2, gpus=())
    assert (tile(door, "disk").tone, tile(door, "gpu").text) == (Tone.ERROR, "none")
    door.machine, door.least_free_gb = replace(LOAD, disk_free=40 * GB), 50.0
    assert tile(door, "disk").tone is Tone.ERROR, "captures are refused"
    door.machine = replace(LOAD, disk_free=60 * GB)
    assert tile(door, "disk").tone is Tone.WARNING
    door.machine = replace(LOAD, disk_free=None, disk_total=None)
    assert (tile(door, "disk").text, tile(door, "disk").tone) == ("–", Tone.ERROR)


def test_devices_that_tell_nothing_any_more_are_said_and_marked() -> None:
    figures = rig_now(cam_03={"told": None, "mute": True}, cam_04={"told": None, "mute": True})
    one = figures.cameras["cam_03"]
    heat = picture_cells(one.status, 0.1, one, set(), WORDS)[6]
    assert (heat.text, heat.tone) == ("–", Tone.WARNING)
    assert mute_sentence(rig_now(), WORDS) == mute_sentence(None, WORDS) == ""
    assert mute_sentence(figures, WORDS) == ("Heat and exposure of camera 3, 4 are not told any more: a camera hangs.")


def test_pictures_that_came_in_vain_are_counted_in_the_long_form() -> None:
    plain = rig_now().cameras["cam_01"]
    assert details(None, WORDS) == ""
    assert details(plain, WORDS) == "Colour: exposure 8.0 ms, gain 16, white balance 4600 K."
    mean = replace(plain, told=replace(told("cam_01"), exposure_us=None, gain=None, white_balance_k=None, misses=7))
    assert details(mean, WORDS) == "Of its pictures 7 found no free memory."
    lossy = replace(plain, told=None, repeated=2, unmatched=3)
    assert details(lossy, WORDS) == "Of its pictures 2 came twice or late, 3 fitted no others."


def test_what_the_matcher_lost_lately_is_said() -> None:
    assert matching_sentences(rig_now(), WORDS) == matching_sentences(None, WORDS) == []
    lossy = replace(rig_now(), matching=MatchingTroubles(overflow=12, faults=2))
    assert matching_sentences(lossy, WORDS) == [
        "12 pictures came faster than they could be used. Close other programs.",
        "The program met a fault with pictures, 2 times, and goes on. Keep the log.",
    ]


def cell_tones(symptoms: set[Symptom], celsius: float = 36.0) -> dict[str, Tone]:
    one = replace(rig_now().cameras["cam_01"], told=told("cam_01", celsius))
    cells = picture_cells(one.status, 0.1, one, symptoms, WORDS)
    titles = [column.title for column in columns(TableSection.PICTURES, WORDS)][2:]
    return {title: cell.tone for title, cell in zip(titles, cells, strict=True) if cell.tone is not Tone.IDLE}


@pytest.mark.parametrize(
    ("symptom", "title"),
    [
        (Symptom.FROZEN, "Pictures/s"),
        (Symptom.LATE, "Newest"),
        (Symptom.CLOCK, "Skew, ms"),
        (Symptom.SLOW_USB, "USB"),
        (Symptom.NO_DEPTH, "Depth, %"),
        (Symptom.BLURRED, "Sharpness"),
    ],
)
def test_a_symptom_is_marked_where_its_figure_stands(symptom: Symptom, title: str) -> None:
    assert cell_tones({symptom}) == {title: Tone.WARNING}
    assert cell_tones({Symptom.TINTED}) == {}


@pytest.mark.parametrize(("celsius", "tone"), [(39.9, None), (40.0, Tone.WARNING), (55.0, Tone.ERROR)])
def test_heat_is_marked_from_forty_and_from_fifty_five_degrees(celsius: float, tone: Tone | None) -> None:
    assert cell_tones(set(), celsius) == ({"Heat, °C": tone} if tone else {})


def test_a_simulated_camera_tells_no_heat_exposure_filters_or_time() -> None:
    one = replace(rig_now().cameras["cam_01"], told=None)
    cells = picture_cells(one.status, 0.1, one, set(), WORDS)
    assert [cell.text for cell in cells][6:] == ["–", "91", "88", "42", "–", "–", "–"]
    nothing = picture_cells(one.status, None, None, set(), WORDS)
    assert [cell.text for cell in nothing] == ["15.0", "–", "0", "0", *["–"] * 9]


@pytest.mark.parametrize(
    ("seconds", "text"), [(59.0, "0 min"), (125.0, "2 min"), (7300.0, "2 h"), (200000.0, "2 days")]
)
def test_how_long_a_camera_is_open(seconds: float, text: str) -> None:
    one = replace(rig_now().cameras["cam_01"], told=replace(told("cam_01"), uptime_s=seconds))
    assert picture_cells(one.status, 0.1, one, set(), WORDS)[-1].text == text


def test_the_plot_goes_round_all_quantities_and_comes_back_from_the_drift() -> None:
    plot = HealthPlot(ten_minutes)
    titles = []
    for _ in Quantity:
        titles.append(plot.title(WORDS))
        plot.step(1)
    assert len(set(titles)) == len(Quantity)
    assert plot.quantity is Quantity.FPS
    plot.step(-1)
    plot.toggle()
    assert plot.kind is PlotKind.DRIFT
    plot.step(1)
    assert (plot.kind, plot.quantity) == (PlotKind.RECENT, Quantity.MEMORY)


def test_lines_of_cameras_the_marked_one_and_those_that_ail() -> None:
    view = HealthPlot(ten_minutes).view("cam_02", {"cam_02", "cam_04"}, WORDS)
    assert [line.label for line in view.lines] == [str(n) for n in range(1, 11)]
    assert {line.label: line.look for line in view.lines if line.look is not LineLook.PLAIN} == {
        "2": LineLook.MARKED,
        "4": LineLook.WARNS,
    }
    assert view.minutes[-1] == 0.0
    assert view.minutes[0] == pytest.approx(-599 / 60)
    assert view.low == 0.0 < max(line.values.max() for line in view.lines) < view.high


@pytest.mark.parametrize("quantity", list(Quantity))
def test_all_that_is_known_lies_within_the_axis(quantity: Quantity) -> None:
    plot = HealthPlot(ten_minutes)
    plot.quantity = quantity
    view = plot.view("", set(), WORDS)
    known = np.concatenate([line.values[np.isfinite(line.values)] for line in view.lines])
    assert view.low <= known.min()
    assert known.max() <= view.high
    assert (view.limit is not None) == (quantity is Quantity.TEMPERATURE)
    assert [line.look for line in view.lines] == (
        [LineLook.FIRST, LineLook.SECOND] if quantity.of_machine else [LineLook.PLAIN] * 10
    )


def test_lost_pictures_count_from_the_first_that_is_shown() -> None:
    values = np.full((4, 10), np.nan)
    values[:, 0] = [100.0, 100.0, 102.0, 103.0]
    values[2:, 1] = [7.0, 7.0]
    plot = HealthPlot(lambda quantity: Trace(ROLES, np.arange(4.0), values))
    plot.quantity = Quantity.LOST
    view = plot.view("", set(), WORDS)
    assert view.lines[0].values.tolist() == [0.0, 0.0, 2.0, 3.0]
    assert view.lines[1].values[2:].tolist() == [0.0, 0.0]


def test_a_view_is_made_anew_only_when_there_is_something_new() -> None:
    rows = 5
    plot = HealthPlot(lambda quantity: ten_minutes(quantity, rows))
    first = plot.view("", set(), WORDS)
    assert plot.view("", set(), WORDS) is first
    assert plot.view("cam_01", set(), WORDS) is not first
    rows = 6
    assert plot.view("cam_01", set(), WORDS).minutes.shape == (6,)


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (Quantity.FPS, "One comes every second"),
        (Quantity.TEMPERATURE, "tell no temperature"),
        (Quantity.GPU, "No graphics card"),
    ],
)
def test_where_there_is_nothing_to_draw_a_sentence_says_why(quantity: Quantity, words: str) -> None:
    plot = HealthPlot(lambda q: Trace(ROLES, np.arange(3.0), np.full((3, 10), np.nan)))
    plot.quantity = quantity
    view = plot.view("", set(), WORDS)
    assert words in view.note
    assert view.lines == ()
