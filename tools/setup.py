"""Prepares a fresh machine: ``.venv`` with the pinned packages, and the system libraries they need.

Standard library only, and readable by older Pythons as far as the sentence that asks for a newer one.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.talking_process import run_talking

ROOT = Path(__file__).resolve().parent.parent
NEWEST_FIRST = ("python3.13", "python3.12", "python3.11")
FLOOR = (3, 11)


class SetupError(Exception):
    """Why the machine cannot be prepared, and what to do, in one sentence."""


class SystemPackage(NamedTuple):
    """A system package, the library in it that is looked for, and what needs it."""

    name: str
    library: str
    need: str


def python_for(version: tuple[int, int], which: Callable[[str], str | None]) -> str | None:
    """Return another interpreter to go on with when ``version`` is too old, ``None`` when it is good.

    Raises SetupError when there is no good one on the path.
    """
    if version >= FLOOR:
        return None
    for name in NEWEST_FIRST:
        if found := which(name):
            return found
    raise SetupError(
        f"Python {FLOOR[0]}.{FLOOR[1]} or newer is needed, found {version[0]}.{version[1]}:"
        " install python3.11 with venv (or make setup PYTHON=/path/to/python3)."
    )


def fingerprint(root: Path, python: str) -> str:
    """Return what the installed state depends on: requirements, pins, interpreter and place, as a hash."""
    digest = hashlib.sha256(f"{python}\n{root}\n".encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def read_system_packages(text: str) -> list[SystemPackage]:
    """Return the packages of ``system-packages.txt``: three words a line, ``#`` begins a remark."""
    rows = (line.split("#")[0].split() for line in text.splitlines())
    return [SystemPackage(*row) for row in rows if row]


def absent(packages: Sequence[SystemPackage], loads: Callable[[str], bool]) -> list[SystemPackage]:
    """Return the packages whose library does not load."""
    return [package for package in packages if not loads(package.library)]


def install_line(packages: Sequence[SystemPackage], root_user: bool) -> str:
    """Return the one line that installs the packages."""
    names = " ".join(package.name for package in packages)
    rights = "" if root_user else "sudo "
    return f"{rights}apt-get update && {rights}apt-get install -y --no-install-recommends {names}"


def library_loads(library: str) -> bool:
    """Return whether the dynamic loader finds ``library``."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def prepare_libraries(packages: Sequence[SystemPackage]) -> None:
    """Look for the system libraries; as root with apt install what is absent, else print the line that does.

    Raises SetupError when one is still absent without which nothing of the station starts.
    """
    if not sys.platform.startswith("linux"):
        print("System libraries: nothing to look for on this system.")
        return
    missing = absent(packages, library_loads)
    if not missing:
        print(f"System libraries: all {len(packages)} are there.")
        return
    print("System libraries: missing " + ", ".join(f"{p.library} ({p.need})" for p in missing), flush=True)
    root_user = os.geteuid() == 0
    if root_user and shutil.which("apt-get"):
        _apt(["update"])
        _apt(["install", "-y", "--no-install-recommends", *(p.name for p in missing)])
        # A fresh process: this one's loader may remember that a library was not there.
        missing = [p for p in missing if not _loads_in_new_process(p.library)]
        if not missing:
            print("System libraries: all are there now.")
            return
    print(f"\nThis line installs what is missing:\n\n  {install_line(missing, root_user)}\n", flush=True)
    needed = [package for package in missing if package.need != "x11"]
    if needed:
        raise SetupError(f"{', '.join(p.library for p in needed)} must be there first: run the line above, then again.")


def prepare_venv(venv: Path, root: Path) -> None:
    """Create the virtual environment when it is absent or belongs to another folder or interpreter."""
    python = venv_python(venv)
    if python.exists() and _belongs_here(venv, root):
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupError(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} has no venv: run: apt-get install python3-venv"
        )
    print(f"Creating {venv.name} with Python {sys.version.split()[0]}", flush=True)
    # --clear: half of an environment from an interrupted try, or one that was moved, cannot be mended.
    if run_talking([sys.executable, "-m", "venv", "--clear", str(venv)], "creating .venv", root):
        raise SetupError(f"{venv} could not be created: read the lines above.")


def venv_python(venv: Path) -> Path:
    """Return the environment's interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install_packages(venv: Path, root: Path) -> None:
    """Install the pinned packages and the project itself, editable; raises SetupError."""
    print("Installing the pinned packages (several minutes and gigabytes the first time)", flush=True)
    pip = [str(venv_python(venv)), "-m", "pip", "install", "--disable-pip-version-check", "-c", "constraints.txt"]
    # The build back end first and without isolation, so that it is a pinned one too.
    for step in (["setuptools"], ["--no-build-isolation", "-e", ".[dev]"]):
        if run_talking([*pip, *step], "installing packages", root):
            raise SetupError("pip could not install the packages: read its last lines above, then run again.")


def main() -> int:
    """Prepare the machine; return the exit code."""
    try:
        other = python_for(sys.version_info[:2], shutil.which)
        if other:
            return subprocess.call([other, "-m", "tools.setup"], cwd=ROOT)
        prepare_libraries(read_system_packages((ROOT / "tools/system-packages.txt").read_text(encoding="utf-8")))
        venv = ROOT / ".venv"
        stamp = venv / "setup-stamp"
        wanted = fingerprint(ROOT, sys.version.split()[0])
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and venv_python(venv).exists():
            print("Packages: nothing has changed since the last set-up.")
            return 0
        prepare_venv(venv, ROOT)
        install_packages(venv, ROOT)
        stamp.write_text(wanted, encoding="utf-8")
        print("Set-up is complete.")
        return 0
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; running it again goes on.", file=sys.stderr)
        return 130


def _belongs_here(venv: Path, root: Path) -> bool:
    """Whether the environment was made for this folder (its scripts name it) by a Python that is new enough."""
    script = venv / "bin" / "activate"
    if os.name != "nt" and (not script.is_file() or str(root) not in script.read_text(encoding="utf-8")):
        return False
    check = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    return subprocess.call([str(venv_python(venv)), "-c", check], stderr=subprocess.DEVNULL) == 0


def _apt(arguments: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_talking(["apt-get", *arguments], f"apt-get {arguments[0]}", ROOT, environment)


def _loads_in_new_process(library: str) -> bool:
    check = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
    return subprocess.call([sys.executable, "-c", check, library], stderr=subprocess.DEVNULL) == 0


if __name__ == "__main__":
    sys.exit(main())
