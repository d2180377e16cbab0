"""Checks of the Python side: interpreter, OpenCV, the window, the model, and the GPU; none of them is imported here."""

from __future__ import annotations

import re

from station.doctor.case import Case
from station.doctor.result import Check, broken, less, well

_FLOOR = (3, 11)
_QT_TIMEOUT_S = 60.0
_TORCH_TIMEOUT_S = 120.0
_X11 = ("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1", "libxcb-shape.so.0", "libxkbcommon-x11.so.0")
_OTHER_QT = ("PyQt5", "PyQt6", "PySide2")

_QT_CODE = """
import json
from PySide6 import QtCore, QtGui, QtWidgets
print(json.dumps({"version": QtCore.qVersion()}))
"""

_TORCH_CODE = """
import json
import torch
there = torch.cuda.is_available()
name, memory = "", 0
if there:
    about = torch.cuda.get_device_properties(0)
    name, memory = about.name, about.total_memory
print(json.dumps({"version": torch.__version__, "built": torch.version.cuda or "", "cuda": there, "name": name,
                  "memory": memory, "threads": torch.get_num_threads()}))
"""


def python(case: Case) -> Check:
    """The interpreter's version."""
    found = ".".join(map(str, case.machine.python))
    if case.machine.python[:2] < _FLOOR:
        return broken("python", f"Python {found}.", f"Use Python {_FLOOR[0]}.{_FLOOR[1]} or newer: make setup.")
    return well("python", f"Python {found} on {case.machine.platform}.")


def opencv(case: Case) -> Check:
    """One package alone may bring ``cv2``, and it must be the headless one."""
    found = list(case.machine.providers("cv2"))
    if not found:
        return broken("opencv", "No package brings cv2.", "Run: make setup.")
    if len(found) > 1:
        return broken(
            "opencv",
            f"{len(found)} packages bring cv2 and overwrite each other: {', '.join(found)}.",
            f"Uninstall all of them ({' '.join(found)}), then: make setup.",
        )
    if "headless" not in found[0]:
        return less(
            "opencv",
            f"{found[0]} brings Qt plugins of its own that get in the window's way.",
            f"Uninstall {found[0]}, then install opencv-python-headless: make setup.",
        )
    return well("opencv", f"{found[0]} {case.machine.version_of(found[0]) or ''}".strip() + ", and it alone.")


def qt(case: Case) -> Check:
    """The window's libraries: package, other Qt packages, plugins from elsewhere, and whether it loads."""
    machine = case.machine
    if machine.version_of("PySide6-Essentials") is None:
        return less("qt", "PySide6-Essentials is not installed; there is no window.", "Run: make setup.")
    strange = machine.environment.get("QT_QPA_PLATFORM_PLUGIN_PATH") or machine.environment.get("QT_PLUGIN_PATH")
    if strange:
        return less("qt", f"The environment sends Qt to the plugins in {strange}.", "Unset QT_PLUGIN_PATH and its kin.")
    answer = machine.ask(_QT_CODE, _QT_TIMEOUT_S)
    if answer.data is None:
        missing = re.search(r"lib[\w.+-]+\.so[\w.]*", answer.trouble)
        fix = f"Install the package with {missing[0]}; make setup prints the line." if missing else "Run: make setup."
        return broken("qt", f"PySide6 does not load: {answer.trouble}.", fix)
    absent = [name for name in _X11 if not machine.loads(name)] if machine.environment.get("DISPLAY") else []
    if absent:
        return broken(
            "qt", f"There is a display, but not {', '.join(absent)}.", "Run make setup, which prints the line."
        )
    others = [name for name in _OTHER_QT if machine.version_of(name)]
    if others:
        return less("qt", f"Beside PySide6 there is {', '.join(others)}.", f"Uninstall {' '.join(others)}.")
    return well("qt", f"Qt {answer.data.get('version', '')} loads.")


def model_and_gpu(case: Case) -> list[Check]:
    """Ask torch once, in a child process, for itself and for the GPU."""
    machine = case.machine
    driver = machine.read("proc/driver/nvidia/version") is not None or machine.path("dev/nvidia0").exists()
    if machine.version_of("torch") is None:
        no_torch = broken("torch", "torch is not installed; nothing can be recognised.", "Run: make setup.")
        return [no_torch, less("cuda", "Without torch the GPU cannot be asked.", "Run: make setup.")]
    answer = machine.ask(_TORCH_CODE, _TORCH_TIMEOUT_S)
    if answer.data is None:
        failed = broken("torch", f"torch does not load: {answer.trouble}.", "Run: make setup.")
        return [failed, less("cuda", "As torch does not load, the GPU cannot be asked.", "See torch.")]
    data = answer.data
    torch = well("torch", f"torch {data.get('version', '')}, {data.get('threads', '?')} threads.")
    if data.get("cuda"):
        memory = float(data.get("memory", 0)) / 2**30
        return [torch, well("cuda", f"{data.get('name', 'GPU')}, {memory:.0f} GiB, CUDA {data.get('built', '')}.")]
    wanted = case.settings.recognition.device == "cuda"
    if driver:
        built = data.get("built")
        why = f"torch is built for CUDA {built}" if built else "torch is a build for the CPU"
        fix = "Update the driver." if built else "Install the CUDA build of the same torch version."
        return [torch, (broken if wanted else less)("cuda", f"There is a GPU that torch cannot use: {why}.", fix)]
    words = "No CUDA GPU was found; recognition runs on the CPU, more slowly."
    fix = "Set device to auto under [recognition]." if wanted else "Nothing, if that is fast enough."
    return [torch, (broken if wanted else less)("cuda", words, fix)]
