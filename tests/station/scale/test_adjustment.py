"""Adjusting a scale with known weights."""

from pathlib import Path

import pytest

from station.errors import ScaleError
from station.scale.adjustment import ScaleAdjustment, adjust

AT = "2026-05-04T10:00:00Z"


def test_the_factor_takes_the_known_weight_to_its_value_and_the_second_one_checks_it() -> None:
    found = adjust(0.002, 1.012, 1.0, AT, check=(0.5, 0.507))
    assert found.factor == pytest.approx(1.0 / 1.010)
    assert found.check_error_kg == pytest.approx(0.0, abs=1e-12)
    assert found.straight(0.0001)


def test_a_bent_scale_is_said_to_be_bent() -> None:
    assert adjust(0.0, 1.0, 1.0, AT, check=(0.5, 0.502)).straight(0.0001) is False
    assert adjust(0.0, 1.0, 1.0, AT).straight(0.0001) is None


@pytest.mark.parametrize(
    ("empty", "loaded", "known"), [(0.0, 0.0, 1.0), (0.0, -1.0, 1.0), (0.0, 1.0, 5.0), (0.0, 5.0, 1.0)]
)
def test_a_weight_that_cannot_be_the_one_named_is_refused(empty: float, loaded: float, known: float) -> None:
    with pytest.raises(ScaleError, match="were named"):
        adjust(empty, loaded, known, AT)


def test_it_is_stored_with_its_date_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scale-adjustment.json"
    assert ScaleAdjustment.load(path) is None
    found = adjust(0.0, 1.01, 1.0, AT, check=(0.5, 0.505))
    found.save(path)
    assert ScaleAdjustment.load(path) == found
    impossible = '{"factor": 9, "known_kg": 1, "check_kg": null, "check_error_kg": null, "made_at": ""}'
    for text in ("", "{}", impossible):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ScaleError, match="station scale adjust"):
            ScaleAdjustment.load(path)


def test_a_folder_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match="cannot be stored"):
        adjust(0.0, 1.0, 1.0, AT).save(tmp_path / "absent" / "a.json")
