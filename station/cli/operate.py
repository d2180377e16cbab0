"""``station operate``: the operator window on the real rig."""

from __future__ import annotations

from contextlib import ExitStack

import typer
from platformdirs import user_state_path
from rich.console import Console

from recognition.engine.in_use import EngineInUse
from station.cli.assembly import engine_or_reason, start_real
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.model_parts import add_unrecorded
from station.cli.window import check_store, window_handles
from station.datadir import DataDir
from station.journal_writer import JournalWriter
from station.logs import log_to_folder
from station.parts import PartMaster
from ui.app import run


def operate(config: ConfigOption = None) -> None:
    """Open the operator window on the cameras and the scale of station.toml."""
    say = Console(stderr=True)
    loaded = chosen_settings(config)
    recognizer, model_trouble = engine_or_reason(loaded, compiled=True)
    with ExitStack() as stack:
        if isinstance(recognizer, EngineInUse):
            stack.callback(recognizer.stop)  # its compiler, too, if the cameras do not start
        data = stack.enter_context(DataDir.open(loaded.data_dir))
        log_to_folder(data.logs)
        parts = PartMaster(data.parts, data.references)
        stack.callback(parts.close)
        if isinstance(recognizer, EngineInUse):
            add_unrecorded(parts, recognizer.folder.classes)
            recognizer.listen(lambda model: add_unrecorded(parts, model.classes))
        rescue = data.journal_rescue(user_state_path("station", appauthor=False))
        journal = JournalWriter(data.journal, rescue, operators=loaded.settings.privacy.operators)
        stack.callback(journal.stop)
        journal.start()
        say.print("Starting the cameras …")
        running = start_real(stack, loaded, recognizer, journal=journal, checks=check_store(loaded, data))
        handles = window_handles(
            stack,
            loaded,
            data,
            recognizer,
            running,
            parts,
            model_trouble=model_trouble,
            named_calibration=loaded.named_calibration,
        )
        code = run(handles)
    raise typer.Exit(code)
