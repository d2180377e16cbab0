from __future__ import annotations

import pytest

from station.cli import training_display
from station.cli.training_display import TrainingDisplay


def test_without_a_terminal_lines_say_how_long_it_takes_yet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(training_display.time, "monotonic", lambda: now[0])
    with TrainingDisplay() as display:
        display.stepped(40, 100, 1.5, 20.0)  # gone on with at step 40
        now[0] += 60.0
        display.stepped(50, 100, 1.25, 20.0)
        now[0] += 240.0
        display.stepped(90, 100, 1.0, 20.0)
        display.advance("fitting", 1, 1)
        display.say("[red] stays as it is, [/] too")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "training: 40 of 100, loss 1.500, 20 views/s",
        "training: 50 of 100, loss 1.250, 20 views/s, 5 min left",
        "training: 90 of 100, loss 1.000, 20 views/s, 1 min left",
        "fitting: 1 of 1",
        "[red] stays as it is, [/] too",
    ]
