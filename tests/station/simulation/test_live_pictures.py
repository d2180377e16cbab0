from __future__ import annotations

import numpy as np
import pytest

from station.errors import SimulationError
from station.simulation.live_pictures import PictureLayout, PictureStore


def test_both_sides_see_the_same_pictures_and_no_picture_touches_another() -> None:
    layout = PictureLayout(width=8, height=6, cameras=3, slots=2, variants=2)
    ours, path = PictureStore.create(layout)
    theirs = PictureStore(path, layout)
    ours.unlink()
    assert not path.exists()
    places = [(s, c, v) for s in range(2) for c in range(3) for v in range(2)]
    for value, place in enumerate(places):
        theirs.color(*place)[:] = value
        theirs.depth(*place)[:] = 1000 + value
    for value, place in enumerate(places):
        assert ours.color(*place).shape == (6, 8, 3)
        assert (ours.color(*place) == value).all()
        assert (ours.depth(*place) == np.uint16(1000 + value)).all()
    theirs.close()
    ours.close()
    with pytest.raises(SimulationError, match="closed"):
        ours.color(0, 0, 0)


def test_pictures_that_do_not_fit_are_refused_with_their_size() -> None:
    with pytest.raises(SimulationError, match="MB of temporary space"):
        PictureStore.create(PictureLayout(width=10**6, height=10**6, cameras=10))
