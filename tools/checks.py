"""Runs lint, types, import contracts and the tests one after another, and always says which one it is at."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.talking_process import run_talking

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent


def lint_steps() -> list[tuple[str, list[str]]]:
    """Return the checks that read the code without running it."""
    return [
        ("lint", [str(SCRIPTS / "ruff"), "check", "."]),
        ("types", [str(SCRIPTS / "pyright")]),
        ("import contracts", [str(SCRIPTS / "lint-imports"), "--no-cache"]),
    ]


def test_step(slow: bool, processors: int) -> list[str]:
    """Return the test run; hardware tests are run by hand at a rig."""
    marks = "not hardware" if slow else "not hardware and not slow"
    # A folder of its own: runs side by side would clear each other's temporary files.
    command = [sys.executable, "-m", "pytest", "-m", marks, "--basetemp", "test-output/tmp"]
    return [*command, "-n", str(max(1, min(4, processors))), "--dist", "worksteal"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks; return 0 when all passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-tests", action="store_true", help="only lint, types and import contracts")
    parser.add_argument("--slow", action="store_true", help="with the tests marked slow")
    options = parser.parse_args(arguments)
    failed: list[str] = []
    try:
        for name, command in lint_steps():
            print(f"== {name}", flush=True)
            begun = time.monotonic()
            if run_talking(command, name, ROOT):
                failed.append(name)
            verdict = "FAILED" if name in failed else "passed"
            print(f"== {name}: {verdict} in {time.monotonic() - begun:.0f} s", flush=True)
        if options.no_tests:
            return 1 if failed else 0
        if failed:
            print(f"== failed so far: {', '.join(failed)}; the tests run all the same", flush=True)
        print("== tests", flush=True)
        (ROOT / "test-output").mkdir(exist_ok=True)
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        tests = run_talking(test_step(options.slow, os.cpu_count() or 1), "tests", ROOT, environment)
        return 1 if failed or tests else 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
