"""Sentences at the head of a report: what it does not tell, and what must be known to read it."""

from __future__ import annotations

from recognition.evaluation.report import Report


def remarks(report: Report) -> tuple[str, ...]:
    """Return what the captures of this evaluation cannot tell, and what spoils its figures."""
    data, found = report.data, list[str]()
    if data.learned:
        found.append(
            f"{data.learned} of the {data.captures} captures were in the model's training or validation: the figures "
            "are better than they will be on the plate."
        )
    if data.learned is None:
        found.append(
            "The model's folder does not list the captures that it has learned from; whether some of these are among "
            "them is not known."
        )
    if data.left_out:
        found.append(f"{data.left_out} captures show no part in any view, or come a second time; they were left out.")
    if data.fewer_views:
        found.append(f"{data.fewer_views} captures have less than ten views.")
    if not data.weighed:
        found.append(
            "No capture has a weight of its own, so nothing is told with a weight. The weight in a class's meta.json "
            "is the same for all its captures and would give the answer away."
        )
    elif data.weighed < data.captures:
        found.append(f"{data.captures - data.weighed} captures have no weight; the answers to them come without.")
    if data.measured < data.captures:
        found.append(f"{data.captures - data.measured} captures have no measured size; the answers come without.")
    if not data.unknown_captures:
        found.append("There is no capture of a class that the model does not know: unknown detection is not measured.")
    if not report.prediction_sets.promised:
        found.append("The model was not calibrated for prediction sets: those that it gives promise nothing.")
        if not report.calibrated_sets:
            found.append("There are no validation captures beside these to calibrate prediction sets on.")
    if report.model.classes > data.classes:
        found.append(
            f"{report.model.classes - data.classes} of the model's {report.model.classes} classes have no capture here."
        )
    return tuple(found)
