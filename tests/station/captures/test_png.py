from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from station.captures.png import encode_png, read_png


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.sampled_from(["color", "depth", "mask"]))
def test_every_picture_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, seed: int, height: int, width: int, kind: str
) -> None:
    rng = np.random.default_rng(seed)
    if kind == "color":
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        pixels[: height // 2] = 0
    elif kind == "depth":
        pixels = rng.integers(0, 65536, (height, width), dtype=np.uint16)
    else:
        pixels = np.where(rng.random((height, width)) > 0.3, np.uint8(255), np.uint8(0))
    pixels.flags.writeable = False
    file = tmp_path_factory.mktemp("png") / "a.png"
    file.write_bytes(encode_png(pixels))
    again = read_png(file, channels=3 if kind == "color" else 1, bits=16 if kind == "depth" else 8)
    assert again is not None
    assert again.dtype == pixels.dtype
    assert np.array_equal(again, pixels)
    # another reader than the one that wrote it
    assert np.array_equal(np.asarray(Image.open(file)), pixels)


def test_a_cut_of_other_memory_is_written_as_it_looks(tmp_path: Path) -> None:
    whole = np.arange(20 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(20, 30, 3)
    (tmp_path / "a.png").write_bytes(encode_png(whole[2:17:2, 5:25]))
    again = read_png(tmp_path / "a.png", channels=3, bits=8)
    assert again is not None
    assert np.array_equal(again, whole[2:17:2, 5:25])
