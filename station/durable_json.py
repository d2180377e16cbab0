"""Files that survive a power cut: whole as before or whole as now, never half written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write an object as indented JSON, UTF-8, as :func:`write_durably` does; raises OSError."""
    write_durably(path, json.dumps(data, indent=1).encode("utf-8"))


def write_durably(path: Path, content: bytes) -> None:
    """Write a temporary file beside ``path``, fsync, rename, fsync the folder; raises OSError."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
