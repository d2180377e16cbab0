"""The review: what is kept of a class or of all, what waits for review, what lies in the trash, and what is done to it.

Rows come page by page from the catalog, pictures in their own thread; every change goes through the door to the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from station.captures.catalog_values import CatalogEntry, Page, PageKey, State
from station.captures.record import CaptureRecord, Split
from station.errors import DoubtedCaptureError, StationError
from station.frames import ROLES
from ui.presenters.capture_facts import cell_words, fact_views, gate_names, lies_words
from ui.presenters.capture_source import CaptureDoor, CapturePicture
from ui.presenters.capture_view import CaptureCommand, CaptureStep, FactView, ReviewCell, ReviewView
from ui.presenters.capture_words import Said, split_words
from ui.presenters.class_search import ClassSearch
from ui.presenters.errands import Errands
from ui.presenters.notices import Notices
from ui.presenters.operator_view import Sign, TileState, TileView, Tone
from ui.presenters.shelf import Shelf
from ui.presenters.tiles import role_label
from ui.presenters.wording import Wording

THUMBNAIL_PX = 240
VIEW_PX = 480
_THUMBNAILS, _OPENED, _RECORDS = 300, 3, 60
"""So much is kept in memory: 50 MB of thumbnails, 12 MB of opened captures."""
_STATES: tuple[State, ...] = ("kept", "review", "trash")
_SPLITS: tuple[Split | None, ...] = (None, "train", "valid", "test")
_INTO: dict[CaptureCommand, Split] = {
    CaptureCommand.TRAIN: "train",
    CaptureCommand.VALID: "valid",
    CaptureCommand.TEST: "test",
}


class Send(Protocol):
    """Makes a call that takes its time while ``sentence`` stands in the message line; failures are said there."""

    def __call__(self, sentence: str, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Make the call; ``done`` gets what it gave."""
        ...


class CaptureReview:
    """What the review shows and does; nothing here waits for the disk.

    Args:
        door: the data set.
        errands: where rows are read; whoever owns them collects them.
        pictures: where pictures and records are read, likewise.
        notices: the page's message line.
        send: makes the calls that change something.
        label: names a class.
    """

    def __init__(
        self,
        door: CaptureDoor,
        errands: Errands,
        pictures: Errands,
        notices: Notices,
        send: Send,
        label: Callable[[str], str],
    ) -> None:
        self._door = door
        self._errands = errands
        self._notices = notices
        self._send = send
        self._label = label
        self._thumbnails = Shelf[CatalogEntry, CapturePicture | None](
            lambda entry: door.thumbnail(entry, THUMBNAIL_PX), _THUMBNAILS, pictures
        )
        self._opened = Shelf[CatalogEntry, Sequence[CapturePicture]](
            lambda entry: door.pictures(entry, VIEW_PX), _OPENED, pictures
        )
        self._records = Shelf[CatalogEntry, CaptureRecord | None](door.record, _RECORDS, pictures)
        self._entries: list[CatalogEntry] = []
        self._after: PageKey | None = None
        self._total: int | None = None
        self._asked: object = None
        """The newest question for rows; answers to older ones are passed over."""
        self._loading = False
        self._version = 0
        self._row = 0
        self._class_id = ""
        self._of_all = False
        self._state: State = "kept"
        self._split: Split | None = None
        self._open = False
        self._masks = True
        self._becomes = ""
        """The class that the marked capture of the review queue is to have."""
        self._doubted: tuple[str, Split] | None = None
        """The capture, and the split it was to go into, of which the gates' warning was told."""
        self._thrown: list[str] = []
        self._pictured: list[str] = []
        self.words = Wording()
        self.step = CaptureStep.REVIEW
        self.search = ClassSearch(door, errands, self._choose, self._no_such_number, self._fail)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def begin(self, class_id: str | None) -> None:
        """Show what is kept of a class, or of all without one."""
        self._class_id = class_id or ""
        self._of_all = class_id is None
        self._state, self._split = "kept", None
        self._open, self._thrown = False, []
        self.step = CaptureStep.REVIEW
        self.load()

    def load(self) -> None:
        """Read the rows anew from the newest capture on."""
        self._entries, self._after, self._total, self._row = [], None, None, 0
        self._version += 1
        self._ask()

    def more(self) -> None:
        """Read the next page, if there is one."""
        if self._after is not None and not self._loading:
            self._ask()

    @property
    def complete(self) -> bool:
        """Whether every row is known."""
        return self._after is None

    def _ask(self) -> None:
        class_id = None if self._of_all else self._class_id
        state, split, after = self._state, self._split, self._after
        asked = self._asked = object()
        self._loading = True

        def found(page: Page) -> None:
            if self._asked is not asked:
                return
            self._loading = False
            self._entries += page.entries
            self._after = page.after
            self._total = page.total if after is None else self._total

        def failed(error: StationError) -> None:
            self._loading = False
            self._fail(error)

        self._errands.do(lambda: self._door.captures(class_id, state, split, after), found, failed)

    def cell(self, row: int) -> ReviewCell:
        """Return what stands below the picture in ``row``; nothing for a row that has gone meanwhile."""
        if row >= len(self._entries):
            return ReviewCell("", "")
        entry = self._entries[row]
        return cell_words(entry, self._label(entry.class_id), self.words, of_all=self._of_all)

    def thumbnail(self, row: int) -> CapturePicture | None:
        """Return the picture in ``row``, ``None`` while it is not there; asked for by drawing it."""
        return self._thumbnails.get(self._entries[row]) if row < len(self._entries) else None

    @property
    def pictures(self) -> dict[str, CapturePicture]:
        """The views of the opened capture by role, empty while they are read."""
        entry = self.marked
        views = self._opened.get(entry) if self._open and entry is not None else None
        return {picture.role: picture for picture in views or ()}

    @property
    def marked(self) -> CatalogEntry | None:
        """The capture that commands are for."""
        return self._entries[self._row] if 0 <= self._row < len(self._entries) else None

    def mark(self, row: int) -> None:
        """Make another row the one that commands are for."""
        if self.step is CaptureStep.REVIEW and 0 <= row < len(self._entries):
            self._row = row

    def look_again(self) -> None:
        """Read the rows anew where somebody looks at the newest, for newer ones may have come."""
        if self._row == 0 and not self._open and self.step is CaptureStep.REVIEW:
            self.load()

    @property
    def shown(self) -> CaptureStep:
        """Which part of the page is shown."""
        return CaptureStep.VIEWS if self.step is CaptureStep.REVIEW and self._open else self.step

    def view(self) -> ReviewView:
        """Return the review as it is now."""
        entry = self.marked
        translate = self.words.translate
        empty = ""
        if not self._entries:
            empty = translate("Capture", "Reading …") if self._loading else translate("Capture", "Nothing is here.")
        return ReviewView(
            version=self._version,
            count=len(self._entries),
            marked=self._row if entry is not None else -1,
            empty=empty,
            filters=(
                (CaptureCommand.STATE, self._state_words()),
                (CaptureCommand.SCOPE, self._scope_words()),
                (CaptureCommand.SPLITS, self._split_words()),
            ),
            facts_title=entry.capture_id if entry is not None else "",
            facts=self._facts(entry),
            tiles=self._tiles() if self._open and entry is not None else (),
            masks=self._masks,
        )

    def said(self) -> Said:
        """Return the headline and the line below it."""
        translate = self.words.translate
        if self.step is CaptureStep.SPLIT:
            detail = translate("Capture", "A digit chooses. It gets the next free place there.")
            return Said(Tone.WORKING, Sign.QUESTION, translate("Capture", "Into which split?"), detail)
        if self.step is CaptureStep.CLASS:
            detail = translate("Capture", "Search by name, number or tag, or scan its number.")
            return Said(Tone.WORKING, Sign.QUESTION, translate("Capture", "Which part is it?"), detail)
        headline = {
            "kept": translate("Capture", "What is kept"),
            "review": translate("Capture", "What waits for review"),
            "trash": translate("Capture", "What lies in the trash"),
        }[self._state]
        return Said(Tone.IDLE, Sign.BOARD, headline, self._counted())

    def hint(self) -> str:
        """Return what can be done now."""
        translate = self.words.translate
        if self.step is not CaptureStep.REVIEW or self.marked is None:
            return ""
        if self._open:
            return translate(
                "Capture", "Left and right go to the next one, Space switches the outlines, Esc closes it."
            )
        return translate("Capture", "Enter shows the ten views of the marked one.")

    def _counted(self) -> str:
        count = len(self._entries) if self._total is None else self._total
        whole = self.words.translate("Capture", "{name}  ·  {count} captures")
        one = self.words.translate("Capture", "{name}  ·  1 capture")
        return (one if count == 1 else whole).format(name=self._scope_words(), count=count)

    def _state_words(self) -> str:
        translate = self.words.translate
        return {
            "kept": translate("Capture", "Kept"),
            "review": translate("Capture", "Waiting for review"),
            "trash": translate("Capture", "In the trash"),
        }[self._state]

    def _scope_words(self) -> str:
        return self.words.translate("Capture", "All classes") if self._of_all else self._label(self._class_id)

    def _split_words(self) -> str:
        if self._split is None:
            return self.words.translate("Capture", "All splits")
        return split_words(self._split, self.words)

    def _facts(self, entry: CatalogEntry | None) -> tuple[FactView, ...]:
        if entry is None:
            return ()
        record = self._records.get(entry)
        facts = fact_views(entry, record, self._label(entry.class_id), self.words)
        trouble = self._records.trouble(entry)
        if trouble:
            facts += (FactView(self.words.translate("Capture", "Record"), trouble, Tone.ERROR),)
        return facts

    def _tiles(self) -> tuple[TileView, ...]:
        there, translate = self.pictures, self.words.translate
        if not there:
            state, text = TileState.WAITING, translate("Capture", "Reading …")
        else:
            state, text = TileState.MISSING, translate("Capture", "No picture")
        return tuple(
            TileView(role, role_label(role), TileState.LIVE, "")
            if role in there
            else TileView(role, role_label(role), state, text)
            for role in ROLES
        )

    # -- what a person does -------------------------------------------------------------------------------------------

    @property
    def commands(self) -> frozenset[CaptureCommand]:
        """What may be done now."""
        command, entry = CaptureCommand, self.marked
        if self.step is CaptureStep.SPLIT:
            return frozenset({*_INTO, command.BACK})
        if self.step is CaptureStep.CLASS:
            return frozenset({command.BACK, *({command.CHOOSE} if self.search.classes else ())})
        allowed = {command.BACK, command.STATE, command.SPLITS}
        allowed |= {command.SCOPE} if self._class_id or entry is not None else set[CaptureCommand]()
        if self._thrown or (entry is not None and self._state == "trash"):
            allowed.add(command.RESTORE)
        if entry is None:
            return frozenset(allowed)
        allowed.add(command.MASKS if self._open else command.OPEN)
        if self._state != "trash":
            allowed |= {command.TRASH, command.RELABEL, command.REFERENCE}
            allowed.add(command.MOVE if self._state == "kept" else command.ACCEPT)
        return frozenset(allowed)

    def do(self, command: CaptureCommand) -> bool:
        """Do a command that is allowed; ``False`` says that it leaves the review."""
        if command is CaptureCommand.BACK:
            return self._back()
        if command in (CaptureCommand.STATE, CaptureCommand.SCOPE, CaptureCommand.SPLITS):
            self._show_others(command)
        elif command in (CaptureCommand.OPEN, CaptureCommand.MASKS):
            self._masks = not self._masks if command is CaptureCommand.MASKS else self._masks
            self._open = True
        elif command is CaptureCommand.RESTORE:
            self._restore()
        elif (entry := self.marked) is not None:
            self._change(command, entry)
        return True

    def _no_such_number(self, code: str) -> None:
        text = self.words.translate("Capture", "No class has the number {code}.")
        self._notices.say(Tone.WARNING, text.format(code=code))

    def _fail(self, error: StationError) -> None:
        self._notices.say(Tone.ERROR, str(error))

    def _choose(self, class_id: str) -> None:
        """Give the marked capture this class; one of the review queue is asked for its split then."""
        entry = self.marked
        if self.step is not CaptureStep.CLASS or entry is None:
            return
        self.step = CaptureStep.REVIEW
        if self._state == "review":
            self._becomes, self.step = class_id, CaptureStep.SPLIT
        elif class_id == entry.class_id:
            self._notices.say(Tone.IDLE, self.words.translate("Capture", "It is of that class already."))
        else:
            self._move(entry, lambda: self._door.relabel(entry.capture_id, class_id))

    def _back(self) -> bool:
        if self.step is not CaptureStep.REVIEW:
            self.step = CaptureStep.REVIEW
        elif self._open:
            self._open = False
        else:
            return False
        return True

    def _show_others(self, command: CaptureCommand) -> None:
        if command is CaptureCommand.STATE:
            self._state = _STATES[(_STATES.index(self._state) + 1) % len(_STATES)]
        elif command is CaptureCommand.SPLITS:
            self._split = _SPLITS[(_SPLITS.index(self._split) + 1) % len(_SPLITS)]
        else:
            if self._of_all and (entry := self.marked) is not None:
                self._class_id = entry.class_id
            self._of_all = not self._of_all
        self._open = False
        self.load()

    def _change(self, command: CaptureCommand, entry: CatalogEntry) -> None:
        if command is CaptureCommand.TRASH:
            sentence = self.words.translate("Capture", "Into the trash …")
            throw = self._door.dismiss if entry.state == "review" else self._door.trash
            self._send(sentence, lambda: throw(entry.capture_id), lambda now: self._thrown_away(entry, now))
        elif command is CaptureCommand.REFERENCE:
            self._send(
                self.words.translate("Capture", "The picture is kept …"),
                lambda: self._door.set_reference(entry),
                lambda _: self._pictured_now(entry.class_id),
            )
        elif command is CaptureCommand.RELABEL:
            self.step = CaptureStep.CLASS
            self.search.find("")
        elif command in (CaptureCommand.MOVE, CaptureCommand.ACCEPT):
            self.step, self._becomes = CaptureStep.SPLIT, entry.class_id
        elif command in _INTO:
            self.step = CaptureStep.REVIEW
            self._into(entry, _INTO[command])

    def _into(self, entry: CatalogEntry, split: Split) -> None:
        if entry.state == "review":
            self._accept(entry, split)
        elif entry.split == split:
            self._notices.say(Tone.IDLE, self.words.translate("Capture", "It lies in that split already."))
        else:
            self._move(entry, lambda: self._door.move(entry.capture_id, split))

    def _accept(self, entry: CatalogEntry, split: Split) -> None:
        """Take an answer into the data set; what gates warn of is asked about once, and the reason is kept."""
        class_id = self._becomes
        asked: tuple[str, Split] = (entry.capture_id, split)
        reason = self.words.translate("Capture", "Seen and accepted in the review") if self._doubted == asked else ""
        self._doubted = None

        def accepted() -> CatalogEntry | DoubtedCaptureError:
            try:
                return self._door.accept(entry.capture_id, class_id, split, reason)
            except DoubtedCaptureError as error:
                return error

        def told(outcome: CatalogEntry | DoubtedCaptureError) -> None:
            if isinstance(outcome, CatalogEntry):
                self._moved(entry, outcome)
                return
            self._doubted, self.step = asked, CaptureStep.SPLIT
            text = self.words.translate(
                "Capture", "Gates warn of it: {gates}. The same key again takes it all the same, which is kept with it."
            )
            self._notices.say(Tone.WARNING, text.format(gates=gate_names(outcome.doubts, self.words)))

        self._send(self.words.translate("Capture", "The capture is moved …"), accepted, told)

    def _move(self, entry: CatalogEntry, call: Callable[[], CatalogEntry]) -> None:
        def moved(now: CatalogEntry) -> None:
            self._moved(entry, now)

        self._send(self.words.translate("Capture", "The capture is moved …"), call, moved)

    def _moved(self, entry: CatalogEntry, now: CatalogEntry) -> None:
        self._replace(entry, now)
        text = self.words.translate("Capture", "It lies now in: {name}, {place}")
        text = text.format(name=self._label(now.class_id), place=lies_words(now, self.words))
        self._notices.say(Tone.GOOD, text)

    def take_pictured(self) -> list[str]:
        """Return, once, the classes that have got another reference picture."""
        pictured, self._pictured = self._pictured, []
        return pictured

    def _pictured_now(self, class_id: str) -> None:
        self._pictured.append(class_id)
        text = self.words.translate("Capture", "It is the picture of its class now: {name}")
        self._notices.say(Tone.GOOD, text.format(name=self._label(class_id)))

    def _thrown_away(self, entry: CatalogEntry, now: CatalogEntry) -> None:
        self._thrown.append(entry.capture_id)
        self._replace(entry, now)
        self._notices.say(Tone.IDLE, self.words.translate("Capture", "It lies in the trash. R brings it back."))

    def _restore(self) -> None:
        entry = self.marked
        in_trash = self._state == "trash" and entry is not None
        capture_id = entry.capture_id if in_trash and entry is not None else self._thrown[-1]

        def restored(now: CatalogEntry) -> None:
            self._thrown = [one for one in self._thrown if one != capture_id]
            self._replace(entry if in_trash else None, now)
            text = self.words.translate("Capture", "It is back: {place}")
            self._notices.say(Tone.GOOD, text.format(place=lies_words(now, self.words)))

        sentence = self.words.translate("Capture", "The capture is brought back …")
        self._send(sentence, lambda: self._door.restore(capture_id), restored)

    def _replace(self, before: CatalogEntry | None, now: CatalogEntry) -> None:
        """Show a capture as it lies now: in its row, gone where the filters leave it out, new where they let it in."""
        if before in self._entries:
            self._entries.remove(before)
            self._total = None if self._total is None else self._total - 1
        if self._shows(now):
            # Rows run from the newest capture to the oldest; one beyond what was read comes with its own page.
            age = (now.taken_at, now.capture_id)
            older = (n for n, one in enumerate(self._entries) if (one.taken_at, one.capture_id) < age)
            place = next(older, len(self._entries))
            if place < len(self._entries) or self._after is None:
                self._entries.insert(place, now)
                self._row = place
            self._total = None if self._total is None else self._total + 1
        self._row = max(0, min(self._row, len(self._entries) - 1))
        self._open = self._open and bool(self._entries)
        self._version += 1
        if not self._entries and self._after is not None:
            self._ask()

    def _shows(self, entry: CatalogEntry) -> bool:
        of_class = self._of_all or entry.class_id == self._class_id
        return of_class and entry.state == self._state and self._split in (None, entry.split)
