"""The search for a class by name, number or tag, or by its scanned number; the part master is asked in a thread."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence

from station.errors import StationError
from station.parts.numbers import key
from ui.presenters.capture_source import CaptureDoor, ClassFacts
from ui.presenters.errands import Errands


class _Wanted(enum.Enum):
    """What is chosen as soon as the newest question is answered."""

    NOTHING = enum.auto()
    FIRST = enum.auto()
    NUMBER = enum.auto()


class ClassSearch:
    """Keeps the classes that were found last; a choice waits until the question before it is answered.

    So a hasty Enter, or the Enter at a scanned code's end, never takes what was found for another text.

    Args:
        door: the data set.
        errands: where questions are asked; whoever owns them collects them.
        chosen: called with the class that was chosen.
        missing: called with a scanned number that no class has.
        failed: called when the part master cannot be asked.
    """

    def __init__(
        self,
        door: CaptureDoor,
        errands: Errands,
        chosen: Callable[[str], None],
        missing: Callable[[str], None],
        failed: Callable[[StationError], None],
    ) -> None:
        self._door = door
        self._errands = errands
        self._chosen = chosen
        self._missing = missing
        self._failed = failed
        self._text = ""
        self._answered: str | None = None
        """The text that ``classes`` were found for."""
        self._wanted = _Wanted.NOTHING
        self.classes: tuple[ClassFacts, ...] = ()

    def find(self, text: str) -> None:
        """Ask for the classes of ``text``, all for an empty one."""
        self._text, self._answered, self._wanted = text, None, _Wanted.NOTHING

        def found(classes: Sequence[ClassFacts]) -> None:
            if self._text == text:
                self.classes, self._answered = tuple(classes), text
                wanted, self._wanted = self._wanted, _Wanted.NOTHING
                self._follow(wanted)

        self._errands.do(lambda: self._door.classes(text), found, self._failed)

    def again(self) -> None:
        """Ask the same anew."""
        self.find(self._text)

    def choose(self, class_id: str | None) -> None:
        """Choose the marked class; while the newest question is not answered, the first one that it finds."""
        if self._answered != self._text:
            self._wanted = _Wanted.FIRST
        elif class_id is not None:
            self._chosen(class_id)

    def scan(self, code: str) -> None:
        """Choose the class whose number this is, and no other one."""
        self.find(code)
        self._wanted = _Wanted.NUMBER

    def _follow(self, wanted: _Wanted) -> None:
        """Choose among what was found for the newest question."""
        if wanted is _Wanted.FIRST and self.classes:
            self._chosen(self.classes[0].class_id)
        elif wanted is _Wanted.NUMBER:
            alike = [one for one in self.classes if key(one.number) == key(self._text)]
            found = [one for one in alike if one.number == self._text] or alike
            if len(found) == 1:
                self._chosen(found[0].class_id)
            elif not found:
                self._missing(self._text)
