"""What an import did, or would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from station.captures.importing.examine import Fault, FaultKind

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class FaultCount:
    """One fault in how many captures, with the first of them."""

    kind: FaultKind
    what: str
    captures: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was found and done.

    ``imported`` maps what was taken in to its folder in the data set; ``already`` maps what is there already to the
    folder that has its content. ``elsewhere`` maps what is there under another class or in the trash. ``moved`` are
    those of ``imported`` whose own place was taken. ``refused`` pairs what cannot be imported and why, ``classes`` maps
    classes that were made, or whose description here differs, to a sentence. With ``dry`` nothing was written.
    """

    dry: bool
    found: int
    imported: Mapping[str, str]
    already: Mapping[str, str]
    elsewhere: Mapping[str, str]
    moved: Mapping[str, str]
    refused: tuple[tuple[str, str], ...]
    classes: Mapping[str, str]
    faults: tuple[FaultCount, ...]


@dataclass(slots=True)
class FaultBook:
    """Counts faults as they are found."""

    _found: dict[Fault, list[str]] = field(default_factory=dict[Fault, list[str]])

    def note(self, where: str, faults: tuple[Fault, ...]) -> None:
        """Take the faults of one capture in."""
        for fault in faults:
            self._found.setdefault(fault, []).append(where)

    def counts(self) -> tuple[FaultCount, ...]:
        """Return the faults by kind, the most frequent first."""
        kinds = list(FaultKind)
        order = sorted(self._found, key=lambda f: (kinds.index(f.kind), -len(self._found[f]), f.what))
        return tuple(
            FaultCount(fault.kind, fault.what, len(self._found[fault]), tuple(self._found[fault][:_EXAMPLES]))
            for fault in order
        )
