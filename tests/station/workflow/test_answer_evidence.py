"""What an answer rests on goes with it: into the journal, and into the line that ``station recognize`` prints."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from station.cli.answer_line import answer_line, as_json, unread_line
from station.frames import FrameSet
from station.journal import Entry
from station.journal_writer import JournalState
from station.results import Clue, RankedClass, Recognition, SizeFit, ViewEvidence, WeightFit
from station.workflow.answers import AnswerDesk
from station.workflow.status import CapturedPart, Outcome

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ANSWER = Recognition(
    ranked=(
        RankedClass("bolt", 0.98, False, True, WeightFit(0.0183, 31.26), SizeFit((0.04, 0.013, 0.0129), 0.5)),
        RankedClass("shim", 0.02, None, None),
    ),
    prediction_set=("bolt",),
    unknown=True,
    unknown_score=27.5,
    embedding=np.zeros(4, np.float32),
    per_view={"cam_02": ViewEvidence("shim", 0.61234, 0.3), "cam_01": ViewEvidence("bolt", 0.9, 0.9)},
    views_used=("cam_01", "cam_02"),
    model_id="m",
    set_coverage=0.995,
    unknown_threshold=math.inf,
    nearest="bolt",
    strange=(Clue.WEIGHT,),
    weight_kg=0.022,
    weight_trust=0.000123,
    size_m=(0.0402, 0.0131, 0.0129),
)
PART = CapturedPart(
    "c1", NOW, FrameSet({}, (), 3.0, NOW, 1), "a1b2", Outcome.OK, "", 0.022, 0.022, None, ANSWER, {}, ""
)


@dataclass
class Kept:
    """A journal that keeps what it is given."""

    entries: list[Entry] = field(default_factory=list[Entry])

    @property
    def state(self) -> JournalState:
        raise AssertionError("nobody asks")

    def append(self, entry: Entry) -> None:
        self.entries.append(entry)


def test_the_journal_keeps_the_set_and_the_evidence() -> None:
    journal = Kept()
    AnswerDesk(journal).note(PART, "m")
    body = json.loads(json.dumps(journal.entries[0].body))
    assert body["ranked"] == [["bolt", 0.98], ["shim", 0.02]]
    assert (body["prediction_set"], body["set_coverage"]) == (["bolt"], 0.995)
    assert (body["nearest"], body["strange"], body["weight_trust"]) == ("bolt", ["weight"], 0.000123)
    assert (body["weight_fits"], body["weight_off"]) == ([False, None], [31.26, None])
    assert (body["size_fits"], body["size_off"]) == ([True, None], [0.5, None])
    assert body["votes"] == {"cam_01": ["bolt", 0.9], "cam_02": ["shim", 0.6123]}


def test_the_line_says_what_was_expected_and_how_far_off_it_is() -> None:
    line = json.loads(as_json(answer_line(PART, weight_source="scale", model_id="m", names={"bolt": "Bolt"})))
    first, second = line["ranked"]
    assert first["weight"] == {"expected_kg": 0.0183, "deviation": 31.26}
    assert first["size"] == {"expected_m": [0.04, 0.013, 0.0129], "deviation": 0.5}
    assert (first["weight_fits"], first["size_fits"]) == (False, True)
    assert (second["weight_fits"], second["weight"], second["size"]) == (None, None, None)
    assert list(line["views"]) == ["cam_01", "cam_02"]
    assert line["views"]["cam_02"] == {"class": "shim", "probability": 0.6123, "of_first": 0.3}
    assert (line["nearest"], line["strange"], line["set_coverage"]) == ("bolt", ["weight"], 0.995)
    assert line["unknown_threshold"] is None  # JSON has no infinity
    assert list(unread_line("c2", "It cannot be read.", "m")) == list(line)
