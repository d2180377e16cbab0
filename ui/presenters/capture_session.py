"""The running session as the page shows it: ring, plan, gates, views, balance and the reasons for an exception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from station.captures.catalog_values import Counts
from station.captures.quality_report import Gate, GateResult, QualityReport
from station.captures.session_values import Ask, PlaceState, PlannedPlace, SessionSnapshot
from station.workflow.status import CapturedPart
from ui.presenters.capture_source import ClassFacts
from ui.presenters.capture_view import (
    BalanceBar,
    CaptureTile,
    CountsView,
    DotState,
    DotView,
    GateView,
    PlanRow,
    ReasonView,
    RingView,
    SessionView,
)
from ui.presenters.capture_words import (
    gate_found,
    gate_title,
    gate_todo,
    not_whole,
    place_words,
    shorter_turn,
    split_words,
)
from ui.presenters.operator_view import Sign, TileView, Tone
from ui.presenters.wording import Wording

BARS = 8
"""Classes in the balance list: the session's own and those that have the fewest captures."""
_ALWAYS_SHOWN = (Gate.SHARPNESS, Gate.DEPTH, Gate.STABLE, Gate.DUPLICATE)
"""Gates that are worth a line though they are passed: a person learns from them what a good look is."""
_DOTS = {
    PlaceState.OPEN: DotState.OPEN,
    PlaceState.NEXT: DotState.NEXT,
    PlaceState.SAVING: DotState.SAVING,
    PlaceState.KEPT: DotState.KEPT,
    PlaceState.SKIPPED: DotState.SKIPPED,
}


def session_view(
    snapshot: SessionSnapshot,
    facts: ClassFacts | None,
    counts: Mapping[str, Counts],
    names: Mapping[str, str],
    tiles: Sequence[TileView],
    words: Wording,
) -> SessionView:
    """Return the session's part of the page; ``names`` are labels of classes by id."""
    look = snapshot.look
    found = snapshot.quality
    faulty = {role for gate in (found.gates if found else ()) if not gate.passed for role in gate.roles}
    shown = look.capture_id if look is not None and look.location is not None else None
    return SessionView(
        class_title=_unbroken(names.get(snapshot.class_id, snapshot.class_id)),
        class_detail=_class_detail(facts, counts.get(snapshot.class_id, Counts()), words),
        ring=ring_view(snapshot, words),
        plan=plan_rows(snapshot.plan, words),
        gates=gate_views(found, look, words),
        gates_title=_gates_title(snapshot, words),
        tiles=tuple(CaptureTile(tile, shown, tile.role in faulty) for tile in tiles),
        balance=balance(counts, names, snapshot.class_id, words),
        reasons=reasons(found, words) if snapshot.can_override else (),
    )


def ring_view(snapshot: SessionSnapshot, words: Wording) -> RingView:
    """Return the progress ring: only what is acknowledged counts as kept."""
    wanted = max(1, snapshot.wanted)
    turn = shorter_turn(snapshot.prompt.turn_deg) if snapshot.prompt.ask is Ask.TURN else 0.0
    detail = ""
    if snapshot.saving:
        detail = words.translate("Capture", "{count} being written").format(count=snapshot.saving)
    return RingView(
        kept=snapshot.kept / wanted,
        saving=snapshot.saving / wanted,
        text=f"{snapshot.kept} / {snapshot.wanted}",
        detail=detail,
        turn_deg=turn,
    )


def plan_rows(plan: Sequence[PlannedPlace], words: Wording) -> tuple[PlanRow, ...]:
    """Return a row for each training position and for each other split."""
    rows: list[PlanRow] = []
    for (split, position), places in groupby(plan, key=lambda one: (one.place.split, one.place.position)):
        group = tuple(places)
        title = split_words(split, words)
        if position is not None:
            title = words.translate("Capture", "{split} {position}").format(split=title, position=position + 1)
        kept = sum(one.state is PlaceState.KEPT for one in group)
        wanted = sum(one.state is not PlaceState.SKIPPED for one in group)
        rows.append(PlanRow(title, f"{kept} / {wanted}", tuple(_dot(one, words) for one in group)))
    return tuple(rows)


def _dot(one: PlannedPlace, words: Wording) -> DotView:
    translate = words.translate
    states = {
        PlaceState.OPEN: translate("Capture", "open"),
        PlaceState.NEXT: translate("Capture", "next"),
        PlaceState.SAVING: translate("Capture", "being written"),
        PlaceState.KEPT: translate("Capture", "kept"),
        PlaceState.SKIPPED: translate("Capture", "skipped"),
    }
    return DotView(_DOTS[one.state], f"{place_words(one.place, words)}: {states[one.state]}")


def gate_views(report: QualityReport | None, look: CapturedPart | None, words: Wording) -> tuple[GateView, ...]:
    """Return the gates worth a line: those that refuse, those that warn, then the good ones that teach something."""
    if report is None:
        return ()
    passed = [one for one in report.gates if one.passed and one.gate in _ALWAYS_SHOWN]
    return tuple(_gate(one, look, words) for one in (*report.refusing, *report.warning, *passed))


def _gate(result: GateResult, look: CapturedPart | None, words: Wording) -> GateView:
    tone, sign = Tone.GOOD, Sign.CHECK
    found, todo = gate_found(result, words), gate_todo(result, words)
    if result.gate is Gate.WHOLE and not result.passed and look is not None:
        found, todo = not_whole(look, words)
    if not result.passed:
        tone, sign = (Tone.ERROR, Sign.CROSS) if result.hard else (Tone.WARNING, Sign.WARNING)
    return GateView(
        gate=result.gate.value,
        tone=tone,
        sign=sign,
        title=gate_title(result.gate, words),
        found=found,
        todo=todo,
    )


def _gates_title(snapshot: SessionSnapshot, words: Wording) -> str:
    translate = words.translate
    if snapshot.quality is None:
        return translate("Capture", "No look yet")
    if snapshot.taken:
        return translate("Capture", "The last look was taken")
    if snapshot.quality.refusing:
        return translate("Capture", "The last look was refused")
    return translate("Capture", "The last look")


def reasons(report: QualityReport | None, words: Wording) -> tuple[ReasonView, ...]:
    """Return the reasons that fit what is warned of, each under a digit."""
    if report is None:
        return ()
    translate = words.translate
    texts = [translate("Capture", "The part is like that")]
    warned = {one.gate for one in report.warning}
    if Gate.DUPLICATE in warned:
        texts.append(translate("Capture", "The same from every side"))
    if Gate.WEIGHT in warned:
        texts.append(translate("Capture", "Its weight varies"))
    if Gate.DEPTH in warned:
        texts.append(translate("Capture", "No depth on its surface"))
    if warned & {Gate.BURNT, Gate.DARK, Gate.SHARPNESS}:
        texts.append(translate("Capture", "No better light here"))
    if warned & {Gate.INSIDE, Gate.SHARE}:
        texts.append(translate("Capture", "It cannot lie otherwise"))
    return tuple(ReasonView(str(number), text) for number, text in enumerate(texts, start=1))


def balance(
    counts: Mapping[str, Counts], names: Mapping[str, str], chosen: str, words: Wording
) -> tuple[BalanceBar, ...]:
    """Return bars of the session's class and of those with the fewest captures, against the fullest class.

    Classes without a name among ``names`` are not in use any more and want none.
    """
    most = max((one.total for one in counts.values()), default=0) or 1
    others = sorted((one.total, class_id) for class_id, one in counts.items() if class_id in names.keys() - {chosen})
    picked = ([chosen] if chosen else []) + [class_id for _, class_id in others[: BARS - 1]]
    return tuple(
        BalanceBar(
            label=names.get(class_id, class_id),
            text=counts_view(counts.get(class_id, Counts()), words).text,
            share=counts.get(class_id, Counts()).total / most,
            chosen=class_id == chosen,
        )
        for class_id in picked
    )


def counts_view(counts: Counts, words: Wording) -> CountsView:
    """Return the counts of a class as text: training, validation, test."""
    text = words.translate("Capture", "{train} + {valid} + {test}")
    return CountsView(
        counts.train,
        counts.valid,
        counts.test,
        text.format(train=counts.train, valid=counts.valid, test=counts.test),
    )


def _unbroken(name: str) -> str:
    """Return a name whose hyphens do not end a line."""
    return name.replace("-", "\N{NON-BREAKING HYPHEN}")


def _class_detail(facts: ClassFacts | None, counts: Counts, words: Wording) -> str:
    pieces = [counts_view(counts, words).text]
    if facts is None:
        return pieces[0]
    if facts.weight_kg is not None:
        pieces.append(words.weight(facts.weight_kg))
    return f"{facts.number}\n{'  ·  '.join(pieces)}"
