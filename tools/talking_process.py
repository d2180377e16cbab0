"""Runs a program so that the person who waits always sees that something is going on."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

SILENCE_S = 4.0


def run_talking(
    command: Sequence[str],
    label: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    answer: Path | None = None,
) -> int:
    """Run ``command``, pass its output on at once, say "still at it" whenever it is silent; return its exit code.

    With ``answer`` its standard output goes into that file, and only its messages are passed on.
    """
    begun = time.monotonic()
    with ExitStack() as stack:
        kept = stack.enter_context(answer.open("wb")) if answer else None
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=kept or subprocess.PIPE,
            stderr=subprocess.PIPE if kept else subprocess.STDOUT,
        )
    stream = process.stderr if answer else process.stdout
    assert stream is not None
    # Pipes cannot be waited for with a timeout on Windows: a thread reads, the queue waits. Eight pieces hold a
    # fast program back rather than growing.
    pieces: queue.Queue[bytes] = queue.Queue(maxsize=8)
    reader = threading.Thread(target=_read, args=(stream, pieces), name="output")
    reader.start()
    at_line_start = True
    try:
        while True:
            try:
                piece = pieces.get(timeout=SILENCE_S)
            except queue.Empty:
                start = "" if at_line_start else "\n"
                _write(f"{start}  … {label}: still at it, {time.monotonic() - begun:.0f} s\n".encode())
                at_line_start = True
                continue
            if not piece:
                break
            _write(piece)
            at_line_start = piece.endswith(b"\n")
        return process.wait()
    finally:
        # After Ctrl-C the program has had the same signal and is on its way out.
        while reader.is_alive():
            try:
                pieces.get(timeout=0.1)
            except queue.Empty:
                continue
        process.wait()
        reader.join()
        stream.close()


def _read(stream: IO[bytes], pieces: queue.Queue[bytes]) -> None:
    read = getattr(stream, "read1", stream.read)
    while True:
        piece = read(4096)
        pieces.put(piece)
        if not piece:
            return


def _write(piece: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
