"""``station demo``: the operator window on the simulated rig, or the same session without a screen."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from platformdirs import user_state_path
from rich.console import Console
from rich.progress import track
from rich.table import Table

from calibration.store import CalibrationStore
from recognition.engine.in_use import EngineInUse
from station.cli.assembly import RunningStation, engine_or_reason, start_simulated
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.demo_hand import DemoHand
from station.cli.window import check_store, window_handles
from station.datadir import DataDir
from station.errors import ConfigError, StationError
from station.journal_writer import JournalWriter
from station.logs import log_to_folder
from station.parts import Author, PartMaster
from station.parts.sources import records_from_library
from station.simulation.fault_run import FaultBoard, FaultRun
from station.simulation.faults import load_faults
from station.simulation.library import PartClass, PartLibrary
from station.simulation.reference import reference_picture
from station.workflow.protocols import Recognizer
from station.workflow.status import CapturedPart, PartState, PartStatus

if TYPE_CHECKING:
    from ui.handles import StationHandles
    from ui.presenters.sources import PartCatalog

_PART_S = 60.0
_REFERENCE_PX = 240


def demo(
    count: Annotated[int, typer.Option(min=1, help="Parts of the session without a screen.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Decides the rig, the parts and how they lie.")] = 1,
    uncalibrated: Annotated[
        bool, typer.Option("--uncalibrated", help="Start without a calibration, to try the calibration page.")
    ] = False,
    offscreen: Annotated[bool, typer.Option("--offscreen", help="Do not open a window, even where one could.")] = False,
    faults: Annotated[
        Path | None,
        typer.Option(
            "--faults",
            metavar="FILE",
            help="Faults on purpose: TOML or JSON lines with at_s, fault, role and for_s, in seconds from the start.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the pictures of a session without a screen.")] = Path(
        "demo-output"
    ),
    config: ConfigOption = None,
) -> None:
    """Open the operator window on the simulated rig; without a display, show ten parts and save pictures."""
    from ui.offscreen import display_available

    say = Console(stderr=True)
    on_screen = display_available(os.environ, sys.platform) and not offscreen
    if uncalibrated and not on_screen:
        raise ConfigError(
            "Without a window nobody calibrates the station, and nothing would be recognised.",
            where="--uncalibrated",
            todo="Leave it out, or start where there is a display.",
        )
    planned = load_faults(faults) if faults else ()
    loaded = chosen_settings(config)
    say.print("Loading the model …")
    recognizer, model_trouble = engine_or_reason(loaded)
    if model_trouble:
        say.print(model_trouble, style="bold red")
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(loaded.demo_dir))
        log_to_folder(data.logs)
        parts = PartMaster(data.parts, data.references)
        stack.callback(parts.close)
        library = PartLibrary.load()
        known, unknown = _classes(recognizer, library)
        _fill(parts, library, say)
        rescue = data.journal_rescue(user_state_path("station", appauthor=False))
        journal = JournalWriter(data.journal, rescue, operators=loaded.settings.privacy.operators)
        stack.callback(journal.stop)
        journal.start()
        say.print("Starting ten simulated cameras and the scale …")
        running = start_simulated(
            stack,
            loaded,
            recognizer,
            seed=seed,
            journal=journal,
            calibrations=CalibrationStore(data.calibrations),
            checks=check_store(loaded, data),
            uncalibrated=uncalibrated,
        )
        assert running.simulation is not None
        assert running.virtual_scale is not None
        board = FaultBoard(running.simulation, running.virtual_scale)
        run_of_faults = FaultRun(board, planned)
        stack.callback(run_of_faults.stop)
        run_of_faults.start()
        hand = DemoHand(running.simulation, board, known, unknown, seed, small=_small(known, library))
        stack.callback(hand.close)
        handles = window_handles(
            stack, loaded, data, recognizer, running, parts, model_trouble=model_trouble, controls=hand
        )
        if on_screen:
            from ui.app import run

            say.print("The operator window is open. Put parts on the plate with the buttons of the simulated rig.")
            code = run(handles, ready=hand.next_part)
        else:
            rng = random.Random(f"{seed} session")
            # The last of the session is a stranger, so that the pictures show that answer too.
            shown = [*rng.choices(known, k=count - 1), rng.choice(unknown)]
            code = _session(handles, running, [library.get(c) for c in shown], rng, out, say)
    raise typer.Exit(code)


def _fill(parts: PartMaster, library: PartLibrary, say: Console) -> None:
    """Tell the part master of the simulated parts; reference pictures are drawn once."""
    parts.add_missing(records_from_library(library), Author(through="station demo"))
    missing = [part for part in library.classes if parts.reference(part.class_id) is None]
    for part in track(missing, "Drawing reference pictures", console=say, disable=not missing, transient=True):
        parts.set_reference(part.class_id, reference_picture(part, _REFERENCE_PX))


def _classes(recognizer: Recognizer, library: PartLibrary) -> tuple[list[str], list[str]]:
    """Return the simulated classes that the model knows and those it does not; all known where there is no model."""
    every = [part.class_id for part in library.classes]
    trained = set(recognizer.class_ids) if isinstance(recognizer, EngineInUse) else set(every)
    known = [class_id for class_id in every if class_id in trained]
    return known or every, [class_id for class_id in every if class_id not in trained] or every


def _small(known: list[str], library: PartLibrary) -> list[str]:
    """Return the classes that are small and thick enough to be handled side by side."""
    sizes = {class_id: library.get(class_id).size_m for class_id in known}
    return [class_id for class_id, (longest, _, shortest) in sizes.items() if longest < 0.08 and shortest > 0.02]


def _session(
    handles: StationHandles,
    running: RunningStation,
    shown: list[PartClass],
    rng: random.Random,
    out: Path,
    say: Console,
) -> int:
    """Show parts one after another, print each ranking and save a picture of the window."""
    from ui.offscreen import OffscreenWindow

    workflow, simulation = running.workflow, running.simulation
    assert simulation is not None
    console = Console()
    say.print(f"No display: {len(shown)} parts come onto the plate; pictures of the window go to {out}/.")
    unanswered = 0
    with OffscreenWindow(handles, 1280, 800) as window:
        for number, part_class in enumerate(shown, start=1):
            _await(window.wait_for, lambda: workflow.status.state is PartState.EMPTY, "the empty plate")
            simulation.place(part_class.class_id, rng.randrange(2**31))
            _await(window.wait_for, lambda: _looked_at(workflow.status), "an answer")
            part = workflow.status.part
            assert part is not None
            console.print(_table(f"part {number} of {len(shown)}", part, part_class, handles.parts))
            window.save_picture(out / f"{number:02d}-{part_class.class_id}.png")
            if part.recognition is None:
                unanswered += 1
            elif not part.recognition.unknown:
                workflow.answer(part.capture_id, part.recognition.ranked[0].class_id)
            simulation.clear()
    say.print(f"{len(shown)} parts shown, {unanswered} without an answer. The pictures lie in {out}/.")
    return 1 if unanswered else 0


def _await(wait_for: Callable[[Callable[[], bool], float], bool], done: Callable[[], bool], what: str) -> None:
    if not wait_for(done, _PART_S):
        raise StationError(f"The simulated station did not come to {what} within {_PART_S:g} s.", where="demo")


def _looked_at(status: PartStatus) -> bool:
    part = status.part
    return part is not None and (part.recognition is not None or bool(part.message))


def _table(heading: str, part: CapturedPart, truth: PartClass, parts: PartCatalog) -> Table:
    recognition, location = part.recognition, part.location
    weight = f"{part.weight_kg * 1000:.1f} g" if part.weight_kg is not None else "no weight"
    edges = " × ".join(f"{e * 1000:.0f}" for e in location.size_m) + " mm" if location and location.size_m else "–"
    verdict = "no answer" if recognition is None else "UNKNOWN PART" if recognition.unknown else "recognised"
    took = part.timings_ms.get("total")
    table = Table(
        title=f"{heading}: {verdict}",
        caption=f"{weight}, {edges}, {took:.0f} ms, truth: {truth.name}" if took else weight,
        title_justify="left",
        caption_justify="left",
    )
    for column in ("", "number", "name"):
        table.add_column(column)
    for column in ("probability", "weight", "size"):
        table.add_column(column, justify="right")
    words = {True: "fits", False: "does not fit", None: "–"}
    for place, ranked in enumerate(recognition.ranked[:5] if recognition else (), start=1):
        record = parts.get(ranked.class_id)
        table.add_row(
            str(place),
            record.number if record else "",
            record.name if record else ranked.class_id,
            f"{ranked.probability:.1%}",
            words[ranked.weight_fits],
            words[ranked.size_fits],
        )
    return table
