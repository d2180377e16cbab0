from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from station.frames import ROLES
from tests.ui.conftest import FakeCameras
from ui.app import make_application
from ui.assign_window import AssignWindow
from ui.presenters.assigning import AssignPresenter
from ui.theme import Theme
from ui.tokens import ThemeName

SERIALS = tuple(f"00{number}112233" for number in range(1, 5))


@pytest.fixture
def presenter() -> AssignPresenter:
    return AssignPresenter(SERIALS, {SERIALS[3]: "cam_09", "away": "cam_10"})


@pytest.fixture
def window(presenter: AssignPresenter, qapp: Any) -> Iterator[AssignWindow]:
    application = make_application(["station"])
    shown = dict(zip(SERIALS, ROLES, strict=False))
    made = AssignWindow(presenter, FakeCameras(), shown, Theme(application, ThemeName.LIGHT))
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_pointing_at_a_picture_and_then_at_a_place_gives_the_place(presenter: AssignPresenter) -> None:
    assert presenter.chosen == SERIALS[0]
    presenter.give("cam_03")
    assert presenter.chosen == SERIALS[1], "the next one without a place"
    presenter.choose(SERIALS[2])
    presenter.give("cam_03")
    assert presenter.roles == {SERIALS[2]: "cam_03", SERIALS[3]: "cam_09", "away": "cam_10"}
    view = presenter.view(dict.fromkeys(SERIALS, True))
    assert [tile.label for tile in view.tiles][2:] == [f"{SERIALS[2]} → 3", f"{SERIALS[3]} → 9"]
    assert view.message is not None
    assert view.message.text == "Without a camera: 1, 2, 4, 5, 6, 7, 8"


def test_pointing_again_takes_the_place_away(presenter: AssignPresenter) -> None:
    presenter.choose(SERIALS[3])
    presenter.give("cam_09")
    assert SERIALS[3] not in presenter.roles
    presenter.give("cam_01")
    assert presenter.roles[SERIALS[3]] == "cam_01"


def test_mouse_and_keys_do_the_same_and_the_pictures_live(window: AssignWindow, presenter: AssignPresenter) -> None:
    QTest.mouseClick(window.tiles[SERIALS[1]], Qt.MouseButton.LeftButton)
    assert presenter.chosen == SERIALS[1]
    window.places["cam_05"].click()
    QTest.keyClick(window, Qt.Key.Key_0)
    assert presenter.roles[SERIALS[1]] == "cam_05"
    assert presenter.roles[SERIALS[0]] == "cam_10"
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert window.places["cam_05"].text() == f"…{SERIALS[1][-4:]}"
    assert window.tiles[SERIALS[0]]._picture is not None
    QTest.keyClick(window, Qt.Key.Key_Return)
    assert window.result() == AssignWindow.DialogCode.Accepted


def test_leaving_accepts_nothing(window: AssignWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.result() == AssignWindow.DialogCode.Rejected
