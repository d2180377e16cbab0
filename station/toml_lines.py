"""In which line of a TOML text each key stands; tomllib reads the values but forgets their places."""

from __future__ import annotations

import contextlib
import re
import tomllib

KeyPath = tuple[str | int, ...]
"""Names of nested tables and positions in arrays, outermost first."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_STRING = re.compile(
    r'"""(?:\\.|(?!""")[^\\])*"{3,5}'
    r"|'''(?:(?!''').)*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class _Unreadable(Exception):
    """The text is not TOML from here on; what was found before stays good."""


class _Scanner:
    """Walks once through the text and notes every key with the position where it begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last_entry: dict[KeyPath, int] = {}
        self.found: list[tuple[KeyPath, int]] = []

    def document(self) -> None:
        """Note the keys of the whole document."""
        table: KeyPath = ()
        while self._skip(_BLANK) < len(self._text):
            start = self._at
            if self._take("[["):
                table = self._next_entry(self._key())
                self._expect("]]")
                self.found.append((table, start))
            elif self._take("["):
                table = self._resolved(self._key())
                self._expect("]")
                self.found.append((table, start))
            else:
                self._pair(table)

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = table + tuple(self._key())
        self.found.append((path, start))
        self._skip(_SPACE)
        self._expect("=")
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._inline_table(path)
        else:
            found = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            if found is None:
                raise _Unreadable
            self._at = found.end()

    def _array(self, path: KeyPath) -> None:
        index = 0
        while True:
            self._skip(_BLANK)
            if self._take("]"):
                return
            item = (*path, index)
            self.found.append((item, self._at))
            self._value(item)
            self._skip(_BLANK)
            index += 1
            if not self._take(","):
                self._expect("]")
                return

    def _inline_table(self, path: KeyPath) -> None:
        while True:
            self._skip(_BLANK)
            if self._take("}"):
                return
            self._pair(path)
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("}")
                return

    def _key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            found = _KEY_PART.match(self._text, self._at)
            if found is None:
                raise _Unreadable
            self._at = found.end()
            parts.append(_unquoted(found.group()))
            self._skip(_SPACE)
            if not self._take("."):
                return parts

    def _resolved(self, names: list[str]) -> KeyPath:
        """Return the path of a table header; inside an array of tables it means the newest entry."""
        path: KeyPath = ()
        for name in names:
            path = (*path, name)
            if path in self._last_entry:
                path = (*path, self._last_entry[path])
        return path

    def _next_entry(self, names: list[str]) -> KeyPath:
        path = (*self._resolved(names[:-1]), names[-1])
        index = self._last_entry.get(path, -1) + 1
        self._last_entry[path] = index
        return (*path, index)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _take(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _Unreadable


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    try:
        return next(iter(tomllib.loads(f"{key} = 0")))
    except ValueError as error:
        raise _Unreadable from error


def key_places(text: str) -> list[tuple[KeyPath, int]]:
    """Return every key, table header and array item with its line number (from 1), in the text's order.

    A key written twice comes twice. Text that is not TOML gives what stands before the first fault.
    """
    scanner = _Scanner(text)
    # Asked for a broken file too: the places found so far still help the person who mends it.
    with contextlib.suppress(_Unreadable, RecursionError):
        scanner.document()
    places: list[tuple[KeyPath, int]] = []
    line, counted = 1, 0
    for path, position in scanner.found:
        if position < counted:
            line, counted = 1, 0
        line += text.count("\n", counted, position)
        counted = position
        places.append((path, line))
    return places
