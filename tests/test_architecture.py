"""The promises of the house's plan that a machine can check."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from station.cli.main import app

ROOT = Path(__file__).parents[1]
PACKAGES = ("station", "calibration", "recognition", "ui")
SOURCES = sorted(
    path for folder in (*PACKAGES, "tests", "tools", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


def test_most_files_are_short() -> None:
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES if path.parts[-2] != "tests"]
    assert statistics.median(lengths) < 150
    assert statistics.quantiles(lengths, n=10)[-1] < 350


def test_modules_that_only_posix_has_are_imported_where_they_are_used() -> None:
    only_posix = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
    found: list[str] = []
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] in PACKAGES:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found += [f"{path}: {name}" for name in names if name.split(".")[0] in only_posix]
    assert found == []


def test_a_module_is_named_after_what_it_holds() -> None:
    vague = re.compile(r"(utils?|helpers?|common|misc|managers?)(\.py)?$")
    assert [str(path) for path in SOURCES if any(vague.fullmatch(part) for part in path.relative_to(ROOT).parts)] == []


def test_every_package_says_in_its_init_what_lives_there() -> None:
    folders = {path.parent for path in SOURCES if path.relative_to(ROOT).parts[0] in PACKAGES}
    silent = [folder for folder in folders if not (folder / "__init__.py").is_file()]
    silent += [folder for folder in folders - set(silent) if '"""' not in (folder / "__init__.py").read_text()]
    assert silent == []


def test_the_import_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


IMPORT_ALL = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is blocked here", name=name)

BLOCKED = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())
SKIPPED = tuple(filter(None, sys.argv[3].split(",")))
for root in sys.argv[2].split(","):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), root + "."):
        if not found.name.startswith(SKIPPED) and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
"""


@pytest.mark.parametrize(
    ("roots", "blocked", "skipped"),
    [
        pytest.param(
            "station",
            "torch,torchvision,PySide6,pyqtgraph,pyrealsense2,serial,calibration,recognition,ui",
            "station.cli.",
            id="station knows neither torch nor Qt nor the other packages, and no hardware library before it is used",
        ),
        pytest.param(
            "calibration",
            "torch,torchvision,PySide6,pyrealsense2,serial,recognition,ui",
            "",
            id="calibration knows neither torch nor Qt",
        ),
        pytest.param(
            "recognition.roi",
            "torch,torchvision,PySide6,pyrealsense2,serial,ui",
            "",
            id="the part is found without torch",
        ),
        pytest.param(
            "recognition", "PySide6,pyrealsense2,serial,ui", "", id="the model needs no window and no cameras"
        ),
        pytest.param(
            "station.cli.simulate,station.cli.main",
            "torch,torchvision,PySide6,pyrealsense2,serial",
            "",
            id="captures are simulated without torch, window, cameras and scale",
        ),
        pytest.param(
            "station.cli.train", "PySide6,pyrealsense2,serial", "", id="models are trained without window and cameras"
        ),
    ],
)
def test_a_package_can_be_imported_where_others_are_absent(roots: str, blocked: str, skipped: str) -> None:
    command = [sys.executable, "-c", IMPORT_ALL, blocked, roots, skipped]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_names_a_machine_or_is_left_unfinished() -> None:
    unfinished = re.compile(r"raise NotImplementedError|pass\s*#\s*(todo|stub)|#\s*(TODO|FIXME)")
    found = [str(path) for path in SOURCES if path != Path(__file__) and unfinished.search(path.read_text())]
    assert found == []


def test_every_link_in_the_documents_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    link = re.compile(r"\]\((?!https?://|#)([^)#]+)")
    found = [(page, target) for page in pages for target in link.findall(page.read_text(encoding="utf-8"))]
    assert [f"{page.name}: {target}" for page, target in found if not (page.parent / target).exists()] == []


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"`(?:\.venv/bin/)?station ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert commands == set(get_command(app).list_commands(None))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)] == []
