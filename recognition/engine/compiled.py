"""The model compiled for this processor by torch's own compiler, where there is a C++ compiler; never required.

Compiling takes minutes and both cores, so a child process does it, politely, and the first parts are answered without
it. What it makes is kept in the user's cache, by model, torch and processor, and is loaded at the next start at once.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from platformdirs import user_cache_path
from torch import Tensor

from recognition.engine.asking import StreamVectors
from recognition.engine.cpu import Way, bf16_in_hardware
from recognition.engine.trial import made_up_views
from recognition.models.folding import Streams, folded
from recognition.registry import ModelFolder, load_model
from station.frames import ROLES

_log = logging.getLogger(__name__)

_LONGEST_S = 3600.0
_KEPT = 4
_COMPILERS = ("c++", "g++", "clang++")


def compiler() -> str | None:
    """Return the C++ compiler that torch would use, if a small program can be compiled with it; else ``None``."""
    named = os.environ.get("CXX")
    for name in (named,) if named else _COMPILERS:
        path = shutil.which(name)
        if path is not None and _compiles(path):
            return path
    return None


def _compiles(path: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "trial.cpp"
        source.write_text("#include <vector>\nint main() { return static_cast<int>(std::vector<int>().size()); }\n")
        command = [path, "-fopenmp", "-shared", "-fPIC", str(source), "-o", str(source.with_suffix(".so"))]
        try:
            return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False


def package_of(model_id: str, cache: Path | None = None) -> Path:
    """Return where the compiled form of a model lies for this torch and this processor, whether it is there or not."""
    described = f"{torch.__version__} {torch.backends.cpu.get_cpu_capability()} {bf16_in_hardware()} {_capabilities()}"
    machine = hashlib.sha256(described.encode()).hexdigest()[:12]
    root = cache or user_cache_path("station", appauthor=False) / "compiled"
    return root / f"{model_id}-{machine}-{torch.get_num_threads()}.pt2"


def _capabilities() -> str:
    return str(sorted(cast(dict[str, Any], getattr(torch.cpu, "get_capabilities", dict)()).items()))


def number_format() -> torch.dtype:
    """Return the number format that is compiled for."""
    return torch.bfloat16 if bf16_in_hardware() else torch.float32


def make_package(folder: ModelFolder, target: Path) -> None:
    """Compile a model for all of the rig's views; raises what torch's compiler raises. Meant for a child process."""
    from torch import export
    from torch._inductor import aoti_compile_and_package  # pyright: ignore[reportPrivateImportUsage]

    dtype, last = number_format(), torch.channels_last
    graph = folded(Streams(folder.model)).to(dtype=dtype, memory_format=last)  # pyright: ignore[reportCallIssue]
    views = tuple(one.to(dtype, memory_format=last) for one in made_up_views(folder.config, len(ROLES)))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with torch.no_grad(), tempfile.TemporaryDirectory(dir=target.parent) as building:
        made = Path(building) / "model.pt2"
        settings = {"freezing": True}
        aoti_compile_and_package(export.export(graph, views), package_path=str(made), inductor_configs=settings)
        made.replace(target)
    for former in sorted(target.parent.glob("*.pt2"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        former.unlink(missing_ok=True)


def load_package(folder: ModelFolder, package: Path, otherwise: Way) -> Way:
    """Return the compiled way; parts that lack a camera go the way ``otherwise``. Raises what torch raises."""
    from torch._inductor import aoti_load_package  # pyright: ignore[reportPrivateImportUsage]

    run = cast(Callable[[Tensor, Tensor], StreamVectors], aoti_load_package(str(package)))
    dtype = number_format()

    def streams(color: Tensor, depth: Tensor) -> StreamVectors:
        return run(color, depth) if len(color) == len(ROLES) else otherwise(color, depth)

    return Way(f"{'bf16' if dtype is torch.bfloat16 else 'fp32'} compiled", dtype, streams)


class Compilation:
    """Compiles one model in a child process of the lowest priority and tells when it is done."""

    def __init__(self, model: Path, package: Path, done: Callable[[Path], object]) -> None:
        """Begin; ``done`` is called with the package in a thread of its own, and not at all when it fails."""
        self._package = package
        self._done = done
        command = [sys.executable, "-m", "recognition.engine.compiled", str(model), str(package)]
        threads = str(torch.get_num_threads())
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "TORCHINDUCTOR_COMPILE_THREADS": "1"}
        self._child = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,  # with the compilers that it starts, so that all of them can be ended
        )
        self._thread = threading.Thread(target=self._wait, name="Model compilation")
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the child and the thread; harmless when both have ended."""
        self._end()
        self._thread.join(timeout_s)

    def _end(self) -> None:
        if self._child.poll() is not None:
            return
        if hasattr(os, "killpg"):
            os.killpg(self._child.pid, signal.SIGKILL)
        else:
            self._child.kill()

    def _wait(self) -> None:
        try:
            _, said = self._child.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            self._end()
            _, said = self._child.communicate()
        if self._child.returncode == 0 and self._package.is_file():
            self._done(self._package)
        elif self._child.returncode is not None and self._child.returncode >= 0:
            last = said.strip().splitlines()[-1:] or [""]
            _log.info("The model was not compiled; it runs without: %s", last[0])


def _main(arguments: list[str]) -> int:
    """Compile the model of a folder into a package."""
    if hasattr(os, "nice"):
        os.nice(19)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder  # hundreds of files that nobody needs when the package is made
        make_package(load_model(Path(arguments[0])), Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
