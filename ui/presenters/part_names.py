"""What classes are called: the part master asked once per class, so that a page drawn often does not read a file."""

from __future__ import annotations

from collections import OrderedDict

from station.errors import StationError
from ui.presenters.sources import PartCatalog, PartEntry

KEPT = 500


class PartNames:
    """Numbers and names by class id; a part master that fails gives ids, and its sentence in ``trouble``."""

    def __init__(self, parts: PartCatalog) -> None:
        self._parts = parts
        self._kept: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self.trouble = ""

    def title(self, class_id: str) -> tuple[str, str]:
        """Return (number, name) of a class; a class that the part master lacks is called by its id."""
        if class_id not in self._kept:
            entry = self.entry(class_id)
            if self.trouble:
                return class_id, class_id
            self._kept[class_id] = (entry.number, entry.name) if entry else (class_id, class_id)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[class_id]

    def entry(self, class_id: str) -> PartEntry | None:
        """Return what the part master knows of a class, or ``None``."""
        try:
            entry = self._parts.get(class_id)
        except StationError as error:
            self.trouble = str(error)
            return None
        self.trouble = ""
        return entry

    def search(self, text: str, limit: int) -> tuple[PartEntry, ...]:
        """Return what the part master finds, best first; nothing when it fails."""
        try:
            found = tuple(self._parts.search(text, limit))
        except StationError as error:
            self.trouble = str(error)
            return ()
        self.trouble = ""
        return found

    def by_code(self, code: str) -> PartEntry | None:
        """Return the class whose number or id was scanned; dots, dashes and case count only where several differ so."""
        wanted = _bare(code)
        found = [one for one in self.search(code, 10) if wanted in (_bare(one.number), _bare(one.class_id))]
        exact = [one for one in found if code in (one.number, one.class_id)]
        return next(iter((*exact, *found)), None) or self.entry(code)


def _bare(code: str) -> str:
    return "".join(c for c in code.casefold() if c.isalnum())
