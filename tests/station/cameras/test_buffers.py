from __future__ import annotations

import numpy as np
import pytest

from station.cameras.buffers import PictureBuffers
from station.errors import CameraError


def picture(value: int) -> np.ndarray:
    return np.full((4, 6, 3), value, np.uint8)


def test_a_copy_is_equal_and_read_only() -> None:
    copy = PictureBuffers((4, 6, 3), np.uint8).copy(picture(7))
    assert (copy == 7).all()
    with pytest.raises(ValueError, match="read-only"):
        copy[0, 0, 0] = 1


def test_a_buffer_is_used_again_once_nobody_holds_it() -> None:
    buffers = PictureBuffers((4, 6, 3), np.uint8, count=2)
    first = buffers.copy(picture(1))
    address = first.ctypes.data
    del first
    assert buffers.copy(picture(2)).ctypes.data == address
    assert buffers.misses == 0


def test_a_slice_alone_keeps_its_picture_whole() -> None:
    buffers = PictureBuffers((4, 6, 3), np.uint8, count=1)
    corner = buffers.copy(picture(1))[1:3, 2:4]
    for value in range(2, 6):
        buffers.copy(picture(value))
    assert (corner == 1).all()


def test_a_reader_that_holds_everything_gets_fresh_memory_and_no_torn_picture() -> None:
    buffers = PictureBuffers((4, 6, 3), np.uint8, count=3)
    held = [buffers.copy(picture(value)) for value in range(20)]
    assert [int(p[0, 0, 0]) for p in held] == list(range(20))
    assert buffers.misses == 17


@pytest.mark.parametrize("wrong", [np.zeros((4, 6), np.float32), np.zeros((8, 6), np.uint16)])
def test_a_picture_of_another_type_or_size_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(CameraError, match=r"its profile says \(4, 6\) uint16"):
        PictureBuffers((4, 6), np.uint16).copy(wrong)
