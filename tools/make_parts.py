"""Make the committed parts library ``station/simulation/data/parts.npz`` from CAD.

build123d and bd_warehouse are needed here and nowhere else, so they live in an environment of their own::

    python3 -m venv cad && cad/bin/pip install "build123d==0.13.*" "bd_warehouse==0.4.*" trimesh scipy
    cad/bin/python tools/make_parts.py
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import part_families_assemblies  # noqa: E402
import part_families_castings  # noqa: E402
import part_families_drive  # noqa: E402
import part_families_fasteners  # noqa: E402
import part_families_formed  # noqa: E402
from part_pack import write_pack  # noqa: E402
from part_recipe import Recipe, build_part  # noqa: E402

FAMILIES = (
    part_families_assemblies,
    part_families_castings,
    part_families_drive,
    part_families_fasteners,
    part_families_formed,
)

# Kept back from the demo model: four that have a near neighbour among the known classes, eight unlike any of them.
HELD_OUT = (
    "bearing_6204_2rs",
    "hex_screw_m10x60",
    "offset_bracket_left",
    "plate_100x60_5",
    "caster_80",
    "crane_hook_130",
    "handwheel_160",
    "oil_filter_80",
    "pressure_gauge_63",
    "shift_fork_104",
    "universal_joint_28",
    "wing_nut_m10",
)


def all_recipes() -> list[Recipe]:
    """Return every class, sorted by class id."""
    found = [recipe for module in FAMILIES for recipe in module.recipes()]
    names = [recipe.class_id for recipe in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"class ids used twice: {sorted(twice)}")
    return sorted(found, key=lambda recipe: recipe.class_id)


def mutual_neighbours(recipes: list[Recipe]) -> dict[str, list[str]]:
    """Return class id → ids of its neighbours, both ways."""
    known = {recipe.class_id for recipe in recipes}
    pairs: dict[str, set[str]] = defaultdict(set)
    for recipe in recipes:
        for other in recipe.near:
            if other not in known or other == recipe.class_id:
                raise SystemExit(f"{recipe.class_id}: unknown neighbour {other!r}")
            pairs[recipe.class_id].add(other)
            pairs[other].add(recipe.class_id)
    return {class_id: sorted(others) for class_id, others in pairs.items()}


def main() -> None:
    """Build every part and write the pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "station/simulation/data/parts.npz")
    parser.add_argument("--only", default="", help="build only classes whose id contains this (to look at them)")
    options = parser.parse_args()
    chosen = [recipe for recipe in all_recipes() if options.only in recipe.class_id]
    parts = []
    for recipe in chosen:
        start = time.perf_counter()
        part = build_part(recipe)
        parts.append(part)
        edges = " × ".join(f"{1000 * edge:.0f}" for edge in sorted(part.vertices.max(0) - part.vertices.min(0))[::-1])
        spent = time.perf_counter() - start
        print(
            f"{recipe.class_id:34s} {edges:>16s} mm {part.weight_kg:8.4f} kg {len(part.faces):6d} faces {spent:5.1f} s"
        )
    neighbours = mutual_neighbours(all_recipes())
    write_pack(options.out, parts, neighbours, HELD_OUT if not options.only else ())
    print(f"{len(parts)} classes, {options.out.stat().st_size / 1e6:.2f} MB: {options.out}")


if __name__ == "__main__":
    main()
