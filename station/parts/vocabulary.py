"""The controlled vocabulary of tags: headings and their words, and which words are nearly the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from station.search_words import fold

_LETTERS_FOR_ONE_SLIP, _LETTERS_FOR_TWO_SLIPS = 5, 9
"""Shorter words differ by one letter and mean something else (``ring``, ``wing``)."""
_PLURALS = ("s", "es", "e", "n", "en", "er")
"""English and German endings."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


FIRST_VOCABULARY: Mapping[str, tuple[str, ...]] = {
    "Shapes": _words(
        "angle, band, bar, bent, bladed, block, bossed, bow, box, clawed, coil, column, conical, cube, cylindrical, "
        "dial, domed, elbow, eyed, finned, flanged, flat, footed, fork, grooved, half disc, hexagonal, hole, hollow, "
        "hook, jointed, lever, link, long, mushroom, notched, open, pins, rectangular, ribbed, ring, round, shaft, "
        "slotted, sphere, square, star, stepped, stud, tee, toothed, torus, triangular, wheel, winged"
    ),
    "Colours": _words("black, blue, brown, gold, green, grey, orange, red, silver, white, yellow"),
    "Materials": _words(
        "aluminium, brass, bronze, cast_iron, chrome, copper, glass, painted, plastic, rubber, stainless, steel, wood, "
        "zinc"
    ),
    "Texture": _words("anodised, cast, galvanised, machined, matt, moulded, oiled, painted, polished, rough, smooth"),
    "Conditions": _words("damaged, dirty, new, old, rusty, used, worn"),
    "size": _words("tiny, small, medium, large"),
    "weight": _words("very light, light, medium, heavy"),
    "density": _words("low, medium, high"),
}
"""What a new part master begins with: the headings of MVIP's ``description`` and the words of the simulated parts."""


@dataclass(frozen=True)
class Vocabulary:
    """Tag words by heading; grows only by :meth:`PartMaster.add_tag`."""

    headings: Mapping[str, tuple[str, ...]]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through (heading, tag)."""
        return ((heading, tag) for heading, tags in self.headings.items() for tag in tags)

    @cached_property
    def _by_letters(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for pair in self:
            found[_letters(pair[1])] = (*found.get(_letters(pair[1]), ()), pair)
        return found

    def find(self, word: str) -> tuple[tuple[str, str], ...]:
        """Return each (heading, tag) that is this word; case, accents and punctuation do not count."""
        return self._by_letters.get(_letters(word), ())

    def alike(self, word: str, heading: str | None = None) -> tuple[tuple[str, str], ...]:
        """Return each (heading, tag) that is this word or nearly: another case, a plural, a slip of the keys.

        A slip of the keys is looked for under ``heading`` alone where one is given: ``block`` and ``black`` are a shape
        and a colour.
        """
        return tuple(
            (under, tag)
            for under, tag in self
            if same_word(tag, word) or (heading in (None, under) and slip_apart(tag, word))
        )

    def unknown(self, description: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
        """Return each (heading, tag) of a description that is not in the vocabulary exactly so."""
        return tuple(
            (heading, tag)
            for heading, tags in description.items()
            for tag in tags
            if tag not in self.headings.get(heading, ())
        )


def same_word(one: str, other: str) -> bool:
    """Say whether two tag words are the same but for case, accents, blanks or a plural's ending."""
    a, b = _letters(one), _letters(other)
    return a == b or _plural(a, b) or _plural(b, a)


def slip_apart(one: str, other: str) -> bool:
    """Say whether two tag words are so long and so near that one could be the other mistyped."""
    a, b = _letters(one), _letters(other)
    length = max(len(a), len(b))
    allowed = (length >= _LETTERS_FOR_ONE_SLIP) + (length >= _LETTERS_FOR_TWO_SLIPS)
    return a != b and abs(len(a) - len(b)) <= allowed and _slips(a, b) <= allowed


def _letters(word: str) -> str:
    return "".join(fold(word).split())


def _plural(one: str, many: str) -> bool:
    if len(one) < 3:
        return False
    return any(many == one + ending for ending in _PLURALS) or (one.endswith("y") and many == one[:-1] + "ies")


def _slips(a: str, b: str) -> int:
    """Return the fewest letters left out, added, exchanged or swapped with their neighbour that make ``a`` to ``b``."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
