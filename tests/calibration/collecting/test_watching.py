"""Pictures are searched where they changed, and only there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from calibration.collecting import watching
from calibration.collecting.watching import Watcher, changed, thumbnail
from calibration.detection import Detection
from station.frames import FrameSet
from tests.calibration.collecting.scripted import BOARD, ScriptedRig, held, true_rig

ROLES = ("cam_04", "cam_05")


@pytest.fixture(scope="module")
def rig() -> ScriptedRig:
    return ScriptedRig(true_rig(ROLES))


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    watcher = Watcher()
    yield watcher
    watcher.close()


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Roles whose pictures were searched, in order."""
    roles: list[str] = []
    real = watching.detect

    def noted(picture: np.ndarray, board: object, role: str, *rest: object, **options: object) -> Detection:
        roles.append(role)
        return real(picture, board, role, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(watching, "detect", noted)
    return roles


def test_noise_is_no_change_and_a_hand_is() -> None:
    rng = np.random.default_rng(0)
    scene = rng.integers(60, 180, (12, 16, 3)).repeat(40, axis=0).repeat(40, axis=1).astype(np.float32)

    def seen(picture: np.ndarray) -> np.ndarray:
        return thumbnail(np.clip(picture + rng.normal(0.0, 4.0, picture.shape), 0, 255).astype(np.uint8))

    assert not changed(seen(scene), seen(scene))
    assert not changed(seen(scene), seen(scene + 20.0))  # the lamp was switched on
    hand = scene.copy()
    hand[200:300, 100:200] = 30.0
    assert changed(seen(scene), seen(hand))


def test_an_unchanged_picture_is_not_searched_again(rig: ScriptedRig, watcher: Watcher, searched: list[str]) -> None:
    models = {role: camera.model for role, camera in rig.truth.cameras.items()}
    rig.show(None)
    for _ in range(3):
        seen = watcher.look(_frameset(rig), BOARD, models)
    assert sorted(searched) == sorted(ROLES)
    assert all(look.sighting is None and not look.refusal for look in seen.values())


def test_the_empty_scene_is_not_searched_and_the_board_is_followed(
    rig: ScriptedRig, watcher: Watcher, searched: list[str]
) -> None:
    models = {role: camera.model for role, camera in rig.truth.cameras.items()}
    rig.show(None)
    watcher.set_empty({role: frame.color for role, frame in _frameset(rig).frames.items()})
    watcher.look(_frameset(rig), BOARD, models)
    searched.clear()
    rig.show(held(rig.truth, ROLES, np.random.default_rng(0)))
    for _ in range(3):
        seen = watcher.look(_frameset(rig), BOARD, models)
    assert all(look.sighting is not None for look in seen.values())
    assert searched.count("cam_04") == 3  # it must be seen whether the board moves
    rig.show(None)
    watcher.look(_frameset(rig), BOARD, models)
    searched.clear()
    watcher.look(_frameset(rig), BOARD, models)
    assert searched == []


def _frameset(rig: ScriptedRig) -> FrameSet:
    frameset = rig.next_frameset()
    assert frameset is not None
    return frameset
