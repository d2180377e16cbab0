"""The report as a PDF of some A4 pages, made from what is stored."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from calibration.report.kept import RigReport
from calibration.report.sections import sections
from calibration.report.style import MARGIN, QUIET, WIDTH
from station.boards import FrameBoard
from station.errors import CalibrationError


def write_report(report: RigReport, path: Path, plate: FrameBoard | None = None) -> None:
    """Write a report as ``.pdf`` or ``.json``, as the name says; raises CalibrationError when it cannot be written.

    ``plate`` is the station's, drawn where the report does not name one.
    """
    ending = path.suffix.lower()
    if ending not in (".pdf", ".json"):
        raise CalibrationError("The report must be a .pdf or a .json.", where=str(path), todo="Give another name.")
    as_json = ending == ".json"
    content = (json.dumps(report.to_json(), indent=1) + "\n").encode() if as_json else report_pdf(report, plate)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CalibrationError(
            f"The report cannot be written: {error.strerror or error}.", where=str(path), todo="Name another file."
        ) from error


def report_pdf(report: RigReport, plate: FrameBoard | None = None) -> bytes:
    """Return the report as a PDF; the same report and plate give the same bytes."""
    file = io.BytesIO()
    name = f"Calibration {report.calibration.id}"
    width, height = A4
    document = BaseDocTemplate(file, pagesize=A4, title=name, invariant=1)

    def foot(canvas: Canvas, _: Any) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 7)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, 10 * mm, f"{name}, {report.calibration.created_at}")
        canvas.drawRightString(width - MARGIN, 10 * mm, f"page {canvas.getPageNumber()}")
        canvas.restoreState()

    paper = Frame(MARGIN, 18 * mm, WIDTH, height - 34 * mm, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [paper], onPage=foot)])
    story: list[Flowable] = sections(report, plate)
    document.build(story)
    return file.getvalue()
