"""Lists of classes on the command line: ids with commas between, or a file of one a line."""

from __future__ import annotations

from pathlib import Path

from station.errors import ConfigError


def class_list(text: str, option: str) -> tuple[str, ...]:
    """Return the ids in order, each once; in a file ``#`` begins a comment.

    Raises ConfigError for a file that cannot be read; ``option`` is what it was given for.
    """
    if not text:
        return ()
    file = Path(text)
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else text.split(",")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The list of {option} cannot be read: {error}.", where=text) from error
    return tuple(sorted({line.partition("#")[0].strip() for line in lines} - {""}))
