"""A faster profile than the default is let through only where every controller can carry it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from station.cameras.bandwidth import camera_mb_s, controller_loads, profile_words
from station.cameras.configured import configured_cameras
from station.cameras.usb_tree import usb_controllers
from station.errors import CameraError
from station.frames import ROLES
from station.settings import RigSection, Settings
from tests.station.doctor.machines import CONFIGURED, add_camera, add_controller


def tree(root: Path, per_controller: list[int], speed: int = 5000) -> Path:
    """Write the sysfs of controllers with so many cameras each."""
    for number, cameras in enumerate(per_controller):
        address = f"0000:0{number}:00.0"
        add_controller(root, address, {2 * number + 1: 480, 2 * number + 2: speed})
        for port in range(1, cameras + 1):
            add_camera(root, address, f"{2 * number + 2}-{port}")
    return root


def rig_of(**values: Any) -> Settings:
    return CONFIGURED.model_copy(update={"rig": RigSection.model_validate(values)})


def test_the_default_starts_even_with_all_ten_on_one_controller(tmp_path: Path) -> None:
    cameras = configured_cameras(CONFIGURED, tmp_path, tree(tmp_path, [10]))
    assert tuple(camera.role for camera in cameras) == ROLES


@pytest.mark.parametrize(
    ("values", "per_controller", "speed", "allowed"),
    [
        ({"fps": 15}, [5, 5], 5000, True),
        ({"fps": 15}, [6, 4], 5000, False),
        ({"fps": 30}, [3, 3, 2, 2], 5000, False),
        ({"fps": 30}, [2, 2, 2, 2, 2], 5000, True),
        ({"fps": 30}, [5, 5], 10000, True),
        ({"size": "848x480", "fps": 30}, [6, 4], 5000, True),
        ({"size": "848x480", "fps": 30}, [7, 3], 5000, False),
        ({"size": "1280x720", "depth_size": "848x480", "fps": 15}, [7, 3], 5000, True),
        ({"size": "640x480", "fps": 30}, [9, 1], 5000, False),
    ],
)
def test_a_faster_profile_needs_its_budget(
    values: dict[str, Any], per_controller: list[int], speed: int, allowed: bool, tmp_path: Path
) -> None:
    root = tree(tmp_path, per_controller, speed)
    if allowed:
        assert len(configured_cameras(rig_of(**values), tmp_path, root)) == 10
        return
    with pytest.raises(
        CameraError, match=r"controllers cannot carry .*0000:00:00\.0: \d+ cameras need \d+ of 300 MB/s"
    ):
        configured_cameras(rig_of(**values), tmp_path, root)


def test_where_the_bus_cannot_be_told_a_faster_profile_is_let_through_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        configured_cameras(CONFIGURED, tmp_path, tmp_path)
        assert caplog.messages == []
        configured_cameras(rig_of(fps=15), tmp_path, tmp_path)
    assert caplog.messages == [
        "Whether the USB controllers can carry 1280x720 at 15 fps (55 MB/s a camera) cannot be told."
    ]


def test_a_crowded_usb_2_controller_is_warned_of_with_the_default(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        configured_cameras(CONFIGURED, tmp_path, tree(tmp_path, [2], speed=480))
    assert len(caplog.messages) == 1
    assert "may not carry 1280x720 at 6 fps" in caplog.messages[0]


def test_the_sums_are_those_of_the_streams(tmp_path: Path) -> None:
    assert camera_mb_s(RigSection()) == pytest.approx(1280 * 720 * 4 * 6 / 1e6)
    mixed = RigSection(depth_size="848x480", fps=15)
    assert camera_mb_s(mixed) == pytest.approx((1280 * 720 + 848 * 480) * 2 * 15 / 1e6)
    assert profile_words(mixed) == "1280x720, depth 848x480 at 15 fps"
    assert profile_words(RigSection(depth_size="1280x720")) == "1280x720 at 6 fps"
    loads = controller_loads(RigSection(), usb_controllers(tree(tmp_path, [3, 0, 2])))
    assert [(load.address, load.cameras) for load in loads] == [("0000:00:00.0", 3), ("0000:02:00.0", 2)]


def test_presets_start_at_the_configuration_files_folder(tmp_path: Path) -> None:
    cameras = (CONFIGURED.cameras[0], CONFIGURED.cameras[1].model_copy(update={"preset": "own.json"}))
    settings = Settings(rig=RigSection(preset="all.json"), cameras=cameras)
    one, two = configured_cameras(settings, tmp_path, tmp_path)
    assert (one._preset, two._preset) == (tmp_path / "all.json", tmp_path / "own.json")
