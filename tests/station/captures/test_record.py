from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.captures.place import Place
from station.captures.record import CaptureRecord, FrameStamp, Override, content_hash, read_capture_record
from station.errors import DatasetError
from station.frames import ROLES, TimeDomain

FINITE = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=20)
BY_ROLE = st.sampled_from(ROLES)
NUMBERS = st.integers(0, 10_000)
CLASSES = st.sampled_from(["bosch_0_120", "Lüfterrad", "轴承 7", "a"])
PLACES = st.one_of(
    st.builds(Place, CLASSES, st.just("train"), position=NUMBERS, rotation=NUMBERS),
    st.builds(Place, CLASSES, st.sampled_from(["valid", "test"]), number=NUMBERS),
)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def records(draw: st.DrawFn) -> CaptureRecord:
    place = draw(PLACES)
    files = draw(st.dictionaries(st.sampled_from([f"{r}/{r[-2:]}_rgb.png" for r in ROLES]), DIGESTS))
    return CaptureRecord(
        capture_id=draw(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z_-]{0,20}", fullmatch=True)),
        class_id=place.class_id,
        split=place.split,
        position=place.position,
        rotation=place.rotation,
        set_number=place.number,
        origin=draw(st.sampled_from(["rig", "simulation", "import"])),
        operator=draw(st.none() | WORDS),
        taken_at=draw(st.none() | st.datetimes(timezones=st.just(UTC))),
        weight_kg=draw(st.none() | FINITE),
        weight_stable=draw(st.booleans()),
        size_m=draw(st.none() | st.tuples(FINITE, FINITE, FINITE)),
        serials=draw(st.dictionaries(BY_ROLE, WORDS)),
        settings=draw(st.dictionaries(BY_ROLE, st.dictionaries(WORDS, st.booleans() | st.integers() | FINITE | WORDS))),
        frame_times=draw(
            st.dictionaries(
                BY_ROLE, st.builds(FrameStamp, number=NUMBERS, device_time_ms=FINITE,
                                   time_domain=st.sampled_from(TimeDomain), arrival_ms=FINITE)
            )
        ),
        missing=tuple(draw(st.lists(BY_ROLE, unique=True))),
        quality=draw(st.dictionaries(WORDS, FINITE)),
        overrides=tuple(draw(st.lists(st.builds(Override, gate=WORDS, reason=WORDS), max_size=3))),
        training_weight=draw(st.floats(0, 10)),
        files=files,
        content_hash=content_hash(files),
    )  # fmt: skip


@given(records())
def test_a_record_survives_its_file(record: CaptureRecord) -> None:
    again = CaptureRecord.from_bytes(record.to_bytes(), "capture.json")
    assert again == record
    assert again.to_bytes() == record.to_bytes()


@given(PLACES)
def test_a_place_survives_its_folder_and_its_record(place: Place) -> None:
    assert Place.from_folder(place.folder) == place
    record = CaptureRecord(capture_id="x", class_id="other", split="train", origin="rig")
    assert Place.of(record) is None
    assert Place.of(record.model_copy(update=place.label())) == place


@pytest.mark.parametrize(
    "folder",
    ["", "sets/a", "sets/a/train_data/0", "sets/a/train_data/0/01", "sets/a/valid_data/-1", "sets/../test_data/1",
     ".trash/x", "sets/a/train_data/0/0/cam_01", "sets/.hidden/test_data/1", "sets/a/valid_data/.writing-1"],
)  # fmt: skip
def test_other_folders_are_no_places(folder: str) -> None:
    assert Place.from_folder(folder) is None


@pytest.mark.parametrize(
    "numbers", [{}, {"position": 1}, {"number": 1}, {"position": 0, "rotation": -1}, {"position": 0, "number": 1}]
)
def test_a_place_is_one_place(numbers: dict[str, int]) -> None:
    with pytest.raises(DatasetError, match="no place"):
        Place("a", "train", **numbers)


def test_a_class_that_is_no_safe_folder_has_no_place() -> None:
    with pytest.raises(DatasetError, match="cannot be the name"):
        Place("../b", "test", number=0)
    with pytest.raises(DatasetError, match="composed form"):
        Place("Lu\u0308fter", "test", number=0)


def test_what_is_not_known_is_left_out_and_times_are_utc() -> None:
    taken = datetime(2026, 5, 4, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    record = CaptureRecord(capture_id="a", class_id="b", split="train", origin="rig", taken_at=taken)
    data = json.loads(record.to_bytes())
    assert (data["schema"], data["class"], data["taken_at"]) == (2, "b", "2026-05-04T10:00:00Z")
    assert "operator" not in data


def test_what_a_hand_added_is_kept() -> None:
    record = CaptureRecord(capture_id="a", class_id="b", split="train", origin="rig")
    content = json.dumps({**json.loads(record.to_bytes()), "note": "scratched"}).encode()
    assert json.loads(CaptureRecord.from_bytes(content, "x").to_bytes())["note"] == "scratched"


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "cam_01/../../x", "cam_01//x", "cam_01/.x", "", "a\\b"])
def test_files_outside_the_capture_are_refused(name: str) -> None:
    content = json.dumps(
        {"schema": 2, "capture_id": "a", "class": "b", "split": "test", "origin": "rig", "files": {name: "0" * 64}}
    ).encode()
    with pytest.raises(DatasetError, match="no plain relative path"):
        CaptureRecord.from_bytes(content, "x")


def test_a_newer_record_is_refused_in_a_sentence() -> None:
    with pytest.raises(DatasetError, match="schema 3, this program knows schemas up to 2"):
        CaptureRecord.from_bytes(b'{"schema": 3}', "x")


def test_the_sum_depends_on_names_and_contents_and_not_on_their_order() -> None:
    one, two = "1" * 64, "2" * 64
    assert content_hash({"a": one, "b": two}) == content_hash({"b": two, "a": one})
    assert len({content_hash(f) for f in ({"a": one}, {"b": one}, {"a": two}, {})}) == 4


def test_an_early_record_is_read_as_one_of_today(tmp_path: Path) -> None:
    folder = tmp_path / "sets" / "gear" / "train_data" / "2" / "11"
    folder.mkdir(parents=True)
    early = {
        "schema": 1, "class": "gear", "split": "train", "origin": "simulation", "seed": 4, "weight_kg": 0.5,
        "weight_stable": True, "size_true_m": [0.1, 0.3, 0.2], "serials": {"cam_01": "7"}, "room": 3,
        "taken_at": "2026-03-02T07:00:00Z", "depth_dead": ["cam_05"],
        "placement": {"pose": 1, "x": 0.1, "y": 0.2, "yaw": 3.0, "scale": 1.0, "surface_seed": 9},
    }  # fmt: skip
    (folder / "capture.json").write_text(json.dumps(early))
    record = read_capture_record(folder)
    assert record is not None
    assert Place.of(record) == Place("gear", "train", position=2, rotation=11)
    assert record.size_true_m == (0.3, 0.2, 0.1)
    assert record.simulation is not None
    assert record.simulation.placement is not None
    assert record.simulation.placement.surface_seed == 9
    assert (record.weight_kg, record.depth_dead, record.files) == (0.5, ("cam_05",), {})
    again = read_capture_record(folder)
    assert again is not None
    assert again.capture_id == record.capture_id
    assert CaptureRecord.from_bytes(record.to_bytes(), "x") == record
