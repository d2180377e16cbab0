"""Brings the translation files up to date: texts out of the sources into ``.ts``, and those into ``.qm``.

``python -m tools.make_translations`` rewrites both; texts without a translation are named and make it end with 1.
"""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "ui" / "translations"
LANGUAGES = ("de",)


def update(ts: Path, *, root: Path = ROOT) -> None:
    """Bring ``ts`` up to date with every text in ``ui/``; texts that are gone are dropped."""
    sources = sorted(str(path.relative_to(root)) for path in (root / "ui").rglob("*.py"))
    _run("lupdate", *sources, "-locations", "none", "-no-obsolete", "-ts", str(ts), root=root)


def compile_to(ts: Path, qm: Path) -> None:
    """Write the binary form of ``ts``."""
    _run("lrelease", str(ts), "-qm", str(qm), root=ROOT)


def unfinished(ts: Path) -> list[str]:
    """Return the English texts of ``ts`` that have no translation."""
    messages = ElementTree.parse(ts).getroot().iter("message")
    return [
        message.findtext("source", "")
        for message in messages
        if (translation := message.find("translation")) is None or not (translation.text or "").strip()
    ]


def _run(tool: str, *arguments: str, root: Path) -> None:
    program = Path(sys.executable).parent / f"pyside6-{tool}"
    subprocess.run([str(program), *arguments], cwd=root, check=True, capture_output=True, text=True)


def main() -> int:
    """Update and compile every language; returns 1 when a text has no translation."""
    missing = 0
    for language in LANGUAGES:
        ts = FOLDER / f"station_{language}.ts"
        update(ts)
        compile_to(ts, ts.with_suffix(".qm"))
        for text in unfinished(ts):
            missing += 1
            print(f"{ts.name}: no translation of {text!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
