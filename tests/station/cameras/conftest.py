from __future__ import annotations

import sys

import pytest

from tests.station.cameras.pretended_sdk import SERIALS, World, pretended_sdk


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world of one pretended camera."""
    world = World()
    monkeypatch.setitem(sys.modules, "pyrealsense2", pretended_sdk(world))
    return world


@pytest.fixture
def world_of_ten(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world of all ten pretended cameras."""
    world = World(tuple(SERIALS.values()))
    monkeypatch.setitem(sys.modules, "pyrealsense2", pretended_sdk(world))
    return world
