"""The one place that imports torchvision.

PyPI's torchvision for Linux is compiled against CUDA torch. Beside a CPU torch its library cannot load, two operator
schemas are never registered, and the import dies. Declaring them is enough for its models, which are all that is used.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType
from typing import Any, cast

import torch

from station.errors import ModelError

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_kept: list[torch.library.Library] = []
"""Schemas are registered for as long as their library object lives."""


@cache
def torchvision_models() -> ModuleType:
    """Return ``torchvision.models``; raises ModelError when torchvision does not fit torch at all."""
    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    except ImportError as error:
        raise ModelError(f"torchvision cannot be imported: {error}.", todo="Run `make setup`.") from error
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # half-imported remains of the failed try
    library = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        cast(Any, library).define(schema)
    _kept.append(library)
    try:
        return importlib.import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:
        raise ModelError(
            f"torchvision cannot be imported beside torch {torch.__version__}: {error}.",
            todo="Install the pair named in constraints.txt.",
        ) from error
