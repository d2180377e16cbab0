"""A running rig is recorded beside its work, and given out again the same each time."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from station.acquisition import Rig
from station.acquisition.recorder import FRAMES, MANIFEST, WEIGHTS, RigRecorder
from station.acquisition.replay import RecordedStation, is_station_recording
from station.cameras.frame_file import frames_in
from station.cameras.simulated import SimulatedCamera
from station.cameras.source import Deliver
from station.cameras.supervisor import CameraState
from station.errors import CameraError, ScaleError, StorageError
from station.file_calls import OsFiles
from station.frames import ROLES, WeightReading
from station.workflow.weighing import Weighing

FPS = 30


@pytest.fixture
def recording(ten_cameras: list[SimulatedCamera], tmp_path: Path) -> Path:
    """Half a second or more of ten cameras and a scale."""
    folder = tmp_path / "recording"
    rig = Rig(ten_cameras, fps=FPS)
    rig.start()
    try:
        recorder = RigRecorder(rig, folder, None, step_kg=0.0001)
        recorder.start()
        newest = 0
        for number in range(8):
            frameset = rig.next_frameset(newest)
            assert frameset is not None
            newest = frameset.monotonic_ns
            recorder.weigh(WeightReading(0.1 * number, True, newest, f"line {number}"))
        recorder.stop()
        assert set(recorder.left_out.values()) == {0}
        assert min(recorder.written.values()) >= 5
        assert {role: frames_in(folder / f"{role}.db3") for role in ROLES} == recorder.written
        assert rig.next_frameset(newest) is not None
    finally:
        rig.stop()
    return folder


def see(rig: Rig, count: int) -> None:
    """Wait for so many framesets of now."""
    newest = time.monotonic_ns()
    for _ in range(count):
        frameset = rig.next_frameset(newest)
        assert frameset is not None
        newest = frameset.monotonic_ns


def given_out(folder: Path) -> list[object]:
    """Return everything a recording gives out: framesets with their pictures, and readings."""
    station = RecordedStation(folder)
    found: list[object] = []
    station.start(lambda reading: found.append(reading), lambda _error: None)
    newest = 0
    while not station.over:
        frameset = station.next_frameset(newest, timeout_s=0.2)
        if frameset is None:
            continue
        newest = frameset.monotonic_ns
        assert set(frameset.frames) <= set(ROLES)
        found.append((frameset.skew_ms, {r: (f.number, int(f.depth.sum())) for r, f in frameset.frames.items()}))
    station.stop()
    station.close()
    return found


def test_a_recording_gives_out_the_same_framesets_and_readings_twice(recording: Path) -> None:
    assert is_station_recording(recording)
    first = given_out(recording)
    assert first == given_out(recording)
    assert [r.raw for r in first if isinstance(r, WeightReading)] == [f"line {n}" for n in range(8)]
    framesets = [entry for entry in first if isinstance(entry, tuple)]
    assert len(framesets) >= 3
    assert any(set(frames) == set(ROLES) for _, frames in framesets)
    said = [json.loads(line) for line in (recording / FRAMES).read_text(encoding="utf-8").splitlines()]
    assert len(said) == sum(json.loads((recording / MANIFEST).read_text())["cameras"][r]["frames"] for r in ROLES)


def test_a_recording_that_was_cut_short_gives_what_is_whole(recording: Path) -> None:
    lines = (recording / FRAMES).read_text(encoding="utf-8")
    (recording / FRAMES).write_text(lines[: len(lines) // 2], encoding="utf-8")
    (recording / WEIGHTS).write_text('{"kg": 0.1, "sta', encoding="utf-8")
    assert given_out(recording)


def test_a_recorded_scale_does_not_pretend_to_be_zeroed(recording: Path) -> None:
    station = RecordedStation(recording)
    with pytest.raises(ScaleError, match="recorded"):
        station.zero()
    with pytest.raises(ScaleError, match="recorded"):
        station.tare()
    assert all(np.isfinite(s.fps) for s in station.states().values())


def test_a_damaged_manifest_and_a_missing_file_are_sentences(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="station record"):
        RecordedStation(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(recording, copy)
    (copy / "cam_04.db3").write_bytes(b"nothing")
    with pytest.raises(CameraError, match=r"cam_04\.db3"):
        RecordedStation(copy)
    (recording / MANIFEST).write_text("{}", encoding="utf-8")
    with pytest.raises(CameraError, match="cannot be read"):
        RecordedStation(recording)


def test_a_folder_with_something_in_it_is_refused(ten_cameras: list[SimulatedCamera], tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    rig = Rig(ten_cameras[:1], fps=FPS)
    recorder = RigRecorder(rig, tmp_path, None, step_kg=0.0001)
    with pytest.raises(StorageError, match="not empty"):
        recorder.start()
    recorder.stop()
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


class NoRoom(OsFiles):
    """Puts one file of the recording onto a disk that is full, the machine's own ``/dev/full``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create(self, path: Path) -> int:
        """Open the full device in the place of the file."""
        return os.open("/dev/full", os.O_WRONLY) if path.name == self._name else super().create(path)


@pytest.mark.timeout(60)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("name", [FRAMES, WEIGHTS, MANIFEST])
def test_a_full_disk_ends_the_recording_with_a_sentence(
    ten_cameras: list[SimulatedCamera], tmp_path: Path, name: str
) -> None:
    rig = Rig(ten_cameras, fps=FPS)
    rig.start()
    before = threading.active_count()
    try:
        recorder = RigRecorder(rig, tmp_path, None, step_kg=0.0001, files=NoRoom(name))
        recorder.start()
        recorder.weigh(WeightReading(0.1, True, 1, "line"))
        assert recorder.wait_trouble(1.0 if name == MANIFEST else 20.0) is (name != MANIFEST)
        # Far more frames come than may wait to be written.
        newest = time.monotonic_ns()
        while (frameset := rig.next_frameset(newest)) is not None and frameset.monotonic_ns < newest + 2_000_000_000:
            pass
        with pytest.raises(CameraError, match="No space left on device") as told:
            recorder.stop()
        assert str(told.value).count("No space left") == 1, "said once, not once a camera"
        assert threading.active_count() == before
        if name == FRAMES:
            assert set(recorder.written.values()) == {0}
            assert min(recorder.left_out.values()) > 24
        assert rig.next_frameset(time.monotonic_ns()) is not None, "the cameras go on"
    finally:
        rig.stop()


@pytest.mark.timeout(90)
def test_a_camera_that_was_away_at_the_start_is_recorded_from_its_return_and_one_that_stays_away_is_named(
    ten_cameras: list[SimulatedCamera], tmp_path: Path
) -> None:
    late, never = ten_cameras[6], ten_cameras[8]
    late.unplug()
    never.unplug()
    rig = Rig(ten_cameras, fps=FPS)
    rig.start(minimum=8)
    try:
        recorder = RigRecorder(rig, tmp_path, None, step_kg=0.0001)
        recorder.start()
        see(rig, 12)
        late.replug()
        rig.retry(late.role)
        assert rig.wait_state(late.role, CameraState.STREAMING, 20.0)
        see(rig, 8)
        recorder.stop()
    finally:
        rig.stop()
    assert recorder.not_recorded == (never.role,)
    assert recorder.written[late.role] >= 5
    assert not (tmp_path / f"{never.role}.db3").exists()
    station = RecordedStation(tmp_path)
    assert (station.roles, station.missing) == (ROLES, (never.role,))
    assert "not recorded" in station.states()[never.role].reason
    station.close()
    framesets = [entry for entry in given_out(tmp_path) if isinstance(entry, tuple)]
    assert any(late.role not in frames for _, frames in framesets)
    assert any(set(frames) == set(ROLES) - {never.role} for _, frames in framesets)


def test_a_recording_whose_manifest_names_a_camera_without_a_file_plays_the_others(recording: Path) -> None:
    (recording / "cam_07.db3").unlink()
    station = RecordedStation(recording)
    assert station.missing == ("cam_07",)
    station.close()
    assert given_out(recording)
    for path in recording.glob("*.db3"):
        path.unlink()
    with pytest.raises(CameraError, match="no frame of any camera"):
        RecordedStation(recording)


class CountsAnew(SimulatedCamera):
    """Counts its frames from one whenever it is opened, as the real ones do."""

    def start(self, deliver: Deliver) -> None:
        """See SimulatedCamera."""
        self._number = 0
        super().start(deliver)


@pytest.mark.timeout(90)
def test_a_camera_opened_anew_that_counts_from_one_again_is_given_out_as_it_came(
    ten_cameras: list[SimulatedCamera], tmp_path: Path
) -> None:
    camera = ten_cameras[4] = CountsAnew("cam_05", "000000000004", ten_cameras[4]._model, fps=FPS, stale_after_s=0.3)
    rig = Rig(ten_cameras, fps=FPS)
    rig.start()
    try:
        recorder = RigRecorder(rig, tmp_path, None, step_kg=0.0001)
        recorder.start()
        see(rig, 10)
        camera.unplug()
        assert rig.wait_state("cam_05", CameraState.RECONNECTING, 20.0)
        camera.replug()
        rig.retry("cam_05")
        assert rig.wait_state("cam_05", CameraState.STREAMING, 20.0)
        see(rig, 10)
        recorder.stop()
    finally:
        rig.stop()
    lines = [json.loads(line) for line in (tmp_path / FRAMES).read_text(encoding="utf-8").splitlines()]
    came = [(line["number"], line["ns"], line["opening"]) for line in lines if line["role"] == "cam_05"]
    numbers = [number for number, _, _ in came]
    assert len(set(numbers)) < len(numbers), "numbers came twice"
    station = RecordedStation(tmp_path)
    given: list[tuple[int, int]] = []
    depths: list[int] = []
    while not station.over:
        station.advance()
        frame = station.preview("cam_05")
        if frame is not None and (not given or given[-1] != (frame.number, frame.arrival_ns)):
            given.append((frame.number, frame.arrival_ns))
            depths.append(int(frame.depth[0, 0]))
    station.close()
    assert station.states()["cam_05"].frames == recorder.written["cam_05"] == len(came)
    assert set(given) <= {(number, ns) for number, ns, _ in came}
    assert given == sorted(given, key=lambda one: one[1])
    assert depths == sorted(depths), "the lamp's ticks, in the order in which they shone"
    assert len({number for number, _ in given}) < len(given)
    pairs = [(one, two) for one, two in itertools.pairwise(came) if one[2] == two[2]]
    assert station.states()["cam_05"].dropped == sum(two[0] - one[0] - 1 for one, two in pairs)


@pytest.mark.timeout(90)
def test_a_silent_scale_is_silent_in_the_replay_too(ten_cameras: list[SimulatedCamera], tmp_path: Path) -> None:
    silent = ScaleError("The scale has been silent for 3.0 s.", where="COM3", todo="Check its power.", kind="silent")
    busy = ScaleError("It warms up.", kind="busy")
    rig = Rig(ten_cameras[:2], fps=FPS)
    rig.start()
    try:
        recorder = RigRecorder(rig, tmp_path, None, step_kg=0.0001)
        recorder.report(busy)
        recorder.start()
        see(rig, 2)
        recorder.report(None)
        recorder.weigh(WeightReading(0.1, True, time.monotonic_ns(), "one"))
        see(rig, 5)
        recorder.report(silent)
        see(rig, 5)
        recorder.stop()
    finally:
        rig.stop()
    station = RecordedStation(tmp_path)
    assert station.weighs
    weighing = Weighing(station)
    states: list[tuple[str, str]] = []
    readings: list[WeightReading] = []
    weighing.start(readings.append, weighing.report)
    while not station.over:
        station.advance()
        now = weighing.trouble, weighing.trouble_kind
        if not states or states[-1] != now:
            states.append(now)
    station.close()
    assert [reading.raw for reading in readings] == ["one"]
    assert [one for one in states if one[0] or one is not states[0]] == [
        (str(busy), "busy"),
        ("", ""),
        (str(silent), "silent"),
    ]


@pytest.mark.timeout(90)
def test_a_replay_joins_frames_by_what_the_rig_joined_them(ten_cameras: list[SimulatedCamera], tmp_path: Path) -> None:
    """With a tolerance under the cameras' stagger, what the rig leaves out the replay leaves out as well."""
    rig = Rig(ten_cameras, fps=FPS, tolerance_ms=0.0001, deadline_ms=100.0)
    rig.start()
    try:
        recorder = RigRecorder(rig, tmp_path, None, step_kg=0.0001)
        recorder.start()
        live = rig.next_frameset(time.monotonic_ns())
        assert live is not None
        assert live.missing, "no two of the lamp's pictures have the same time"
        see(rig, 6)
        recorder.stop()
    finally:
        rig.stop()
    framesets = [entry for entry in given_out(tmp_path) if isinstance(entry, tuple)]
    assert framesets
    assert all(len(frames) < len(ROLES) for _, frames in framesets)
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["matching"]["deadline_ns"] == 100_000_000
    # A recording of the first schema does not say: the usual tolerance holds.
    manifest["schema"] = 1
    del manifest["matching"]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    framesets = [entry for entry in given_out(tmp_path) if isinstance(entry, tuple)]
    assert any(set(frames) == set(ROLES) for _, frames in framesets)
