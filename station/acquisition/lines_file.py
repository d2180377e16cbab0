"""A file of JSON lines that several threads add to."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.file_calls import FileCalls


class LinesFile:
    """Gives every line to the operating system as it comes, so that a process that is killed leaves whole lines.

    Making it, adding to it and closing it raise OSError.
    """

    def __init__(self, files: FileCalls, path: Path) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._handle: int | None = files.create(path)
        self._broken: OSError | None = None

    def add(self, line: Mapping[str, Any]) -> None:
        """Append a line; after a failure nothing more, because the last line may be half there. Harmless when closed.

        Raises the OSError of the first failure each time.
        """
        with self._lock:
            if self._broken is not None:
                raise self._broken.with_traceback(None)
            if self._handle is None:
                return
            try:
                self._files.write(self._handle, json.dumps(line).encode() + b"\n")
            except OSError as error:
                self._broken = error
                raise

    def close(self) -> None:
        """Give the file back; harmless when it was."""
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            self._files.close(handle)
