"""A frameset and where the part lies in it, to a ranked list."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import torch

from recognition.confidence.judgement import Judgement
from recognition.confidence.relief import relief_of
from recognition.crops.cache import LIGHTEST_KG
from recognition.engine.compiled import Compilation, compiler, load_package, package_of
from recognition.engine.cpu import CpuRunner, plain_way
from recognition.engine.cuda import CudaRunner
from recognition.engine.fallback import Fallback
from recognition.engine.views import Runner, Scalars, views_of
from recognition.registry import ModelFolder, load_model
from station.errors import ModelError
from station.frames import FrameSet
from station.results import PartLocation, Recognition

_log = logging.getLogger(__name__)

RunnerMaker = Callable[[ModelFolder], Runner]


class Engine:
    """Answers with one model on one device; implements ``station.workflow.protocols.Recognizer``.

    What the device cannot do (its memory is full, it is lost, it gives no numbers) the processor does, and what its
    fast way cannot do, the model as it was trained; :attr:`trouble` says so. Not meant to be called from two threads
    at once.
    """

    def __init__(
        self,
        model: Path | ModelFolder,
        device: str = "auto",
        runners: Sequence[RunnerMaker] | None = None,
        *,
        compiled: bool = False,
    ) -> None:
        """Load the model from its folder and bring it to ``auto``, ``cpu`` or ``cuda``.

        ``runners`` are makers of what computes, the fastest first, in place of the device's own. With ``compiled`` and
        a C++ compiler a child process compiles the model of a folder for the processor meanwhile; parts are answered
        without until it has, and :meth:`close` ends it. Raises ModelError when the folder is damaged or the device is
        not there.
        """
        self.folder = folder = load_model(model) if isinstance(model, Path) else model
        self.device = device_for(device)
        self._processor: CpuRunner | None = None
        makers = runners or [*([CudaRunner] if self.device.type == "cuda" else []), self._on_processor, _plain]
        self._runners = Fallback([_maker(make, folder) for make in makers])
        self._judgement = Judgement(folder)
        self._compilation: Compilation | None = None
        if compiled and isinstance(model, Path) and self._processor is not None:
            self._compile(model)

    @property
    def model_id(self) -> str:
        """Id of the model that answers."""
        return self.folder.id

    @property
    def class_ids(self) -> tuple[str, ...]:
        """The classes that the model knows."""
        return tuple(c.class_id for c in self.folder.classes)

    @property
    def kind(self) -> str:
        """What computes the next answer, as ``cpu bf16 packed``."""
        return self._runners.kind

    @property
    def trouble(self) -> str:
        """Why the fastest way to compute is not used now, one sentence; empty while all is well."""
        return self._runners.trouble

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        """Return the ranked classes for the part that ``location`` found in ``frameset``.

        A weight that is too small for the scale's steps is left out. Raises ModelError when no view has a crop.
        """
        begun = perf_counter()
        views = views_of(frameset, location, self.folder.config)
        if not views.roles:
            raise ModelError("No view shows the part, so there is nothing to recognise.", todo="Check the cameras.")
        weight = weight_kg if weight_kg is not None and weight_kg >= LIGHTEST_KG else None
        ran = self._runners.run(views, Scalars(weight, location.size_m))
        computed = perf_counter()
        relief = relief_of(frameset.frames, location.cameras, location.mask) if self._judgement.compares else None
        answer = self._judgement.answer(ran.heads, ran.crops, relief, weight, location.size_m)
        seconds = {
            "preprocess": computed - begun - ran.forward_s,
            "forward": ran.forward_s,
            "judgement": perf_counter() - computed,
        }
        return replace(answer, timings_ms={stage: spent * 1e3 for stage, spent in seconds.items()})

    def close(self) -> None:
        """End what is under way beside the answers; harmless when nothing is."""
        if self._compilation is not None:
            self._compilation.stop()
        self._compilation = None

    def _on_processor(self, folder: ModelFolder) -> Runner:
        self._processor = CpuRunner(folder)
        return self._processor

    def _compile(self, model: Path) -> None:
        package = package_of(self.folder.id)
        if package.is_file() and self._take(package):
            return
        if compiler() is None:
            _log.info("There is no C++ compiler, so the model runs without being compiled.")
            return
        self._compilation = Compilation(model, package, self._take)

    def _take(self, package: Path) -> bool:
        """Use a compiled model if it does what it should; a fault of torch's is logged and nothing changes."""
        assert self._processor is not None
        try:
            return self._processor.offer(load_package(self.folder, package, self._processor.way))
        except Exception as fault:  # torch's compiler raises what it likes
            _log.warning("The compiled model cannot be used, it runs without: %s", fault)
            return False


def _maker(make: RunnerMaker, folder: ModelFolder) -> Callable[[], Runner]:
    return lambda: make(folder)


def _plain(folder: ModelFolder) -> Runner:
    return CpuRunner(folder, plain_way(folder))


def device_for(name: str) -> torch.device:
    """Return the device called ``auto``, ``cpu`` or ``cuda``; raises ModelError when it is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelError("CUDA was asked for, but torch sees no CUDA GPU.", todo="Set device = 'auto' or 'cpu'.")
    if name not in ("cpu", "cuda"):
        raise ModelError(f"There is no device {name!r}.", todo="Say auto, cpu or cuda.")
    return torch.device(name)
