"""Crops cut all at once by two products of matrices, against OpenCV's cut one by one; the same code runs on a GPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.crops.cutting import Crops, crop_views
from recognition.engine.device_crops import crops_on_device, layout_of, scalars_on_device, stage
from recognition.engine.views import Scalars, Views
from station.frames import Frame, TimeDomain
from station.results import Square

WIDTH, HEIGHT = 96, 72


def frame(role: str, seed: int, width: int = WIDTH, height: int = HEIGHT, scale: float = 0.001) -> Frame:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1, 3), np.uint8)
    color = np.ascontiguousarray(coarse.repeat(4, 0).repeat(4, 1)[:height, :width])
    color[::7, ::5] = rng.integers(0, 256, 3, np.uint8)
    depth = rng.integers(0, 60000, (height, width)).astype(np.uint16)
    depth[rng.random((height, width)) < 0.2] = 0
    return Frame(role, color, depth, scale, 1, 0.0, TimeDomain.SYSTEM, 1)


def all_at_once(views: Views, size: int) -> Crops:
    layout = layout_of(views)
    buffer = torch.randint(0, 256, (layout.size,), dtype=torch.uint8)  # what an earlier part has left there
    stage(views, Scalars(0.25, None), layout, buffer)
    color, depth, mask = crops_on_device(layout, buffer, size)
    weight, edges = scalars_on_device(layout, buffer)
    assert weight.tolist() == [0.25]
    assert edges.isnan().all()
    pixels = torch.cat([color, mask[:, None].float()], dim=1).to(torch.uint8).permute(0, 2, 3, 1)
    return Crops(views.roles, pixels.numpy(), depth.numpy().astype(np.uint16))


def assert_alike(views: Views, size: int) -> None:
    ours, theirs = all_at_once(views, size), crop_views(views.frames, views.squares, views.masks, size)
    difference = np.abs(ours.color[..., :3].astype(int) - theirs.color[..., :3].astype(int))
    assert difference.max() <= 1, difference.max()
    np.testing.assert_array_equal(ours.color[..., 3], theirs.color[..., 3])
    np.testing.assert_array_equal(ours.depth_mm, theirs.depth_mm)


@pytest.mark.parametrize("size", [16, 33, 48, 64])
def test_shrinking_growing_and_reaching_beyond_the_picture(size: int) -> None:
    squares: dict[str, Square] = {
        "cam_01": (10, 5, 74, 69),
        "cam_02": (-9, -4, 51, 56),
        "cam_03": (60, 40, 110, 90),
        "cam_04": (30, 20, 50, 40),
        "cam_05": (-12, -24, 108, 96),
        "cam_06": (3, 3, 3 + size, 3 + size),
    }
    frames = {role: frame(role, n, scale=0.00025 if n == 3 else 0.001) for n, role in enumerate(squares)}
    masks = {
        role: (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 7 < 3).astype(np.uint8) * 255 for role in squares
    }
    del masks["cam_02"]
    assert_alike(Views(frames, squares, masks, None), size)


def test_cameras_of_different_sizes_go_together() -> None:
    frames = {"cam_02": frame("cam_02", 1, 160, 120), "cam_09": frame("cam_09", 2)}
    assert_alike(Views(frames, {"cam_02": (5, 3, 120, 118), "cam_09": (20, 10, 60, 50)}, {}, None), 40)


@settings(max_examples=25)
@given(left=st.integers(-40, 80), top=st.integers(-40, 60), edge=st.integers(8, 120), size=st.integers(8, 56))
def test_any_square_that_touches_the_picture(left: int, top: int, edge: int, size: int) -> None:
    square = (left, top, left + edge, top + edge)
    inside = left < WIDTH and top < HEIGHT and left + edge > 0 and top + edge > 0
    if inside:
        assert_alike(Views({"cam_01": frame("cam_01", 5)}, {"cam_01": square}, {}, None), size)
