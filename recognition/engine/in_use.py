"""The engine of the model in use: another model is loaded beside it and takes its place between two parts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from recognition.engine.engine import Engine
from recognition.model_store import ModelStore
from recognition.registry import ModelFolder
from station.errors import ModelError, StationError
from station.frames import FrameSet
from station.results import PartLocation, Recognition

_log = logging.getLogger(__name__)

_LOOK_S = 1.0

OnModel = Callable[[ModelFolder], object]


class EngineInUse:
    """Answers with the model in use; implements ``station.workflow.protocols.Recognizer``.

    After :meth:`start` a thread named ``Model watch`` looks whether another model was chosen, loads and warms it up,
    and only then hands it over: a part is answered by one model from beginning to end, the old one until the new one is
    ready. A model that cannot be loaded is refused in :attr:`trouble`, and the old one stays.
    """

    def __init__(self, store: ModelStore, make: Callable[[Path], Engine], look_s: float = _LOOK_S) -> None:
        """Load the model in use with ``make``; raises ModelError when that cannot be done."""
        self._store = store
        self._make = make
        self._look_s = look_s
        self._mark = store.mark()
        self._engine = make(store.folder_of(store.active))
        self._refused = ""
        self._listeners: list[OnModel] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def model_id(self) -> str:
        """Id of the model that answers the next part."""
        return self._engine.model_id

    @property
    def class_ids(self) -> tuple[str, ...]:
        """The classes that this model knows."""
        return self._engine.class_ids

    @property
    def folder(self) -> ModelFolder:
        """The model itself."""
        return self._engine.folder

    @property
    def kind(self) -> str:
        """What computes the next answer, as ``cpu bf16 packed``."""
        return self._engine.kind

    @property
    def trouble(self) -> str:
        """What is wrong with the device or with a model that was to be used, in sentences; empty while all is well."""
        return " ".join(said for said in (self._engine.trouble, self._refused) if said)

    def listen(self, listener: OnModel) -> None:
        """Tell ``listener`` of every model that is taken into use from now on, in the watching thread."""
        self._listeners.append(listener)

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        """Return the ranked classes of the model that is in use at this moment; see :meth:`Engine.recognize`."""
        engine = self._engine  # held for this part, whatever is handed over meanwhile
        return engine.recognize(frameset, location, weight_kg)

    def start(self) -> None:
        """Begin to watch for another choice; harmless when begun already."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._watch, name="Model watch")
            self._thread.start()

    def stop(self, timeout_s: float = 60.0) -> None:
        """Stop watching, and wait for a model that is being loaded.

        Raises StationError when the thread does not end.
        """
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise StationError("The thread that loads models does not end.", todo="Restart the program.")
        self._thread = None
        self._engine.close()

    def look(self) -> None:
        """Take another model into use if one was chosen; the watching thread does so by itself."""
        mark = self._store.mark()
        if mark == self._mark:
            return
        self._mark = mark
        name = "?"
        try:
            name = self._store.active
            engine = self._make(self._store.folder_of(name))
        except Exception as fault:
            if not isinstance(fault, ModelError):
                _log.exception("Loading model %s failed", name)
            self._refused = f"The model {name!r} was not taken into use, {self.model_id} goes on answering: {fault}"
            _log.warning("%s", self._refused)
            return
        self._refused = ""
        former, self._engine = self._engine, engine
        former.close()
        _log.info("Model %s answers from now on, in place of %s.", engine.model_id, former.model_id)
        for listener in self._listeners:
            listener(engine.folder)

    def _watch(self) -> None:
        while not self._stopping.wait(self._look_s):
            try:
                self.look()
            except Exception:
                _log.exception("Looking for another model failed")
