"""Presenters and tokens live without Qt."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "torch"):
            raise ImportError(f"{name} must not be imported")

sys.meta_path.insert(0, Blocked())
import ui.presenters, ui.tokens, ui.stylesheet
for module in pkgutil.iter_modules(ui.presenters.__path__):
    importlib.import_module(f"ui.presenters.{module.name}")
assert "PySide6" not in sys.modules
print("fine")
"""


def test_presenters_import_neither_qt_nor_torch() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "fine", done.stderr
