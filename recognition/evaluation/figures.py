"""Which plots a report has, drawn from its figures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from recognition.evaluation.intervals import Figure
from recognition.evaluation.plots import Axis, Cell, Point, Series, chart, low_end, matrix, percent_axis
from recognition.evaluation.report import Report
from recognition.evaluation.scores import CalibrationBin, Rate, rate_of
from recognition.evaluation.words import of_rate, percent


def plots(report: Report) -> dict[str, str]:
    """Return the SVG of every plot by its place in the page; a plot without figures is left out."""
    found = {
        "calibration": _calibration(report),
        "risk": _risk(report),
        "missing": _missing(report),
        "cameras": _cameras(report),
        "consistency": _consistency(report),
        "confusion": _confusion(report),
    }
    if report.unknown:
        found["unknown"] = _unknown(report)
    if report.wrong_weight:
        found["weight"] = _weight(report)
    return found


def _calibration(report: Report) -> str:
    def points(bins: tuple[CalibrationBin, ...]) -> tuple[Point, ...]:
        total = sum(one.count for one in bins)
        return tuple(
            replace(
                _point(one.confidence, rate_of(one.accuracy, one.count), f"sure {percent(one.confidence)}, right "),
                radius=2.5 + 7.0 * math.sqrt(one.count / total),
            )
            for one in bins
        )

    axis = percent_axis("probability of the first class")
    return chart(
        "Accuracy over confidence",
        axis,
        percent_axis("right"),
        (
            Series("station", 1, points(report.calibration.bins), line=False),
            Series("network alone", 2, points(report.network.calibration.bins), line=False),
        ),
        diagonal=True,
    )


def _risk(report: Report) -> str:
    both = (("station", 1, report.selective_risk), ("network alone", 2, report.network.selective_risk))
    series = [
        Series(name, color, tuple(Point(c, r) for c, r in zip(curve.coverage, curve.risk, strict=True)), dots=False)
        for name, color, curve in both
    ]
    highest = max((p.y for one in series for p in one.points), default=0.0)
    return chart(
        "Errors among the surest answers",
        percent_axis("answers taken, the surest first"),
        percent_axis("wrong", 0.0, max(0.02, highest)),
        series,
    )


def _missing(report: Report) -> str:
    rows = report.missing_cameras
    series = (
        Series("top-1", 1, tuple(_point(m.cameras, m.top1, f"{m.cameras} missing: ") for m in rows)),
        Series("top-5", 3, tuple(_point(m.cameras + 0.12, m.top5, f"{m.cameras} missing: ") for m in rows)),
    )
    ticks = tuple((float(k), str(k)) for k in range(10))
    return chart(
        "Accuracy over missing cameras",
        Axis("missing cameras", -0.3, 9.3, ticks),
        percent_axis("right", low_end(series)),
        series,
    )


def _cameras(report: Report) -> str:
    rows = report.views.cameras
    series = tuple(
        Series(
            name,
            color,
            tuple(
                _point(place + 0.22 * (color - 2), rate, f"{row.role}, {name}: ")
                for place, row in enumerate(rows)
                for rate in ({1: row.own_head, 2: row.pictures_alone, 3: row.pictures_without}[color],)
            ),
            line=False,
        )
        for name, color in (("own head", 1), ("this view alone", 2), ("all but this view", 3))
    )
    ticks = tuple((float(place), row.role[-2:]) for place, row in enumerate(rows))
    return chart(
        "Worth of each camera, from pictures alone",
        Axis("camera (answers without weight and size)", -0.6, len(rows) - 0.4, ticks),
        percent_axis("top-1", low_end(series)),
        series,
    )


def _consistency(report: Report) -> str:
    found = report.views.consistency
    ticks = tuple((share, f"{100 * share:.0f} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    series = (
        Series(
            "top-1 of captures with this agreement",
            1,
            tuple(
                _point(
                    (band.low + band.high) / 2,
                    band.top1,
                    f"{percent(band.low)} to {percent(band.high)} of the views agree: ",
                )
                for band in found.by_agreement
            ),
        ),
    )
    return chart(
        "Accuracy over agreement of the views",
        Axis("views whose own first class is the answer", 0.0, 1.0, ticks),
        percent_axis("right", low_end(series)),
        series,
    )


def _unknown(report: Report) -> str:
    series: list[Series] = []
    for color, found in enumerate(report.unknown, start=1):
        known, strange = np.array(found.known_scores), np.array(found.unknown_scores)
        limits = np.concatenate([[np.inf], np.unique(np.concatenate([known, strange]))[::-1]])
        way = tuple(Point(float((known >= limit).mean()), float((strange >= limit).mean())) for limit in limits)
        series.append(Series(found.condition, color, way, dots=False))
    return chart(
        "Unknown parts found over false alarms",
        percent_axis("known parts called unknown"),
        percent_axis("unknown parts found"),
        series,
        diagonal=True,
    )


def _weight(report: Report) -> str:
    rows = [row for row in report.wrong_weight if row.sign == 0]
    series = tuple(
        Series(
            name,
            color,
            tuple(
                _point(row.percent, rate, f"{row.percent:g} % off, {name}: ")
                for row in rows
                for rate in ({1: row.cost.figures.top1, 3: row.cost.figures.top5, 2: row.named}[color],)
            ),
        )
        for name, color in (("top-1", 1), ("top-5", 3), ("named as not fitting", 2))
    )
    ticks = tuple((row.percent, f"{row.percent:g} %") for row in rows)
    return chart(
        "Answers under a wrong weight",
        Axis("weight wrong by, too light and too heavy together", -0.5, 20.5, ticks),
        percent_axis("share of answers"),
        series,
    )


def _confusion(report: Report) -> str:
    names = report.confusion.classes
    place = {name: number for number, name in enumerate(names)}
    of = dict.fromkeys(names, 0)
    for truth, _, count in report.confusion.cells:
        of[truth] += count
    cells = [
        Cell(place[truth], place[answer], count / of[truth], f"{truth} → {answer}: {count} of {of[truth]}")
        for truth, answer, count in report.confusion.cells
    ]
    return matrix(f"Confusion matrix of {len(names)} classes", names, cells)


def _point(x: float, y: Rate | Figure, said: str) -> Point:
    if isinstance(y, Rate):
        return Point(x, y.share, y.low, y.high, said + of_rate(y))
    return Point(x, y.value, y.low, y.high, said)
