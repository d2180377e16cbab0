"""Writes ``THIRD_PARTY_NOTICES.md`` from the pinned packages: name, version, licence, home page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import Distribution

from packaging.utils import canonicalize_name

from tools.closure import ROOT, closure, direct_requirements, public_version, read_pins

HEADER = """\
# Third-party notices

This project's own code is under the Apache License 2.0 (`LICENSE`). It contains no third-party code; it installs and
uses the packages below, each under its own licence, which pip puts beside the package. Written by
`make constraints` from `constraints.txt`.

PySide6 (Qt for Python) is used under the LGPL-3.0: it is installed unchanged, as a separate package that the user can
replace. The CUDA packages that a CUDA build of torch brings are under NVIDIA's own terms.

The part library was drawn with build123d and bd_warehouse (Apache-2.0), which are needed only to make it again and
are not installed.

| package | version | licence | home page |
|---|---|---|---|
"""
_PAGES = ("homepage", "source", "repository", "source-code", "source code", "github", "documentation")


def licence(package: Distribution) -> str:
    """Return the package's own statement of its licence: the expression, else the short name, else the classifiers."""
    meta = package.metadata
    expression = meta.get("License-Expression") or ""
    if expression:
        return expression
    stated = [
        text.split("::")[-1].strip() for text in meta.get_all("Classifier") or [] if text.startswith("License ::")
    ]
    named = (meta.get("License") or "").strip()
    if named and "\n" not in named and len(named) <= 60:
        return named
    return ", ".join(stated) or "see the package"


def home_page(package: Distribution) -> str:
    """Return the package's home page, or where its source lies; empty when it names none."""
    links = dict(link.split(", ", 1) for link in package.metadata.get_all("Project-URL") or [])
    by_name = {name.lower(): address for name, address in links.items()}
    return package.metadata.get("Home-page") or next((by_name[name] for name in _PAGES if name in by_name), "")


def notices(pins: Mapping[str, str], packages: Mapping[str, Distribution]) -> str:
    """Return the text of the file; raises ValueError when a pinned package is not installed at its version."""
    rows: list[str] = []
    for name, version in pins.items():
        package = packages.get(canonicalize_name(name))
        if package is None or public_version(package) != version:
            raise ValueError(f"{name}=={version} is pinned and not installed so: run make setup, then make constraints")
        page = home_page(package)
        rows.append(
            f"| {package.metadata['Name']} | {version} | {licence(package)} | {f'<{page}>' if page else ''} |\n"
        )
    return HEADER + "".join(rows)


def main() -> None:
    """Write the file."""
    pins = read_pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    (ROOT / "THIRD_PARTY_NOTICES.md").write_text(notices(pins, closure(direct_requirements())), encoding="utf-8")
    print(f"THIRD_PARTY_NOTICES.md: {len(pins)} packages")


if __name__ == "__main__":
    main()
