"""A lock on a file, held by one program: it ends with its process, so none is ever left over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO


def lock_file(path: Path) -> IO[bytes] | None:
    """Lock a file, made where it is missing, for as long as it stays open; ``None`` when another program holds it.

    Raises OSError when the file cannot be opened.
    """
    file = path.open("ab")
    try:
        if os.name == "nt":  # untested
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
