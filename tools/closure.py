"""Which packages the project needs, directly and through others, as installed in this environment."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
BROUGHT_BY_TORCH = ("nvidia-", "cuda-", "triton")
"""CUDA's packages: torch's own requirements pin each exactly, and only its CUDA builds have them."""


def direct_requirements(root: Path = ROOT) -> list[Requirement]:
    """Return what ``pyproject.toml`` asks for: to run, to develop and to build."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    texts: list[str] = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
        *project["build-system"]["requires"],
    ]
    return [Requirement(text) for text in texts]


def closure(requirements: Iterable[Requirement]) -> dict[str, Distribution]:
    """Return every installed package that the requirements reach, by normalised name.

    Raises PackageNotFoundError for one that should be installed and is not.
    """
    found: dict[str, Distribution] = {}
    done: set[tuple[str, str]] = set()
    waiting = [(requirement, extra) for requirement in requirements for extra in ("", *requirement.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in done or name.startswith(BROUGHT_BY_TORCH):
            continue
        done.add((name, extra))
        try:
            package = distribution(name)
        except PackageNotFoundError as error:
            raise PackageNotFoundError(f"{name}: run make setup") from error
        found[name] = package
        for text in package.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting.extend((needed, further) for further in ("", *needed.extras))
    return dict(sorted(found.items()))


def public_version(package: Distribution) -> str:
    """Return the version without a local tag: the pin fits the CPU and the CUDA build of torch."""
    return Version(package.version).public


def read_pins(text: str) -> dict[str, str]:
    """Return version by normalised name from the text of ``constraints.txt``."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines if line)}
