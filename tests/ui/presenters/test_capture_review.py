"""The review's logic without a window: rows page by page, pictures that come later, and every change with its undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from station.errors import DatasetError, StorageError
from tests.ui.scripted_captures import BOLT, FLANGE, FakeCaptures, session, until
from ui.presenters.capture import CapturePresenter
from ui.presenters.capture_view import CaptureCommand as Command
from ui.presenters.capture_view import CaptureStep, CaptureView
from ui.presenters.errands import Errands
from ui.presenters.operator_view import TileState, Tone
from ui.presenters.shelf import Shelf


class Bench:
    """The review of a scripted data set."""

    def __init__(self, stage: Any) -> None:
        self.door = FakeCaptures()
        self.presenter = CapturePresenter(self.door, stage.workflow, stage.cameras, stage.clock)
        self.review = self.presenter.review
        self.presenter.load()
        self.presenter.view()

    def open(self, class_id: str | None = BOLT) -> CaptureView:
        self.presenter.show_kept(class_id)
        return self.until(lambda view: view.review is not None and view.review.empty != "Reading …")

    def until(self, met: Callable[[CaptureView], bool]) -> CaptureView:
        until(self.presenter.pull, lambda: met(self.presenter.view()))
        return self.presenter.view()

    def do(self, command: Command) -> CaptureView:
        self.presenter.do(command)
        return self.until(lambda view: not view.busy and not (view.review and view.review.empty == "Reading …"))

    def relabel(self, class_id: str) -> None:
        """Choose a class by its number, as a scanner does."""
        self.review.search.scan(self.door.facts_of[class_id].number)
        self.until(lambda view: view.step is not CaptureStep.CLASS)

    def ids(self) -> list[str]:
        return [one.capture_id for one in self.review._entries]


@pytest.fixture
def bench(stage: Any) -> Iterator[Bench]:
    made = Bench(stage)
    yield made
    made.door.gate.set()
    made.presenter.close()


def said(view: CaptureView) -> str:
    return view.message.text if view.message else ""


def test_an_empty_class_says_so(bench: Bench) -> None:
    view = bench.open()
    assert view.review is not None
    assert (view.review.empty, view.review.count, view.review.marked) == ("Nothing is here.", 0, -1)
    assert view.detail == "Hexagon bolt M8 × 40  ·  0 captures"
    assert not view.allowed & {Command.TRASH, Command.MOVE, Command.RELABEL, Command.OPEN, Command.RESTORE}


def test_rows_come_page_by_page_newest_first(bench: Bench) -> None:
    bench.door.fill(150)
    view = bench.open()
    assert view.review is not None
    assert (view.review.count, view.detail) == (60, "Hexagon bolt M8 × 40  ·  150 captures")
    assert bench.ids()[0] == "c0149"
    version = view.review.version
    for count in (120, 150):
        bench.review.more()
        bench.review.more()
        view = bench.until(lambda v, n=count: v.review is not None and v.review.count == n)
    assert bench.ids() == [f"c{number:04d}" for number in range(149, -1, -1)]
    assert view.review is not None
    assert view.review.version == version, "further rows do not move those that are there"
    assert bench.review.complete
    bench.review.more()
    assert len(bench.ids()) == 150


def test_thumbnails_come_later_and_only_for_rows_in_sight(bench: Bench) -> None:
    bench.door.fill(50)
    bench.open()
    assert bench.review.thumbnail(3) is None
    bench.until(lambda _: bench.review.thumbnail(3) is not None)
    assert bench.door.asked_for == ["c0046"]


def test_a_row_that_has_gone_is_drawn_empty(bench: Bench) -> None:
    bench.door.fill(2)
    bench.open()
    bench.review.load()
    assert bench.review.cell(1).title == ""
    assert bench.review.thumbnail(1) is None


def test_cells_say_place_time_and_what_was_overridden(bench: Bench) -> None:
    bench.door.fill(5)
    bench.open()
    cell = bench.review.cell(1)
    assert (cell.title, cell.tone) == ("Training 1 · 4", Tone.WARNING)
    assert "2026" in cell.detail
    assert bench.review.cell(0).sign is None
    bench.do(Command.SCOPE)
    assert bench.review.cell(0).title == "Hexagon bolt M8 × 40"


def test_facts_of_the_marked_capture(bench: Bench) -> None:
    bench.door.fill(5)
    bench.open()
    bench.review.mark(1)
    view = bench.until(lambda v: v.review is not None and len(v.review.facts) > 3)
    assert view.review is not None
    facts = {fact.title: fact for fact in view.review.facts}
    assert facts["Class"].text == "Hexagon bolt M8 × 40"
    assert facts["Kept in spite of: New pose"].text == "It is round"
    assert facts["Kept in spite of: New pose"].tone is Tone.WARNING
    assert facts["Weight"].text == "18.4 g"
    assert facts["Label"].text == "chosen on this page"
    assert facts["Calibration"].text == "a1b2c3d4e5f6"
    assert facts["Place"].text == "Training, position 1, rotation 4 of 12"


def test_a_damaged_record_is_said_and_the_rest_is_shown(bench: Bench) -> None:
    bench.door.damaged = DatasetError("The capture's record cannot be read.", todo="Restore it.")
    bench.door.fill(1)
    bench.open()
    view = bench.until(lambda v: v.review is not None and v.review.facts[-1].tone is Tone.ERROR)
    assert view.review is not None
    assert view.review.facts[0].text == "Hexagon bolt M8 × 40"


def test_a_capture_is_opened_with_its_views(bench: Bench) -> None:
    bench.door.fill(3)
    bench.open()
    view = bench.do(Command.OPEN)
    assert view.step is CaptureStep.VIEWS
    view = bench.until(lambda v: bool(bench.review.pictures))
    assert view.review is not None
    states = {tile.role: tile.state for tile in view.review.tiles}
    assert states.pop("cam_07") is TileState.MISSING
    assert set(states.values()) == {TileState.LIVE}
    assert view.review.masks
    view = bench.do(Command.MASKS)
    assert view.review is not None
    assert not view.review.masks
    assert bench.do(Command.BACK).step is CaptureStep.REVIEW
    assert bench.do(Command.BACK).step is CaptureStep.CHOOSE


def test_trash_and_back(bench: Bench) -> None:
    bench.door.fill(4)
    bench.open()
    bench.review.mark(1)
    view = bench.do(Command.TRASH)
    assert bench.door.told == [("trash", "c0002")]
    assert bench.ids() == ["c0003", "c0001", "c0000"]
    assert bench.review.marked is not None
    assert bench.review.marked.capture_id == "c0001", "the next one is marked"
    assert said(view) == "It lies in the trash. R brings it back."
    assert view.detail.endswith("3 captures")
    view = bench.do(Command.RESTORE)
    assert bench.door.told[-1] == ("restore", "c0002")
    assert bench.ids() == ["c0003", "c0002", "c0001", "c0000"]
    assert "It is back" in said(view)
    assert Command.RESTORE not in view.allowed


def test_the_trash_gives_back_the_marked_one(bench: Bench) -> None:
    bench.door.fill(3)
    bench.open()
    bench.do(Command.TRASH)
    bench.do(Command.STATE)
    view = bench.do(Command.STATE)
    assert view.headline == "What lies in the trash"
    assert bench.ids() == ["c0002"]
    assert not view.allowed & {Command.TRASH, Command.MOVE, Command.RELABEL, Command.ACCEPT}
    view = bench.do(Command.RESTORE)
    assert bench.ids() == []
    assert bench.door.entries["c0002"].state == "kept"


def test_other_split(bench: Bench) -> None:
    bench.door.fill(2)
    bench.open()
    view = bench.do(Command.MOVE)
    assert view.step is CaptureStep.SPLIT
    assert view.allowed == {Command.TRAIN, Command.VALID, Command.TEST, Command.BACK}
    view = bench.do(Command.TRAIN)
    assert said(view) == "It lies in that split already."
    bench.do(Command.MOVE)
    view = bench.do(Command.TEST)
    assert bench.door.told == [("move", "c0001", "test")]
    assert said(view) == "It lies now in: Hexagon bolt M8 × 40, Test 2"
    assert bench.ids() == ["c0001", "c0000"], "it stays where it is in the list"
    bench.do(Command.SPLITS)
    assert bench.ids() == ["c0000"]


def test_other_class(bench: Bench) -> None:
    bench.door.fill(2)
    bench.open()
    view = bench.do(Command.RELABEL)
    assert view.step is CaptureStep.CLASS
    bench.relabel(FLANGE)
    view = bench.until(lambda v: not v.busy)
    assert bench.door.told == [("relabel", "c0001", FLANGE)]
    assert bench.ids() == ["c0000"], "it is of another class now"
    assert said(view).startswith("It lies now in: Pipe flange DN 25")
    bench.do(Command.RELABEL)
    bench.relabel(BOLT)
    assert said(bench.presenter.view()) == "It is of that class already."
    assert len(bench.door.told) == 1


@pytest.mark.parametrize(
    ("command", "split"), [(Command.TRAIN, "train"), (Command.VALID, "valid"), (Command.TEST, "test")]
)
def test_an_answer_is_accepted_into_a_split(bench: Bench, command: Command, split: str) -> None:
    bench.door.fill(2, state="review")
    bench.open()
    view = bench.do(Command.STATE)
    assert view.headline == "What waits for review"
    assert Command.MOVE not in view.allowed
    assert bench.do(Command.ACCEPT).step is CaptureStep.SPLIT
    bench.do(command)
    assert bench.door.told == [("accept", "c0001", BOLT, split)]
    assert bench.ids() == ["c0000"]


def test_what_gates_warn_of_is_accepted_with_the_second_press_and_a_reason(bench: Bench) -> None:
    bench.door.fill(1, state="review")
    bench.door.doubts = ("sharpness", "weight")
    bench.open()
    bench.do(Command.STATE)
    bench.do(Command.ACCEPT)
    view = bench.do(Command.TRAIN)
    assert said(view).startswith("Gates warn of it: Sharpness, Weight of the class. The same key again")
    assert (view.step, bench.door.told) == (CaptureStep.SPLIT, [])
    view = bench.do(Command.VALID)
    assert said(view).startswith("Gates warn of it"), "another split is another question"
    bench.do(Command.VALID)
    assert bench.door.told == [("accept", "c0000", BOLT, "valid")]
    assert bench.door.reasons == ["Seen and accepted in the review"]


def test_an_answer_is_accepted_for_another_class(bench: Bench) -> None:
    bench.door.fill(1, state="review")
    bench.open(None)
    bench.do(Command.STATE)
    bench.do(Command.RELABEL)
    bench.relabel(FLANGE)
    assert bench.presenter.view().step is CaptureStep.SPLIT
    bench.do(Command.VALID)
    assert bench.door.told == [("accept", "c0000", FLANGE, "valid")]


def test_a_capture_gives_its_class_a_picture(bench: Bench) -> None:
    bench.door.fill(2)
    bench.open()
    view = bench.do(Command.REFERENCE)
    assert bench.door.told == [("reference", "c0001")]
    assert said(view) == "It is the picture of its class now: Hexagon bolt M8 × 40"
    assert bench.review.take_pictured() == [BOLT]
    assert bench.review.take_pictured() == []


def test_an_answer_is_dismissed(bench: Bench) -> None:
    bench.door.fill(1, state="review")
    bench.open()
    bench.do(Command.STATE)
    bench.do(Command.TRASH)
    assert bench.door.told == [("dismiss", "c0000")]
    assert bench.ids() == []


def test_what_the_disk_refuses_changes_nothing(bench: Bench) -> None:
    bench.door.fill(2)
    bench.door.refusal = StorageError("The capture cannot be moved: read-only.", todo="Check the disk.")
    bench.open()
    view = bench.do(Command.TRASH)
    assert view.message is not None
    assert view.message.tone is Tone.ERROR
    assert bench.ids() == ["c0001", "c0000"]
    assert Command.RESTORE not in view.allowed


def test_while_a_change_is_under_way_nothing_else_is_begun(bench: Bench) -> None:
    bench.door.fill(3)
    bench.open()
    bench.door.gate.clear()
    bench.presenter.do(Command.TRASH)
    view = bench.presenter.view()
    assert view.busy
    assert said(view) == "Into the trash …"
    assert view.allowed == frozenset()
    bench.presenter.do(Command.TRASH)
    bench.door.gate.set()
    bench.until(lambda v: not v.busy)
    assert bench.door.told == [("trash", "c0002")]


def test_all_classes_and_back_to_the_marked_ones(bench: Bench) -> None:
    bench.door.fill(1, BOLT)
    bench.door.fill(2, FLANGE)
    bench.open()
    assert bench.ids() == ["c0000"]
    view = bench.do(Command.SCOPE)
    assert bench.ids() == ["c0002", "c0001", "c0000"]
    assert view.detail == "All classes  ·  3 captures"
    view = bench.do(Command.SCOPE)
    assert view.detail == "Pipe flange DN 25  ·  2 captures"


def test_a_running_session_shows_its_class_and_what_it_adds(bench: Bench) -> None:
    bench.door.fill(2)
    bench.door.work.show(session(2))
    bench.presenter.view()
    view = bench.open(FLANGE)
    assert view.detail.startswith("Hexagon bolt")
    bench.door.fill(1)
    bench.door.work.show(session(3))
    bench.until(lambda _: bench.ids() == ["c0002", "c0001", "c0000"])
    assert bench.do(Command.BACK).step is CaptureStep.SESSION


def test_a_question_for_rows_that_is_outdated_changes_nothing(bench: Bench) -> None:
    bench.door.fill(2)
    bench.door.fill(1, state="trash")
    bench.open()
    for _ in range(3):  # kept → review → trash → kept, faster than the disk
        bench.review.do(Command.STATE)
    bench.do(Command.SPLITS)
    assert bench.ids() == ["c0001", "c0000"]


def test_a_shelf_keeps_few_and_gets_the_newest_wish_first() -> None:
    errands = Errands()
    got: list[int] = []

    def fetch(key: int) -> int:
        got.append(key)
        return -key

    shelf = Shelf[int, int](fetch, 3, errands)
    for key in range(100):
        shelf.get(key)
    until(errands.collect, lambda: len(got) == 4 + 48 and not errands.busy)
    assert got[:4] == [0, 1, 2, 3], "what is under way is not stopped"
    assert got[4:7] == [99, 98, 97]
    assert shelf.get(52) == -52
    assert shelf.get(99) is None, "only the last three are kept"
    errands.close()


def test_a_shelf_says_why_something_cannot_be_had() -> None:
    errands = Errands()

    def fetch(key: str) -> str:
        raise StorageError("The disk does not answer.")

    shelf = Shelf[str, str](fetch, 3, errands)
    assert shelf.get("a") is None
    assert shelf.trouble("a") == ""
    until(errands.collect, lambda: not errands.busy)
    assert shelf.get("a") is None
    assert "does not answer" in shelf.trouble("a")
    errands.close()
