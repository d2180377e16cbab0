"""The tables of a study as Markdown: means and spreads over seeds, rates with their interval."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from recognition.evaluation.scores import rate_of
from recognition.study.plan import Row, Table
from recognition.study.runs import Result

_NAMES = {
    "top1": "top-1",
    "top3": "top-3",
    "top5": "top-5",
    "view_top1": "one view alone",
    "consistency": "variance over views",
    "top1_missing_3": "three cameras missing",
    "top1_missing_7": "seven cameras missing",
    "top1_no_depth": "depth switched off",
    "top1_no_weight": "weight taken away",
    "top1_weight_20": "weight wrong by 20 %",
    "top5_weight_20": "top-5, weight wrong by 20 %",
    "top1_views_1": "one view in use",
    "top1_views_3": "three views in use",
    "top1_views_5": "five views in use",
}
_VARIANCES = frozenset({"consistency"})
"""Figures that are no shares."""

Results = Mapping[str, Sequence[Result]]
"""By the name of the row: one result for each seed."""


_HEAD = """# Studies

Written by `station study --profile {profile}`. A row is trained like the first of its table but for what its name says,
once for each seed; rows of several tables that come to the same are trained once. Cells are percentages: mean ±
standard deviation over the seeds, then in brackets the 95 % interval (Wilson's) that the number of test captures leaves
to a single rate. The answer is the fused head's alone, without what the station puts on top of it: likelihoods of
weight and size, likeness from above. “not run” is what needs a GPU or was not asked for. {begin}
"""


def study_text(profile: str, tables: Sequence[Table], results_of: Callable[[Row], Sequence[Result]]) -> str:
    """Return the whole document: the tables, and what hangs on cameras and weights."""
    found = {table.key: {row.name: results_of(row) for row in table.rows} for table in tables}
    begin = (said for rows in found.values() for results in rows.values() for r in results for said in r.facts["begin"])
    parts = [_HEAD.format(profile=profile, begin=next(begin, ""))]
    for table in tables:
        parts.append(table_text(table, found[table.key]))
        for key, row, text in (("mh-loss", table.rows[0], views_text), ("modalities", table.rows[-1], weights_text)):
            if table.key == key and found[key][row.name]:
                parts.append(text(row.name, found[key][row.name]))
    return "\n".join(parts)


def table_text(table: Table, results: Results) -> str:
    """Return a table as Markdown; rows without a result read "not run"."""
    there = [result for row in table.rows for result in results.get(row.name, ())]
    lines = [f"## {table.title}", "", table.question]
    if there:
        lines[-1] += f" {_setting(there)}"
    named = [_NAMES[name] for name in table.figures]
    lines += ["", "| | seeds | " + " | ".join(named) + " |", "|---|---|" + "---|" * len(named)]
    lines += [_line(row, results.get(row.name, ()), table.figures) for row in table.rows]
    difference = [_difference(table.rows[0], row, results) for row in table.rows[1:]]
    told = [sentence for sentence in difference if sentence]
    if told:
        lines += ["", f"Top-1 against “{table.rows[0].name}”, seed by seed: " + "; ".join(told) + "."]
    return "\n".join(lines) + "\n"


def views_text(name: str, results: Sequence[Result]) -> str:
    """Return how top-1 and top-5 hang on the number of cameras there are, of one row's results."""
    lines = ["## Cameras in use", "", f"How many cameras does “{name}” need? {_setting(results)}", ""]
    lines += ["| cameras | top-1 | top-5 |", "|---|---|---|"]
    for count in range(1, 11):
        suffix = "" if count == 10 else f"_views_{count}"
        lines.append(f"| {count} | " + " | ".join(_cell(f"{top}{suffix}", results) for top in ("top1", "top5")) + " |")
    return "\n".join(lines) + "\n"


def weights_text(name: str, results: Sequence[Result]) -> str:
    """Return what a wrong weight costs, of one row's results."""
    lines = ["## A weight that is wrong", "", f"What does “{name}” make of it? {_setting(results)}", ""]
    lines += ["| weight | top-1 | top-5 |", "|---|---|---|"]
    cases = [("right", ""), *((f"wrong by {p} %", f"_weight_{p}") for p in ("2.5", "5", "7.5", "10", "15", "20"))]
    for label, suffix in [*cases, ("taken away", "_no_weight"), ("and size taken away, too", "_pictures")]:
        lines.append(f"| {label} | " + " | ".join(_cell(f"{top}{suffix}", results) for top in ("top1", "top5")) + " |")
    return "\n".join(lines) + "\n"


def _setting(results: Sequence[Result]) -> str:
    """Return encoder, pixels, views and epochs; where rows differ, all of them."""

    def every(name: str) -> str:
        values = {_plain(result.facts[name]) for result in results}
        return " / ".join(sorted(values, key=lambda text: (len(text), text)))

    return (
        f"({every('encoder')}, {every('pixels')} px, {every('views')} views drawn in training and ten in the test, "
        f"{every('epochs')} epochs, {every('classes')} classes, {every('captures')} training captures, "
        f"{_plain(int(results[0].figures['captures']))} test captures.)"
    )


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "–".join(dict.fromkeys(str(end) for end in cast("list[int]", value)))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _line(row: Row, results: Sequence[Result], figures: Sequence[str]) -> str:
    if not results:
        return f"| {row.name} | | " + " | ".join("not run" for _ in figures) + " |"
    return f"| {row.name} | {len(results)} | " + " | ".join(_cell(name, results) for name in figures) + " |"


def _cell(name: str, results: Sequence[Result]) -> str:
    """Return mean ± standard deviation over the seeds, and the 95 % interval of the mean share as one rate."""
    values = [result.figures[name] for result in results if name in result.figures]
    if not values:
        return "–"
    mean = statistics.fmean(values)
    if name in _VARIANCES:
        return f"{mean:.4f}" + (f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else "")
    # The seeds share their test captures, so they do not make the interval narrower than one seed's.
    interval = rate_of(mean, int(results[0].figures["captures"]))
    spread = f" ± {statistics.stdev(values) * 100:.1f}" if len(values) > 1 else ""
    return f"{mean * 100:.1f}{spread} ({interval.low * 100:.1f}–{interval.high * 100:.1f})"


def _difference(first: Row, row: Row, results: Results) -> str:
    """Return mean ± standard deviation of the differences between runs of the same seed, in points."""
    base = {result.facts["seed"]: result for result in results.get(first.name, ())}
    pairs = [(base[r.facts["seed"]], r) for r in results.get(row.name, ()) if r.facts["seed"] in base]
    if not pairs:
        return ""
    points = [(other.figures["top1"] - one.figures["top1"]) * 100 for one, other in pairs]
    spread = f" ± {statistics.stdev(points):.1f}" if len(points) > 1 else ""
    mean = statistics.fmean(points)
    return f"{row.name} {'−' if mean < 0 else '+'}{math.fabs(mean):.1f}{spread}"
