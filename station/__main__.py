"""Entry of the ``station`` command: every failure ends in one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

from station.errors import ConfigError, StationError

INTERRUPTED = 130


def main() -> None:
    """Run the command line; exit 0 when all went well, 2 for wrong use or configuration, 130 after Ctrl-C, else 1."""
    try:
        from station.cli.main import app

        app(prog_name="station")
    except ConfigError as error:
        _leave(str(error), 2)
    except StationError as error:
        _leave(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("station", "calibration", "recognition", "ui"):
            _leave(_fault(error), 1)
        _leave(f"The Python package {error.name} is not installed and this command needs it. Run: make setup", 1)
    except Exception as error:  # the last net above all commands: reported in full to a file, in one sentence here
        _leave(_fault(error), 1)


def _leave(sentence: str, code: int) -> None:
    sys.stderr.write(sentence + "\n")
    sys.exit(code)


def _fault(error: Exception) -> str:
    """Keep the traceback of a fault in the program for those who mend it, and say where it lies."""
    from station.logs import log_files

    lines = "".join(traceback.format_exception(error))
    files = log_files()
    if files:
        import structlog

        structlog.get_logger(__name__).error("fault in the program", traceback=lines)
        kept = files[0]
    else:
        handle, name = tempfile.mkstemp(prefix="station-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(lines)
        kept = Path(name)
    what = " ".join(str(error).split()) or "no further words"
    return f"The program has a fault it did not foresee ({type(error).__name__}: {what}); the details are in {kept}."


if __name__ == "__main__":
    main()
