"""What is known of a kept capture, in words: below its thumbnail, and beside its ten views."""

from __future__ import annotations

from collections.abc import Sequence

from station.captures.catalog_values import CatalogEntry
from station.captures.place import Place
from station.captures.quality_report import Gate
from station.captures.record import CaptureRecord
from station.frames import ROLES
from ui.presenters.calibration_words import moment
from ui.presenters.capture_view import FactView, ReviewCell
from ui.presenters.capture_words import gate_title, place_words, short_place, split_words
from ui.presenters.operator_view import Sign, Tone
from ui.presenters.tiles import role_label
from ui.presenters.wording import NO_VALUE, Wording


def cell_words(entry: CatalogEntry, label: str, words: Wording, *, of_all: bool) -> ReviewCell:
    """Return what stands below a capture's picture; ``label`` names its class, which ``of_all`` says first."""
    place = Place.from_folder(entry.folder)
    where = lies_words(entry, words) if place is None else short_place(place, words)
    title, detail = (label, where) if of_all else (where, moment(entry.taken_at or NO_VALUE, words))
    sign, tone = None, Tone.IDLE
    if entry.state == "kept" and (entry.overridden or entry.missing):
        sign, tone = Sign.WARNING, Tone.WARNING
    return ReviewCell(title, detail, sign, tone)


def lies_words(entry: CatalogEntry, words: Wording) -> str:
    """Return where a capture lies: its place, the review queue or the trash."""
    if entry.state == "review":
        return words.translate("Capture", "waits for review")
    place = Place.from_folder(entry.folder)
    if entry.state == "trash":
        return words.translate("Capture", "in the trash")
    return place_words(place, words) or split_words(entry.split, words)


def fact_views(entry: CatalogEntry, record: CaptureRecord | None, label: str, words: Wording) -> tuple[FactView, ...]:
    """Return what is known of a capture; ``record`` is ``None`` while it is read, or where there is none."""
    translate = words.translate
    facts = [
        FactView(translate("Capture", "Class"), label),
        FactView(translate("Capture", "Place"), lies_words(entry, words)),
        FactView(translate("Capture", "Taken"), moment(entry.taken_at or NO_VALUE, words)),
    ]
    if record is None:
        return tuple(facts)
    if record.doubts:
        facts.append(FactView(translate("Capture", "Gates warn of"), gate_names(record.doubts, words), Tone.WARNING))
    facts += _overridden(record, words)
    facts.append(_weight(record, words))
    if record.size_m is not None:
        facts.append(FactView(translate("Capture", "Size"), words.size(record.size_m)))
    facts += _views(record, words)
    facts.append(FactView(translate("Capture", "Label"), _label_source(record, words)))
    facts.append(FactView(translate("Capture", "Calibration"), (record.calibration_id or NO_VALUE)[:12]))
    if record.trashed_at is not None:
        facts.append(FactView(translate("Capture", "In the trash since"), moment(record.trashed_at, words)))
    return tuple(facts)


def _overridden(record: CaptureRecord, words: Wording) -> list[FactView]:
    title = words.translate("Capture", "Kept in spite of: {gate}")
    return [
        FactView(title.format(gate=gate_names((one.gate,), words)), one.reason, Tone.WARNING)
        for one in record.overrides
    ]


def gate_names(gates: Sequence[str], words: Wording) -> str:
    """Return the names of gates as they stand in a record; one that is not known any more is called as it is."""
    known = {gate.value: gate for gate in Gate}
    return ", ".join(gate_title(known[gate], words) if gate in known else gate for gate in gates)


def _weight(record: CaptureRecord, words: Wording) -> FactView:
    title = words.translate("Capture", "Weight")
    if record.weight_kg is None:
        return FactView(title, NO_VALUE)
    text = words.weight(record.weight_kg)
    if record.weight_stable:
        return FactView(title, text)
    moving = words.translate("Capture", "{weight}, not at rest").format(weight=text)
    return FactView(title, moving, Tone.WARNING)


def _views(record: CaptureRecord, words: Wording) -> list[FactView]:
    found: list[FactView] = []
    for roles, title in (
        (record.missing, words.translate("Capture", "Without camera")),
        (record.depth_dead, words.translate("Capture", "Without depth: camera")),
    ):
        if roles:
            named = ", ".join(role_label(role) for role in sorted(roles) if role in ROLES)
            found.append(FactView(title, named or NO_VALUE, Tone.WARNING))
    return found


def _label_source(record: CaptureRecord, words: Wording) -> str:
    translate = words.translate
    text = {
        "chosen": translate("Capture", "chosen on this page"),
        "confirmed": translate("Capture", "an operator confirmed it"),
        "corrected": translate("Capture", "an operator corrected it"),
        "relabelled": translate("Capture", "changed later"),
        "simulated": translate("Capture", "by the simulator"),
        "imported": translate("Capture", "imported"),
    }.get(record.label_source or "", NO_VALUE)
    return f"{text} ({record.operator})" if record.operator else text
