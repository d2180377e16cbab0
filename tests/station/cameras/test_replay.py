from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from station.acquisition import Rig
from station.cameras.replay import CaptureReplay
from station.captures.mvip import find_captures
from station.errors import CameraError

TREE = Path(__file__).parents[4] / "shared/data/mvip_sample"
needs_tree = pytest.mark.skipif(not TREE.is_dir(), reason="needs the captures of mvip_sample")


@needs_tree
def test_real_captures_are_shown_one_after_the_other_through_the_rig() -> None:
    captures = [capture.path for capture in find_captures(TREE)][:2]
    replay = CaptureReplay(captures, fps=15)
    rig = Rig(replay.sources, fps=15)
    rig.start()
    try:
        for index in (1, 0):
            frameset = rig.next_frameset(replay.show(index))
            assert frameset is not None
            assert frameset.missing == ()
            assert frameset.skew_ms == 0.0
            for role, frame in frameset.frames.items():
                assert frame.color is replay.frameset.frames[role].color
                assert (rig.infos[role].color.width, rig.infos[role].registered) == (1280, True)
        assert float((np.asarray(frameset.frames["cam_05"].depth) == 0).mean()) > 0.9
    finally:
        rig.stop()


def test_nothing_to_replay_is_an_error() -> None:
    with pytest.raises(CameraError, match="no capture"):
        CaptureReplay([])
