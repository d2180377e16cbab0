"""The station's logs: JSON lines in rotating files, and a readable console on stderr."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import Processor

from station.errors import StorageError

FILE_NAME = "station.jsonl"
FILE_BYTES = 20 * 1024 * 1024
FILES = 10
"""The newest file and nine older ones."""


def log_to_console(verbose: bool = False) -> None:
    """Show warnings and errors on stderr, with ``verbose`` also what goes on; call once at the start."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Console(sys.stderr)
    handler.setLevel(logging.INFO if verbose else logging.WARNING)
    # Tracebacks belong into the file; a person at the station reads the sentence.
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_no_traceback)
    handler.setFormatter(_formatter(renderer))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Console)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # What a library warns its caller of is nothing an operator can act on: into the file, and here only when asked.
    logging.captureWarnings(True)
    handler.addFilter(lambda record: verbose or record.name != "py.warnings")
    sys.excepthook = _log_fault
    threading.excepthook = _log_thread_fault


def log_to_folder(folder: Path) -> Path:
    """Write JSON lines into ``folder`` too, rotated at 20 MB, ten files kept; return the file.

    Bound context (capture id, camera role) stands in every line. Raises StorageError when the folder refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _FileHandler(folder / FILE_NAME)
    except OSError as error:
        raise StorageError(
            f"The log folder cannot be written: {error.strerror or error}.",
            where=str(folder),
            todo="Check data_dir in station.toml and its permissions.",
        ) from error
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer(ensure_ascii=False)))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _FileHandler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    return folder / FILE_NAME


def log_files() -> list[Path]:
    """Return the files that are being written now."""
    return [Path(h.baseFilename) for h in logging.getLogger().handlers if isinstance(h, _FileHandler)]


def _log_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log a fault that nobody caught (in a window's slot, say) instead of printing its traceback."""
    structlog.get_logger(__name__).error(
        "fault in the program", fault=f"{kind.__name__}: {error}", exc_info=(kind, error, trace)
    )


def _log_thread_fault(fault: threading.ExceptHookArgs) -> None:
    """Log a fault that ended a thread."""
    name = fault.thread.name if fault.thread else "a thread"
    if fault.exc_value is not None:
        with structlog.contextvars.bound_contextvars(thread=name):
            _log_fault(fault.exc_type, fault.exc_value, fault.exc_traceback)


class _Console(logging.StreamHandler[TextIO]):
    """The one console of the program."""


class _FileHandler(logging.handlers.RotatingFileHandler):
    """Rotating file that goes quiet on a full disk instead of printing a traceback for every line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8")
        self._losing = False
        self._lost_this = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, and after a gap say in the file that there was one."""
        self._lost_this = False
        super().emit(record)
        if self._losing and not self._lost_this:
            self._losing = False
            gap = "log lines before the previous one are lost: the file could not be written"
            super().emit(logging.LogRecord(__name__, logging.WARNING, "", 0, gap, None, None))

    def handleError(self, record: logging.LogRecord) -> None:
        """Say on the console, once, that lines are being lost."""
        if not self._losing:
            sys.stderr.write(f"{self.baseFilename}: the log cannot be written: {sys.exc_info()[1]}.\n")
        self._losing = self._lost_this = True

    def close(self) -> None:
        """Close the file; what a full disk does not take now has been reported."""
        with contextlib.suppress(OSError):
            super().close()


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(renderer: Processor) -> structlog.stdlib.ProcessorFormatter:
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if isinstance(renderer, structlog.processors.JSONRenderer):
        last.append(structlog.processors.format_exc_info)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared(), structlog.stdlib.ExtraAdder()], processors=[*last, renderer]
    )


def _no_traceback(sio: object, exc_info: object) -> None:
    """Leave an exception out of the console line."""
