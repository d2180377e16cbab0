"""Recordings are played by the SDK's own pipeline: a real one, and one made here from a simulated camera."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from station.acquisition.registration import register_frame
from station.cameras.frame_file import FrameFile, frames_in
from station.cameras.recorder import CameraRecorder
from station.cameras.recording import RecordingCamera, open_recordings
from station.cameras.source import EndOfReplay
from station.cameras.supervisor import CameraState, CameraSupervisor
from station.errors import CameraError
from station.frames import CameraInfo, Frame, TimeDomain
from station.geometry import CameraModel, Pose

pytest.importorskip("pyrealsense2")

BAG = Path(__file__).parents[4] / "shared/data/recordings/single_depth_color_640x480.bag"
needs_bag = pytest.mark.skipif(not BAG.is_file(), reason=f"needs the recording {BAG.name}")


def play(camera: RecordingCamera) -> list[Frame]:
    """Play to the end through a supervisor and return every frame."""
    frames: list[Frame] = []
    supervisor = CameraSupervisor(camera, frames.append, stall_after_s=5.0)
    supervisor.start()
    try:
        assert supervisor.wait_state(CameraState.ENDED, 20.0), supervisor.status
        assert isinstance(supervisor.error, EndOfReplay)
    finally:
        supervisor.stop()
    return frames


@needs_bag
def test_a_real_recording_gives_its_frame_and_its_camera() -> None:
    (camera,) = open_recordings(BAG)
    before = threading.active_count()
    frames = play(camera)
    assert threading.active_count() == before
    assert len(frames) == 1
    frame = frames[0]
    assert (frame.role, frame.number, frame.time_domain) == ("cam_01", 162, TimeDomain.HARDWARE)
    assert frame.color.shape == (480, 640, 3)
    assert 0.9 < float((frame.depth > 0).mean()) < 0.95
    assert (camera.info.serial, camera.info.name) == ("728612070259", "Intel RealSense D435")
    assert camera.info.color.fx == pytest.approx(613.2, abs=0.01)
    assert camera.info.depth.fx == pytest.approx(390.43, abs=0.01)


@needs_bag
def test_a_real_recordings_depth_is_moved_into_the_colour_geometry() -> None:
    (camera,) = open_recordings(BAG)
    (frame,) = play(camera)
    assert not camera.info.registered
    moved = register_frame(frame, camera.info)
    assert moved.depth.shape == frame.color.shape[:2]
    assert moved.color is frame.color
    # The colour camera sees the middle of the depth camera's wider field: the distances there stay what they are.
    middle = np.median(frame.depth[200:280, 280:380]), np.median(moved.depth[170:310, 230:410])
    assert middle[0] == pytest.approx(middle[1], rel=0.1)


def record(path: Path, serial: str, model: CameraModel, count: int) -> None:
    """Record pictures with the station's own recorder at their rate, each of its own grey."""
    info = CameraInfo(path.stem, serial, "D415", "5.16", "3.2", model, model, Pose.identity(), 15.0)
    recorder = CameraRecorder(info, path)
    for number in range(1, count + 1):
        depth = np.full((120, 160), 1000 + number, np.uint16)
        color = np.full((120, 160, 3), number, np.uint8)
        time_ms = 1e12 + number * 1000 / 15
        recorder.write(Frame(path.stem, color, depth, 0.001, number, time_ms, TimeDomain.GLOBAL, number))
        # The SDK's player keeps the pace at which the pictures were recorded.
        threading.Event().wait(1 / 15)
    recorder.close()


def test_a_recording_made_here_gives_back_its_frames_and_the_lens(tmp_path: Path) -> None:
    model = CameraModel(160, 120, 150.0, 151.0, 80.25, 59.5, (0.1, -0.2, 0.001, 0.002, 0.05))
    record(tmp_path / "cam_06.db3", "000000000006", model, count=8)
    (camera,) = open_recordings(tmp_path)
    frames = play(camera)
    numbers = [frame.number for frame in frames]
    # A busy reader loses frames, as with a camera, but never the newest.
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 8
    for frame in frames:
        assert (frame.color == frame.number).all()
        assert (frame.depth == 1000 + frame.number).all()
        assert frame.depth_scale == pytest.approx(0.001)
        assert frame.device_time_ms == pytest.approx(1e12 + frame.number * 1000 / 15)
    assert camera.info.serial == "000000000006"
    assert camera.info.color.distortion == pytest.approx(model.distortion)


@pytest.mark.parametrize("count", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_what_is_written_faster_than_it_can_be_compressed_is_on_disk_all_the_same(count: int, tmp_path: Path) -> None:
    """Four hundred pictures of noise take the SDK longer than the ten seconds after which it throws away the rest."""
    path = tmp_path / "cam_04.db3"
    model = CameraModel(640, 480, 600.0, 600.0, 320.0, 240.0)
    info = CameraInfo("cam_04", "1", "", "", "3.2", model, model, Pose.identity(), 30.0)
    rng = np.random.default_rng(1)
    color, depth = rng.integers(0, 256, (480, 640, 3), np.uint8), rng.integers(400, 900, (480, 640)).astype(np.uint16)
    recorder = CameraRecorder(info, path)
    for number in range(1, count + 1):
        recorder.write(Frame("cam_04", color, depth, 0.001, number, 33.3 * number, TimeDomain.GLOBAL, number))
    recorder.close()
    recorder.close()
    assert frames_in(path) == count
    with closing(FrameFile("cam_04", path).pictures()) as pictures:
        assert [number for number, *_ in pictures] == list(range(1, count + 1))


def test_depth_is_played_in_the_units_in_which_it_was_recorded(tmp_path: Path) -> None:
    model = CameraModel(160, 120, 150.0, 150.0, 80.0, 60.0)
    info = CameraInfo("cam_04", "1", "", "", "3.2", model, model, Pose.identity(), 15.0)
    recorder = CameraRecorder(info, tmp_path / "cam_04.db3")
    color, depth = np.zeros((120, 160, 3), np.uint8), np.full((120, 160), 5000, np.uint16)
    scales = {number: 0.0001 if number < 6 else 0.0005 for number in range(1, 11)}
    for number, scale in scales.items():
        recorder.write(Frame("cam_04", color, depth, scale, number, 66.6 * number, TimeDomain.GLOBAL, number))
        threading.Event().wait(1 / 15)
    recorder.close()
    frames = play(RecordingCamera("cam_04", tmp_path / "cam_04.db3"))
    assert frames
    assert {f.number: f.depth_scale for f in frames} == pytest.approx({f.number: scales[f.number] for f in frames})


def test_a_file_that_is_none_holds_no_frames(tmp_path: Path) -> None:
    (tmp_path / "cam_04.db3").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(CameraError, match="cannot be read"):
        frames_in(tmp_path / "cam_04.db3")


def test_a_recording_is_read_whole_at_any_pace(tmp_path: Path) -> None:
    model = CameraModel(160, 120, 150.0, 151.0, 80.25, 59.5)
    record(tmp_path / "cam_06.db3", "000000000006", model, count=8)
    for _ in range(2):
        file = FrameFile("cam_06", tmp_path / "cam_06.db3")
        read = list(file.pictures())
        assert [number for number, *_ in read] == list(range(1, 9))
        assert all((color == number).all() and (depth == 1000 + number).all() for number, _, color, depth in read)
        assert file.info.serial == "000000000006"
    pictures = FrameFile("cam_06", tmp_path / "cam_06.db3").pictures()
    assert next(pictures)[0] == 1
    pictures.close()


def test_a_camera_that_counts_anew_has_its_frames_in_order_each_with_its_own_depth(tmp_path: Path) -> None:
    path = tmp_path / "cam_06.db3"
    model = CameraModel(160, 120, 150.0, 150.0, 80.0, 60.0)
    recorder = CameraRecorder(CameraInfo("cam_06", "1", "", "", "3.2", model, model, Pose.identity(), 15.0), path)
    numbers = [1, 2, 3, 4, 1, 2, 3, 2, 9]
    for place, number in enumerate(numbers, 1):
        color, depth = np.full((120, 160, 3), place, np.uint8), np.full((120, 160), 1000 + place, np.uint16)
        # The device's own clock begins anew as well.
        recorder.write(Frame("cam_06", color, depth, 0.001, number, 66.6 * number, TimeDomain.HARDWARE, place))
    recorder.close()
    read = list(FrameFile("cam_06", path).pictures())
    assert [number for number, *_ in read] == numbers
    for place, (_, _, color, depth) in enumerate(read, 1):
        assert (color == place).all()
        assert (depth == 1000 + place).all()


def test_a_message_that_is_missing_costs_its_own_frame_and_shifts_no_other(tmp_path: Path) -> None:
    path = tmp_path / "cam_06.db3"
    record(path, "000000000006", CameraModel(160, 120, 150.0, 151.0, 80.25, 59.5), count=8)
    with closing(sqlite3.connect(path)) as bag, bag:
        for name, which in (("Color_0/image/metadata", 2), ("Depth_0/image/data/compressedDepth", 5)):
            rows = bag.execute(
                "SELECT m.id FROM messages m JOIN topics t ON t.id = m.topic_id WHERE t.name LIKE ? ORDER BY m.id",
                (f"%{name}",),
            ).fetchall()
            bag.execute("DELETE FROM messages WHERE id = ?", rows[which])
    read = list(FrameFile("cam_06", path).pictures())
    assert [number for number, *_ in read] == [1, 2, 4, 5, 7, 8]
    assert all((color == number).all() and (depth == 1000 + number).all() for number, _, color, depth in read)


def test_a_file_that_is_no_recording_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "cam_02.bag"
    file.write_bytes(b"#ROSBAG V2.0\n" + b"\0" * 100)
    (camera,) = open_recordings(tmp_path)
    assert camera.role == "cam_02"
    with pytest.raises(CameraError, match=r"cam_02\.bag: The recording cannot be played"):
        camera.start(lambda _: None)
    camera.stop()


def test_recordings_are_given_the_roles_they_are_named_by(tmp_path: Path) -> None:
    for name in ("cam_02.db3", "another.bag", "cam_01.bag", "notes.txt"):
        (tmp_path / name).touch()
    cameras = open_recordings(tmp_path)
    assert [(c.role, c.serial) for c in cameras] == [
        ("cam_01", "cam_01.bag"),
        ("cam_02", "cam_02.db3"),
        ("cam_03", "another.bag"),
    ]


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="There is no recording"):
        open_recordings(tmp_path)
    with pytest.raises(CameraError, match="There is no recording"):
        open_recordings(tmp_path / "absent.bag")
