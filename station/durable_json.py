"""Files that survive a power cut: whole as before or whole as now, never half written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.file_calls import OS_FILES, replace_durably


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write an object as indented JSON, UTF-8, as :func:`write_durably` does; raises OSError."""
    write_durably(path, json.dumps(data, indent=1).encode("utf-8"))


def write_durably(path: Path, content: bytes) -> None:
    """Write a temporary file beside ``path``, fsync, rename, fsync the folder; raises OSError."""
    replace_durably(OS_FILES, path, content)
