from __future__ import annotations

from tools.closure import ROOT, closure, direct_requirements, public_version, read_pins
from tools.make_notices import notices

PINS = read_pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))


def test_every_package_the_project_reaches_is_pinned_at_the_installed_version() -> None:
    installed = {name: public_version(package) for name, package in closure(direct_requirements()).items()}
    assert installed.items() <= PINS.items()


def test_torch_is_pinned_without_a_build_tag() -> None:
    assert PINS["torch"] == "2.13.0"


def test_the_notices_are_in_step_with_the_pins() -> None:
    written = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    assert written == notices(PINS, closure(direct_requirements()))


def test_every_direct_dependency_has_its_sentence() -> None:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    assert [r.name for r in direct_requirements() if f"| {r.name.lower()} |" not in text] == []
