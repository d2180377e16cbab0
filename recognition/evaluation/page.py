"""A report as one HTML file that needs nothing beside itself, and as JSON."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jinja2

from recognition.evaluation import words
from recognition.evaluation.answers import Answered
from recognition.evaluation.by_class import Pair
from recognition.evaluation.examine import Findings
from recognition.evaluation.figures import plots
from recognition.evaluation.pictures import clearest_view, picture
from station.errors import StorageError

HTML, JSON = "report.html", "report.json"
SHOWN_PAIRS = 12
"""Pairs of confused classes that have pictures."""
SHOWN_CLASSES = 15
"""Classes with most mistakes that stand in the page at once; the others are folded in."""
SHOWN_FAULTS = 200


@dataclass(frozen=True, slots=True)
class PairShown:
    """A confused pair with a picture of each class, data URIs; ``None`` where there is none."""

    pair: Pair
    truth_picture: str | None
    answer_picture: str | None
    role: str
    answer: Answered


def write_report(
    findings: Findings, folder: Path, advance: Callable[[str, int, int], None] = lambda stage, done, total: None
) -> None:
    """Write ``report.html`` and ``report.json`` into ``folder``, each whole or not at all.

    ``advance(stage, done, total)`` counts the pairs of pictures. Raises StorageError when they cannot be written.
    """
    texts = {HTML: render(findings, advance), JSON: findings.report.to_json()}
    parts = {name: folder / f"{name}.part" for name in texts}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with parts[name].open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for name, part in parts.items():
            part.replace(folder / name)
    except OSError as error:
        raise StorageError(f"The report cannot be written: {error}.", where=str(folder)) from error
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


def render(findings: Findings, advance: Callable[[str, int, int], None] = lambda stage, done, total: None) -> str:
    """Return the page."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        report=findings.report,
        plots=plots(findings.report),
        pairs=_pairs_shown(findings, advance),
        shown_classes=SHOWN_CLASSES,
        shown_faults=SHOWN_FAULTS,
        words=words,
    )


def _template(name: str) -> str:
    return resources.files("recognition.evaluation").joinpath("templates", name).read_text(encoding="utf-8")


def _pairs_shown(findings: Findings, advance: Callable[[str, int, int], None]) -> list[PairShown]:
    """Show each confused capture beside one of the class that it was taken for, in the same view where that is seen."""
    right = {**findings.of_class, **{answer.truth: path for answer, path in _by_worst(findings)}}
    shown: list[PairShown] = []
    pairs = findings.report.confusion.pairs[:SHOWN_PAIRS]
    for done, pair in enumerate(pairs, start=1):
        capture = findings.captures[pair.example]
        role = clearest_view(capture) or ""
        like = right.get(pair.answer)
        other = None if like is None else picture(like, role) or picture(like, clearest_view(like) or "")
        shown.append(PairShown(pair, picture(capture, role), other, role, findings.answers[pair.example]))
        advance("pictures", done, len(pairs))
    return shown


def _by_worst(findings: Findings) -> list[tuple[Answered, Path]]:
    """Return answers with their captures, the right and sure ones last."""
    both = zip(findings.answers, findings.captures, strict=True)
    return sorted(both, key=lambda pair: (pair[0].rank == 0, pair[0].confidence))
