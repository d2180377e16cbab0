"""``station replay``: the whole station on a recording, with the same answers each time."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from station.acquisition.replay import RecordedStation, is_station_recording
from station.cli.answer_line import answer_line, as_json
from station.cli.assembly import make_locator, open_engine
from station.cli.configuration import ConfigOption, chosen_settings
from station.errors import CalibrationError, CameraError, StationError
from station.workflow.status import CapturedPart
from station.workflow.workflow import Workflow


def replay(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What station record has written.")],
    full_speed: Annotated[bool, typer.Option("--full-speed", help="As fast as the machine can.")] = False,
    config: ConfigOption = None,
) -> None:
    """Run the station on a recording; one JSON line a part, the same in every run and at any speed."""
    if not is_station_recording(folder):
        raise CameraError(
            "The folder holds no recording of a station.",
            where=str(folder),
            todo="Make one with: station record. Other recordings play with: station recognize --source DIR.",
        )
    loaded = chosen_settings(config)
    engine = open_engine(loaded)
    names = {known.class_id: known.name for known in engine.folder.classes}
    recorded = RecordedStation(folder)
    if recorded.calibration is None:
        raise CalibrationError("The rig was recorded without a calibration.", where=str(folder), todo="Put it there.")
    for role in recorded.missing:
        print(f"{role} was not recorded.", file=sys.stderr)
    found: list[CapturedPart] = []
    workflow = Workflow(
        recorded,
        recorded if recorded.weighs else None,
        make_locator(loaded.settings),
        engine,
        recorded.calibration,
        None,
        loaded.settings.trigger,
        volume=loaded.settings.plate.work_volume(),
        on_part=found.append,
        clock=lambda: recorded.now_ns,
    )
    workflow.start_scale()
    begun_s, first_ns, done = time.monotonic(), recorded.now_ns, 0
    try:
        while not recorded.over:
            recorded.advance()
            workflow.turn()
            for part in found:
                line = answer_line(part, weight_source="scale", model_id=engine.model_id, names=names)
                print(as_json(line), flush=True)
                done += 1
            found.clear()
            if not full_speed:
                ahead_s = (recorded.now_ns - first_ns) / 1e9 - (time.monotonic() - begun_s)
                if ahead_s > 0:
                    time.sleep(ahead_s)
    finally:
        workflow.stop()
        recorded.close()
    print(f"{done} parts in {(recorded.now_ns - first_ns) / 1e9:.1f} recorded seconds", file=sys.stderr)
    if not done:
        raise StationError("No part was seen.", where=str(folder), todo="A part must lie still on the plate.")
