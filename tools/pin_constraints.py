"""Writes ``constraints.txt``: the whole closure of the project's requirements at the versions installed now."""

from __future__ import annotations

from tools.closure import ROOT, closure, direct_requirements, public_version

HEADER = """\
# The versions this project is tested with: everything that pyproject.toml reaches. Written by `make constraints`.
# torch is pinned exactly and without a build tag: pip takes the CPU build where one is at hand and CUDA's otherwise;
# the CUDA packages of the latter are pinned by torch itself.
"""


def main() -> None:
    """Write the file and say how many pins it holds."""
    packages = closure(direct_requirements())
    lines = [f"{package.metadata['Name']}=={public_version(package)}\n" for package in packages.values()]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(lines), encoding="utf-8")
    print(f"constraints.txt: {len(lines)} packages")


if __name__ == "__main__":
    main()
