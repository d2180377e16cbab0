"""Finds and reads ``station.toml``; every problem in it becomes one sentence a technician can act on."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from station.datadir import CALIBRATIONS
from station.errors import ConfigError
from station.frames import ROLES
from station.settings import Settings, data_path
from station.toml_lines import KeyPath, key_places

FILE_NAME = "station.toml"
ENVIRONMENT_NAME = "STATION_CONFIG"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings with the file they came from; ``path`` is ``None`` when no file was found and defaults hold."""

    settings: Settings
    path: Path | None
    data_dir: Path
    """Absolute data directory of the station."""

    @property
    def demo_dir(self) -> Path:
        """Data directory of the simulated rig, beside the real one's: they never mix."""
        return self.data_dir.with_name(self.data_dir.name + "-demo")

    @property
    def calibrations(self) -> Path:
        """Folder of the rig's calibrations."""
        return self.data_dir / CALIBRATIONS

    @property
    def named_calibration(self) -> Path | None:
        """The calibration file that ``[recognition]`` names instead of the active one."""
        name = self.settings.recognition.calibration
        return None if name is None else self.data_dir / name

    @property
    def folder(self) -> Path:
        """Folder of the configuration file, at which relative paths in it start; this one where there is none."""
        return Path() if self.path is None else self.path.resolve().parent

    @property
    def where(self) -> str:
        """Name of the file for messages."""
        return str(self.path) if self.path else f"{FILE_NAME} (none found, built-in settings hold)"


def find_config(given: Path | None, environment: Mapping[str, str], folder: Path, user_folder: Path) -> Path | None:
    """Return the configuration file: ``given``, else ``STATION_CONFIG``, else ``folder``, else ``user_folder``.

    ``None`` when there is none at all. Raises ConfigError when a file that was asked for by name is absent.
    """
    asked = given
    where = "--config"
    if asked is None and environment.get(ENVIRONMENT_NAME):
        asked = Path(environment[ENVIRONMENT_NAME])
        where = ENVIRONMENT_NAME
    if asked is not None:
        if not asked.is_file():
            found = "a folder" if asked.is_dir() else "nothing"
            raise ConfigError(
                f'"{asked}" should be a configuration file, found {found}.',
                where=where,
                todo=f"Give the path of a {FILE_NAME}, or leave it out to use {folder / FILE_NAME}.",
            )
        return asked
    for candidate in (folder / FILE_NAME, user_folder / FILE_NAME):
        if candidate.is_file():
            return candidate
    return None


def load_settings(path: Path | None, default_folder: Path) -> LoadedSettings:
    """Read and check a configuration file; ``None`` gives the defaults with their data under ``default_folder``.

    Raises ConfigError with one sentence a line, for all problems of the file together.
    """
    if path is None:
        settings = Settings()
        return LoadedSettings(settings, None, data_path(settings, default_folder))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"The file cannot be read: {error.strerror or error}.", where=str(path), todo="Check its permissions."
        ) from error
    settings = parse_settings(content, str(path))
    return LoadedSettings(settings, path, data_path(settings, path.resolve().parent))


def parse_settings(content: bytes, where: str) -> Settings:
    """Return the settings in the TOML bytes ``content``; ``where`` names the file in the sentences of ConfigError."""
    text = _decoded(content, where)
    try:
        values = _lists_as_tuples(tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise ConfigError(_syntax_sentence(error, text, where)) from error
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = _lines_by_key(text)
        found = [entry for details in error.errors() for entry in _sentences(details, lines, where)]
        raise ConfigError("\n".join(sentence for _, sentence in sorted(found))) from error


def require_rig(settings: Settings, where: str) -> None:
    """Raise ConfigError when a role of the real rig has no serial number; ``where`` names the file."""
    missing = [role for role in ROLES if role not in settings.serials()]
    if missing:
        raise ConfigError(
            f"The real rig needs the serial number of each of its {len(ROLES)} cameras; found {len(settings.cameras)},"
            f" missing {_listed(missing)}.",
            where=where,
            todo="Add a [[cameras]] entry with role and serial for each; the serial is printed on the camera.",
        )


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{where}, line {line}: the byte 0x{content[error.start]:02x} is not UTF-8 text;"
            " allowed is a file saved as UTF-8."
        ) from error


def _syntax_sentence(error: Exception, text: str, where: str) -> str:
    if isinstance(error, RecursionError):
        return f"{where}: sections or lists are nested too deeply; allowed are the sections of the example {FILE_NAME}."
    seen: dict[KeyPath, int] = {}
    for key, line in key_places(text):
        # tomllib names a doubled key by the place behind it and without its name.
        if key in seen and "overwrite" in str(error):
            return (
                f"{where}, line {line}: {_dotted(key)} stands here and already in line {seen[key]};"
                " allowed is each key once."
            )
        seen[key] = line
    place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
    lines = text.split("\n")
    line = int(place.group(1)) if place else max(1, len(text.rstrip().split("\n")))
    reason = re.sub(r" \(at [^()]*\)$", "", str(error)).split(";")[0]
    written = lines[line - 1].strip() if line <= len(lines) else ""
    written = _shortened(written if written.isprintable() else _shown(written))
    return f"{where}, line {line}: {written} is not TOML ({reason}); allowed is: key = value, with text in quotes."


def _sentences(details: ErrorDetails, lines: Mapping[KeyPath, int], where: str) -> Iterator[tuple[int, str]]:
    """Yield (line, sentence) for one finding of the validation."""
    location = details["loc"]
    if details["type"] == "contradiction":
        problems = cast("tuple[tuple[str, tuple[KeyPath, ...]], ...]", details.get("ctx", {})["problems"])
        for sentence, keys in problems:
            line, place = _place((*location, *keys[0]), lines, where)
            others = [_line_of((*location, *key), lines) for key in keys[1:]]
            see = f" (see line {others[0]})" if others and others[0] not in (0, line) else ""
            yield line, f"{place} {sentence}{see}."
        return
    schema = _schema_at(location)
    if details["type"] == "extra_forbidden":
        line, place = _place(location, lines, where)
        names = list(_schema_at(location[:-1]).get("properties", {}))
        near = difflib.get_close_matches(str(location[-1]), names, n=1)
        guess = f' (did you mean "{near[0]}"?)' if near else ""
        yield line, f"{place} is not a known key{guess}; allowed are {_listed(names)}."
    elif details["type"] == "missing":
        line, place = _place(location, lines, where)
        yield line, f"{place} is missing; allowed is {_allowed(schema)}."
    else:
        line, place = _place(location, lines, where)
        yield line, f"{place} is {_shown(details['input'])}; allowed is {_allowed(schema)}."


def _place(key: KeyPath, lines: Mapping[KeyPath, int], where: str) -> tuple[int, str]:
    line = _line_of(key, lines)
    return line, f"{where}, line {line}: {_dotted(key)}" if line else f"{where}: {_dotted(key)}"


def _line_of(key: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a key, of what contains it when it is not written, 0 when nothing of it is."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 0)


def _lines_by_key(text: str) -> dict[KeyPath, int]:
    lines: dict[KeyPath, int] = {}
    for key, line in key_places(text):
        # "[a.b]" and "a.b = 1" also say where "a" begins.
        for end in range(1, len(key) + 1):
            lines.setdefault(key[:end], line)
    return lines


def _dotted(key: KeyPath) -> str:
    """Return a key as the file's reader counts: entries of a list from 1."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) else _shown(part)
            text += f".{name}" if text else name
    return text


def _shown(value: object) -> str:
    """Return a value as TOML writes it, on one line, without control characters and not longer than a glance."""
    if isinstance(value, tuple):
        text = "[…]" if value else "[]"
    elif isinstance(value, dict):
        text = "a section"
    elif isinstance(value, (str, bool)):
        text = json.dumps(value, ensure_ascii=not (isinstance(value, str) and value.isprintable()))
    elif isinstance(value, int) and value.bit_length() > 256:
        text = "a number of very many digits"
    else:
        text = str(value)
    return _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


@cache
def _schema() -> dict[str, Any]:
    return Settings.model_json_schema()


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = cast("str", schema.get("$ref", "")).rpartition("/")[2]
    return cast("dict[str, Any]", _schema()["$defs"][name]) if name else schema


def _schema_at(key: KeyPath) -> dict[str, Any]:
    """Return the JSON schema of the setting ``key``; an empty one when there is no such setting."""
    schema = _schema()
    for part in key:
        below = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
        schema = _resolved(cast("dict[str, Any]", below))
    return schema


def _allowed(schema: dict[str, Any]) -> str:
    """Return in words what a setting may be, from its JSON schema."""
    if "anyOf" in schema:
        kinds = cast("list[dict[str, Any]]", schema["anyOf"])
        return _allowed(next(kind for kind in kinds if kind.get("type") != "null"))
    if "enum" in schema:
        return _listed([_shown(value) for value in schema["enum"]], "or")
    if "const" in schema:
        return _shown(schema["const"])
    if "description" in schema and "properties" not in schema:
        return str(schema["description"])
    kind = cast("str", schema.get("type", ""))
    words = {
        "boolean": "true or false",
        "integer": "a whole number",
        "number": "a number",
        "string": "text in quotes",
        "array": "a list of sections",
        "object": "a section with the keys " + _listed(list(schema.get("properties", {}))),
    }.get(kind, "nothing here")
    bounds = [
        f"{word} {schema[bound]}"
        for bound, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "over"),
            ("maximum", "up to"),
            ("exclusiveMaximum", "under"),
        )
        if bound in schema
    ]
    return " ".join([words, *bounds])


def _listed(names: list[str], word: str = "and") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else "none"


def _lists_as_tuples(value: Any) -> Any:
    """Return TOML's lists as tuples, the only sequence that strict validation takes for a frozen value."""
    if isinstance(value, list):
        return tuple(_lists_as_tuples(item) for item in cast("list[Any]", value))
    if isinstance(value, dict):
        return {key: _lists_as_tuples(item) for key, item in cast("dict[str, Any]", value).items()}
    return value
