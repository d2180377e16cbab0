"""German is whole, and the committed files are the ones the sources give."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from tools.make_translations import FOLDER, compile_to, unfinished, update
from ui.language import Language

TS = FOLDER / "station_de.ts"


def messages(ts: Path) -> dict[tuple[str, str], str]:
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message.findtext("translation", "")
        for context in ElementTree.parse(ts).getroot().iter("context")
        for message in context.iter("message")
    }


def test_every_text_has_german_words() -> None:
    assert unfinished(TS) == []


def test_translations_keep_their_places_to_fill() -> None:
    places = re.compile(r"\{\w*\}")
    for (context, source), german in messages(TS).items():
        assert sorted(places.findall(source)) == sorted(places.findall(german)), (context, source)


def test_committed_file_holds_exactly_the_texts_of_the_sources(tmp_path: Path) -> None:
    fresh = tmp_path / "station_de.ts"
    shutil.copyfile(TS, fresh)
    update(fresh)
    assert messages(fresh) == messages(TS), "run: python -m tools.make_translations"


def test_compiled_file_is_the_committed_text(tmp_path: Path) -> None:
    fresh = tmp_path / "station_de.qm"
    compile_to(TS, fresh)
    assert fresh.read_bytes() == TS.with_suffix(".qm").read_bytes(), "run: python -m tools.make_translations"


@pytest.mark.parametrize(("code", "text"), [("de", "Unbekanntes Teil"), ("en", "Unknown part")])
def test_language_speaks(qapp: Any, code: str, text: str) -> None:
    language = Language(QCoreApplication.instance(), code)
    try:
        assert language.words().translate("Situation", "Unknown part") == text
    finally:
        language.use("en")
