"""``station recognize``: parts become JSON lines, without a window."""

from __future__ import annotations

import dataclasses
import enum
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from calibration.store import CalibrationStore
from recognition.engine import Engine
from station.cameras.recording import is_recording
from station.cameras.supervisor import CameraState
from station.captures.mvip import (
    CapturePath,
    find_captures,
    load_frameset,
    read_capture_record,
    read_class_weight,
)
from station.cli.answer_line import answer_line, as_json, unread_line
from station.cli.assembly import (
    RunningStation,
    make_locator,
    open_engine,
    require_calibration,
    start_real,
    start_recorded,
    start_simulated,
)
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.given_weight import GivenWeight
from station.cli.listening import Listener
from station.config import LoadedSettings
from station.datadir import CALIBRATIONS
from station.errors import CameraError, ConfigError, StationError
from station.simulation.library import PartLibrary
from station.workflow.cycle import USABLE_STEPS
from station.workflow.look import Eyes, look
from station.workflow.status import CapturedPart, Outcome, PartState, PartStatus, Weighed

_END_S = 2.0
"""A recording that has ended for so long without a further part gives none."""
_PART_S = 60.0
_EMPTY_S = 60.0
"""A part that is not recognised after so long never will be."""


class Source(enum.StrEnum):
    """Where the pictures come from."""

    SIM = "sim"
    RIG = "rig"
    REPLAY = "replay"


@dataclasses.dataclass(frozen=True, slots=True)
class WeightChoice:
    """What ``--weight`` asks for: the scale (nothing given), ``none``, ``class``, or kilograms."""

    source: str | None
    kg: float | None = None

    @staticmethod
    def parse(text: str | None) -> WeightChoice:
        """Read the option; raises ConfigError."""
        if text is None:
            return WeightChoice("scale")
        if text == "none":
            return WeightChoice(None)
        if text == "class":
            return WeightChoice("class")
        try:
            kg = float(text)
        except ValueError:
            kg = -1.0
        if not 0.0 < kg < 1000.0:
            raise ConfigError(
                f"{text!r} is no weight.", where="--weight", todo="Allowed are none, class, or kilograms above 0."
            )
        return WeightChoice("given", kg)


def recognize(
    source: Annotated[Source, typer.Option(help="The simulated rig, the real one, or captures on disk.")],
    path: Annotated[
        Path | None,
        typer.Option(help="replay: MVIP tree, class, capture, or .db3/.bag recordings beside their calibration.json."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="How many parts: 10 for sim, all for replay, endless for rig.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="sim: decides the rig, the parts and how they lie.")] = 0,
    held_out: Annotated[bool, typer.Option("--held-out", help="sim: parts the model has never seen.")] = False,
    weight: Annotated[str | None, typer.Option(metavar="none|class|KG", help="Instead of the scale's weight.")] = None,
    config: ConfigOption = None,
) -> None:
    """Recognise parts and print one JSON object a line; exit 0 when all were answered, 1 when some were not."""
    choice = WeightChoice.parse(weight)
    if (source is Source.REPLAY) != (path is not None):
        raise ConfigError(
            "--path belongs to --source replay, and is needed there.", where="--path", todo="Give both or neither."
        )
    if source is not Source.SIM and held_out:
        raise ConfigError("--held-out belongs to --source sim.", where="--held-out")
    if source is Source.RIG and choice.source == "class":
        raise ConfigError("On the rig the class is not known beforehand.", where="--weight", todo="Give kilograms.")
    loaded = chosen_settings(config)
    engine = open_engine(loaded)
    if source is Source.REPLAY and path is not None:
        if is_recording(path):
            lines = _recorded(loaded, engine, path, count, choice)
        else:
            lines = _replay(loaded, engine, path, count, choice)
    elif source is Source.SIM:
        lines = _simulated(loaded, engine, count or 10, seed, held_out, choice)
    else:
        lines = _real(loaded, engine, count, choice)
    all_answered = True
    for line in lines:
        print(as_json(line), flush=True)
        all_answered = all_answered and line["ranked"] is not None
    raise typer.Exit(0 if all_answered else 1)


def _replay(
    loaded: LoadedSettings, engine: Engine, path: Path, count: int | None, choice: WeightChoice
) -> Iterator[dict[str, Any]]:
    locator = make_locator(loaded.settings)
    step_kg = loaded.settings.scale.step_g / 1000.0
    root = path.absolute()
    for capture in find_captures(path)[:count]:
        inside = capture.path.relative_to(root).as_posix()
        capture_id = inside if inside != "." else capture.path.name
        try:
            frameset, calibration = load_frameset(capture.path)
            weight_kg, source = _stored_weight(capture, choice, step_kg)
        except StationError as error:
            # One damaged capture must not cost the others of the tree.
            print(f"{capture_id}: {Outcome.ERROR.value} {error}", file=sys.stderr, flush=True)
            yield unread_line(capture_id, str(error), engine.model_id)
            continue
        part = look(Eyes(locator, engine, calibration), frameset, Weighed.given(weight_kg, step_kg), matched_ms=0.0)
        part = dataclasses.replace(part, capture_id=capture_id)
        _say(part)
        yield _line(part, source, engine)


def _recorded(
    loaded: LoadedSettings, engine: Engine, path: Path, count: int | None, choice: WeightChoice
) -> Iterator[dict[str, Any]]:
    if choice.source == "class":
        raise ConfigError("A recording does not say of which class it is.", where="--weight", todo="Give kilograms.")
    listener = Listener()
    with ExitStack() as stack:
        running = start_recorded(stack, loaded, GivenWeight(engine, lambda: choice.kg), path, on_part=listener.hear)
        done, quiet_s = 0, 0.0
        while count is None or done < count:
            over = all(s.state in (CameraState.ENDED, CameraState.FAILED) for s in running.rig.states().values())
            part = listener.next(running.workflow, _END_S)
            if part is None:
                quiet_s += _END_S if over else 0.0
                if over and (quiet_s > _PART_S or not _looking(running.workflow.status)):
                    break
                continue
            part = dataclasses.replace(part, weight_kg=choice.kg)
            _say(part)
            yield _line(part, choice.source, engine)
            done += 1
        failed = [s.reason for s in running.rig.states().values() if s.state is CameraState.FAILED]
    if failed:
        raise CameraError(f"{len(failed)} of {len(running.rig.roles)} recordings broke off: {' '.join(failed)}")
    if not done:
        raise StationError(
            "No part was seen.", where=str(path), todo="A recording must show a part that lies still on the plate."
        )


def _looking(status: PartStatus) -> bool:
    """Whether a part is being recognised."""
    return status.state is PartState.CAPTURED and status.part is None


def _stored_weight(capture: CapturePath, choice: WeightChoice, step_kg: float) -> tuple[float | None, str | None]:
    """Return the weight to recognise with and where it is from."""
    if choice.source == "scale":
        record = read_capture_record(capture.path)
        measured = record.weight_kg if record else None
        usable = measured is not None and measured >= USABLE_STEPS * step_kg
        return measured if usable else None, "scale"
    if choice.source == "class":
        return read_class_weight(capture.class_folder) if capture.class_folder else None, "class"
    return choice.kg, choice.source


def _simulated(
    loaded: LoadedSettings, engine: Engine, count: int, seed: int, held_out: bool, choice: WeightChoice
) -> Iterator[dict[str, Any]]:
    library = PartLibrary.load()
    classes = [c for c in (engine.folder.held_out if held_out else engine.class_ids) if c in library]
    if not classes:
        raise ConfigError(
            "The model knows none of the simulated parts." if not held_out else "The model names no held-out classes.",
            where="recognition.model",
            todo="Use the model that ships with the program, or replay captures.",
        )
    present: list[str] = []

    def told_kg() -> float | None:
        return library.get(present[0]).weight_kg if choice.source == "class" and present else choice.kg

    recognizer = engine if choice.source == "scale" else GivenWeight(engine, told_kg)
    listener = Listener()
    with ExitStack() as stack:
        running = start_simulated(
            stack,
            loaded,
            recognizer,
            seed=seed,
            with_scale=choice.source is not None,
            on_part=listener.hear,
            calibrations=CalibrationStore(loaded.demo_dir / CALIBRATIONS),
        )
        require_calibration(running)
        assert running.simulation is not None
        rng = random.Random(f"{seed} {held_out}")
        order = _balanced_order(classes, count, rng)
        for class_id in order:
            _await_empty(running)
            # What was still being looked at when the part before went away is no answer for the next one.
            listener.forget()
            present[:] = [class_id]
            running.simulation.place(class_id, rng.randrange(2**31), moving=False)
            truth = _truth(running.simulation.truth())
            part = listener.next(running.workflow, _PART_S)
            if part is None:
                # One part that the station does not take for one must not cost the others.
                said = f"{class_id} was not recognised within {_PART_S:g} s: {running.workflow.status.message}"
                print(f"simulation: {Outcome.ERROR.value} {said}", file=sys.stderr, flush=True)
                yield {**unread_line(f"sim-{seed}-{class_id}", said, engine.model_id), "truth": truth}
                running.simulation.clear()
                continue
            if choice.source != "scale":
                part = dataclasses.replace(part, weight_kg=told_kg())
            _say(part)
            yield _line(part, choice.source, engine, truth)
            running.simulation.clear()


def _balanced_order(classes: list[str], count: int, rng: random.Random) -> list[str]:
    """Draw classes in shuffled rounds, so that each comes before any comes again."""
    rounds = -(-count // len(classes))
    drawn = [class_id for _ in range(rounds) for class_id in rng.sample(classes, len(classes))]
    return drawn[:count]


def _await_empty(running: RunningStation) -> None:
    status = running.workflow.status
    while status.state is not PartState.EMPTY:
        newer = running.workflow.wait_newer(status.sequence, _EMPTY_S)
        if newer is None:
            raise StationError(
                f"The plate was not seen empty within {_EMPTY_S:g} s.", where="simulation", todo=status.message
            )
        status = newer


def _truth(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told["parts"][0], "brightness": told["brightness"]}


def _real(loaded: LoadedSettings, engine: Engine, count: int | None, choice: WeightChoice) -> Iterator[dict[str, Any]]:
    listener = Listener()
    recognizer = engine if choice.source == "scale" else GivenWeight(engine, lambda: choice.kg)
    with ExitStack() as stack:
        with_scale = choice.source is not None
        running = start_real(stack, loaded, recognizer, with_scale=with_scale, on_part=listener.hear)
        require_calibration(running)
        done = 0
        while count is None or done < count:
            part = listener.next(running.workflow, _PART_S)
            if part is None:
                continue
            if choice.source != "scale":
                part = dataclasses.replace(part, weight_kg=choice.kg)
            _say(part)
            yield _line(part, choice.source, engine)
            done += 1


def _line(
    part: CapturedPart, weight_source: str | None, engine: Engine, truth: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    names = {c.class_id: c.name for c in engine.folder.classes}
    return answer_line(part, weight_source=weight_source, model_id=engine.model_id, names=names, truth=truth)


def _say(part: CapturedPart) -> None:
    print(f"{part.capture_id}: {part.outcome.value} {part.message}".rstrip(), file=sys.stderr, flush=True)
