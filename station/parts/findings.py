"""What is doubtful in a part master: numbers that may be one, numbers that are none, tags that nobody agreed on."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from station.parts.numbers import Likeness, key, likeness, spoilt, tidy
from station.parts.record import PartRecord
from station.parts.vocabulary import Vocabulary


class Doubt(enum.StrEnum):
    """What is doubtful."""

    SAME_NUMBER = "same_number"
    WRITING = "writing"
    ZEROS = "zeros"
    SPOILT_NUMBER = "spoilt_number"
    NO_NUMBER = "no_number"
    UNKNOWN_TAG = "unknown_tag"
    TAGS_ALIKE = "tags_alike"


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: the classes concerned (none for two tags of the vocabulary) and a sentence with the next step."""

    doubt: Doubt
    class_ids: tuple[str, ...]
    sentence: str


_DIFFER = {
    Likeness.WRITING: (Doubt.WRITING, "in case, blanks, dots or dashes"),
    Likeness.ZEROS: (Doubt.ZEROS, "in leading zeros"),
}


def find_doubts(records: Sequence[PartRecord], vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return what is doubtful in the records, retired ones among them, and in the vocabulary."""
    return (*_numbers(records), *_tags(records, vocabulary), *_vocabulary(vocabulary))


def _numbers(records: Sequence[PartRecord]) -> Iterator[Finding]:
    by_key: dict[str, list[PartRecord]] = defaultdict(list)
    for record in records:
        if not tidy(record.number):
            yield Finding(Doubt.NO_NUMBER, (record.class_id,), f"{_called(record)} has no number. Give it one.")
            continue
        if spoilt(record.number):
            sentence = f"{_called(record)}: a spreadsheet made a power of ten of its number. Give it the right one."
            yield Finding(Doubt.SPOILT_NUMBER, (record.class_id,), sentence)
        by_key[key(record.number)].append(record)
    for group in by_key.values():
        for one, other in combinations(group, 2):
            both = (one.class_id, other.class_id)
            alike = likeness(one.number, other.number)
            if alike is not None:
                doubt, where = _DIFFER[alike]
                sentence = f"{_called(one)} and {_called(other)} differ only {where}. Retire one if they are one part."
                yield Finding(doubt, both, sentence)
            elif tidy(one.number) == tidy(other.number):
                sentence = f"{_called(one)} and {_called(other)} have the same number. Change one, or retire one."
                yield Finding(Doubt.SAME_NUMBER, both, sentence)


def _tags(records: Sequence[PartRecord], vocabulary: Vocabulary) -> Iterator[Finding]:
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in records:
        for pair in vocabulary.unknown(record.description):
            users[pair].append(record.class_id)
    for (heading, tag), class_ids in users.items():
        near = vocabulary.alike(tag, heading)
        todo = f"Is it {near[0][1]!r} ({near[0][0]})?" if near else "Add it, or take it from the classes."
        sentence = (
            f"The tag {tag!r} under {heading!r} is not in the vocabulary; {len(class_ids)} classes have it. {todo}"
        )
        yield Finding(Doubt.UNKNOWN_TAG, tuple(class_ids), sentence)


def _vocabulary(vocabulary: Vocabulary) -> Iterator[Finding]:
    for heading, tags in vocabulary.headings.items():
        for number, tag in enumerate(tags):
            for _, other in Vocabulary({heading: tags[:number]}).alike(tag):
                yield Finding(Doubt.TAGS_ALIKE, (), f"The tags {other!r} and {tag!r} under {heading!r} are nearly one.")


def _called(record: PartRecord) -> str:
    retired = ", retired" if record.retired else ""
    return f"{record.number or 'the class'} {record.name} ({record.class_id}{retired})"
