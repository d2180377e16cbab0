from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.config import find_config, load_settings, parse_settings, require_rig
from station.errors import ConfigError
from station.frames import ROLES
from station.settings import CameraEntry, Settings

EXAMPLE = Path(__file__).parents[2] / "station.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def problems_of(text: str | bytes) -> list[str]:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as caught:
        parse_settings(content, "station.toml")
    return str(caught.value).split("\n")


def uncommented(text: str) -> str:
    """The example with every setting that is off switched on."""
    return re.sub(r"^# ?(\[\[cameras\]\]|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)


def keys_of(values: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for section, content in values.items():
        entries = content if isinstance(content, list) else [content]
        found |= {f"{section}.{key}" for entry in entries for key in entry}
    return found


def test_the_example_says_what_the_code_does_by_default() -> None:
    assert load_settings(EXAMPLE, Path()).settings == Settings()


def test_every_setting_stands_in_the_example() -> None:
    sections = {
        name: CameraEntry if name == "cameras" else field.annotation for name, field in Settings.model_fields.items()
    }
    known = {f"{name}.{key}" for name, section in sections.items() for key in section.model_fields}
    assert keys_of(tomllib.loads(uncommented(TEXT))) == known


def test_the_example_with_everything_switched_on_is_a_real_rig() -> None:
    loaded = parse_settings(uncommented(TEXT).encode(), "station.toml")
    require_rig(loaded, "station.toml")
    assert tuple(loaded.serials()) == ROLES


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[station]\n\nnme = "x"\n',
            'station.toml, line 3: station.nme is not a known key (did you mean "name"?);'
            " allowed are name, data_dir and least_free_gb.",
        ),
        (
            '[rigg]\nsize = "640x480"\n',
            'station.toml, line 1: rigg is not a known key (did you mean "rig"?); allowed are station, rig, cameras,'
            " scale, plate, trigger, recognition, calibration, capture, parts, privacy, interface and simulation.",
        ),
        ("[rig]\nlaser = 1\n", "station.toml, line 2: rig.laser is 1; allowed is true or false."),
        (
            '[scale]\nmax_kg = "15"\n',
            'station.toml, line 2: scale.max_kg is "15"; allowed is a number over 0 up to 1000.',
        ),
        (
            "[scale]\nmax_kg = nan\n",
            "station.toml, line 2: scale.max_kg is nan; allowed is a number over 0 up to 1000.",
        ),
        ("[rig]\nfps = 25\n", "station.toml, line 2: rig.fps is 25; allowed is 6, 15 or 30."),
        (
            '[rig]\nsize = "1920x1080"\n',
            'station.toml, line 2: rig.size is "1920x1080"; allowed is "1280x720", "848x480" or "640x480".',
        ),
        (
            '[simulation]\nfps = 30\nsize = "1280x720"\n',
            "station.toml, line 2: simulation.fps is 30, but at 1280x720 ten cameras are simulated at 6 and 15 frames a"
            " second only (see line 3).",
        ),
        (
            "[rig]\ntolerance_ms = 200.0\n",
            "station.toml, line 2: rig.tolerance_ms is 200, which would join different instants; allowed is less than a"
            " frame period, 167 ms at 6 fps (see line 1).",
        ),
        (
            '[[cameras]]\nrole = "cam_01"\nserial = "1111"\n[[cameras]]\nrole = "cam_01"\nserial = "2222"\n',
            'station.toml, line 5: cameras[2].role is "cam_01", which another camera has; allowed is each role once'
            " (see line 2).",
        ),
        (
            'cameras = [\n {role = "cam_01", serial = "1111"},\n {role = "cam_02", serial = "1111"},\n]\n',
            'station.toml, line 3: cameras[2].serial is "1111", which another camera has; allowed is each serial once'
            " (see line 2).",
        ),
        (
            '[[cameras]]\nrole = "cam_01"\n',
            "station.toml, line 1: cameras[1].serial is missing; allowed is 4 to 32 letters and digits in quotes.",
        ),
        ("cameras = 3\n", "station.toml, line 1: cameras is 3; allowed is a list of sections."),
        (
            "[rig]\nfps = 6\nfps = 15\n",
            "station.toml, line 3: rig.fps stands here and already in line 2; allowed is each key once.",
        ),
        (
            "[rig]\nfps = \n",
            "station.toml, line 2: fps = is not TOML (Invalid value); allowed is: key = value, with text in quotes.",
        ),
        (
            "[rig]\ngain = 64.0\n",
            "station.toml, line 2: rig.gain is 64, but exposure_us is off; allowed are both or none.",
        ),
        (
            "[rig]\nfps = 30\nexposure_us = 40000.0\n",
            "station.toml, line 3: rig.exposure_us is 40000; allowed is up to a frame period, 33333 µs (see line 2).",
        ),
        (
            "[rig.depth]\nmin_m = 1.0\nmax_m = 0.5\n",
            "station.toml, line 2: rig.depth.min_m is 1; allowed is less than max_m, 0.5 (see line 3).",
        ),
        (
            '[[cameras]]\nrole = "cam_01"\nserial = "1111"\nsync = "master"\n'
            '[[cameras]]\nrole = "cam_02"\nserial = "2222"\nsync = "master"\n',
            'station.toml, line 8: cameras[2].sync is "master", which another camera is; allowed is one (see line 4).',
        ),
        (
            b"[rig]\n# \xff\n",
            "station.toml, line 2: the byte 0xff is not UTF-8 text; allowed is a file saved as UTF-8.",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_line_key_found_and_allowed(text: str | bytes, sentence: str) -> None:
    assert problems_of(text) == [sentence]


def test_all_mistakes_are_listed_in_the_order_of_the_file() -> None:
    text = '[rig]\nfps = 7\n[scale]\nbaud = "fast"\nprt = 1\n[plate]\nrows = 1\n'
    assert [re.findall(r"line \d+: (\S+)", line)[0] for line in problems_of(text)] == [
        "rig.fps",
        "scale.baud",
        "scale.prt",
        "plate.rows",
    ]


def test_a_sentence_never_carries_control_characters_to_the_terminal() -> None:
    (sentence,) = problems_of('[station]\nname = 1\n"\\u001b[31m\\n" = 2\n')[1:]
    assert sentence.isprintable()


def test_files_saved_on_windows_and_with_a_byte_order_mark_are_read() -> None:
    assert parse_settings(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(), "station.toml") == Settings()


@pytest.mark.parametrize("nested", ["a = " + "[" * 20000, "a = " + "9" * 5000, "a." * 3000 + "a = 1"])
def test_monstrous_files_are_refused_in_a_sentence(nested: str) -> None:
    assert len(problems_of(nested)) == 1


def test_the_real_rig_needs_every_serial_and_the_simulated_one_none() -> None:
    loaded = parse_settings(b'[[cameras]]\nrole = "cam_03"\nserial = "834412070003"\n', "station.toml")
    with pytest.raises(ConfigError, match=r"station\.toml: The real rig .* found 1, missing cam_01, cam_02, cam_04,"):
        require_rig(loaded, "station.toml")


class TestWhereTheFileIsLookedFor:
    @pytest.fixture
    def places(self, tmp_path: Path) -> dict[str, Path]:
        places = {name: tmp_path / name / "station.toml" for name in ("given", "environment", "here", "user")}
        for place in places.values():
            place.parent.mkdir()
            place.write_text("", encoding="utf-8")
        return places

    def find(self, places: dict[str, Path], *, given: bool, environment: bool) -> Path | None:
        return find_config(
            places["given"] if given else None,
            {"STATION_CONFIG": str(places["environment"])} if environment else {},
            places["here"].parent,
            places["user"].parent,
        )

    def test_the_option_comes_before_the_environment(self, places: dict[str, Path]) -> None:
        assert self.find(places, given=True, environment=True) == places["given"]

    def test_the_environment_comes_before_this_folder(self, places: dict[str, Path]) -> None:
        assert self.find(places, given=False, environment=True) == places["environment"]

    def test_this_folder_comes_before_the_users(self, places: dict[str, Path]) -> None:
        assert self.find(places, given=False, environment=False) == places["here"]
        places["here"].unlink()
        assert self.find(places, given=False, environment=False) == places["user"]

    def test_without_any_file_the_defaults_hold(self, places: dict[str, Path], tmp_path: Path) -> None:
        places["here"].unlink()
        places["user"].unlink()
        assert self.find(places, given=False, environment=False) is None
        assert load_settings(None, tmp_path).data_dir == tmp_path / "station-data"

    def test_a_file_asked_for_by_name_must_be_there(self, places: dict[str, Path]) -> None:
        places["environment"].unlink()
        with pytest.raises(ConfigError, match=r"^STATION_CONFIG: .* found nothing"):
            self.find(places, given=False, environment=True)

    def test_a_relative_data_directory_starts_at_the_file(self, places: dict[str, Path]) -> None:
        assert load_settings(places["user"], Path()).data_dir == places["user"].parent / "station-data"


SNIPPETS = (
    *[
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        '"',
        "#",
        ",",
        "nan",
        "1e999",
        "-1",
        "true",
        "1979-05-27",
        "[rig]",
        "[[cameras]]",
    ],
    *("'", '"""', "\\", "\n", "\x00", "\ud7ff", "cameras = 1", 'role = "cam_01"\n', "fps = 30", "a.b = 1", "rig = []"),
)


def assert_settings_or_sentences(content: bytes) -> None:
    sentences: list[str] = []
    try:
        parse_settings(content, "station.toml")
    except ConfigError as error:
        sentences = str(error).split("\n")
    assert [line for line in sentences if not re.fullmatch(r"station\.toml(, line \d+)?: .*\.", line)] == []
    assert [line for line in sentences if not line.isprintable()] == []


@settings(max_examples=300)
@given(st.data())
def test_whatever_happens_to_the_file_it_gives_settings_or_sentences(data: st.DataObject) -> None:
    content = uncommented(TEXT).encode() if data.draw(st.booleans()) else TEXT.encode()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        until = data.draw(st.integers(at, min(len(content), at + 40)))
        new = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from(SNIPPETS).map(str.encode), st.just(content[:at][-80:]))
        )
        content = content[:at] + new + content[until:]
    assert_settings_or_sentences(content)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=8), st.dates(), st.datetimes()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=200)
@given(st.sampled_from(sorted(Settings.model_fields)), st.data())
def test_any_value_in_any_place_gives_settings_or_sentences(section: str, data: st.DataObject) -> None:
    import tomlkit

    known = list(Settings().model_dump()[section]) if section != "cameras" else ["role", "serial"]
    names = st.sampled_from(known) | st.text(min_size=1, max_size=6)
    content: Any = data.draw(st.dictionaries(names, VALUES, max_size=4) | VALUES)
    text = tomlkit.dumps({section: [content] if section == "cameras" and data.draw(st.booleans()) else content})
    assert_settings_or_sentences(text.encode("utf-8", "replace"))
