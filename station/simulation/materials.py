"""The materials parts are made of, by name, with their densities."""

from __future__ import annotations

from station.errors import SimulationError

COLOURS: tuple[str, ...] = ("black", "white", "red", "blue", "green", "yellow", "orange", "grey")

_BASE_DENSITY: dict[str, float] = {
    "steel": 7850.0,
    "steel_black": 7850.0,
    "stainless": 7900.0,
    "chrome": 7850.0,
    "brass": 8500.0,
    "bronze": 8800.0,
    "copper": 8900.0,
    "aluminium": 2700.0,
    "aluminium_black": 2700.0,
    "cast_iron": 7200.0,
    "zinc": 6700.0,
    "rubber": 1200.0,
}

MATERIAL_DENSITY: dict[str, float] = {
    **_BASE_DENSITY,
    **{f"plastic_{colour}": 1150.0 for colour in COLOURS},
    **{f"painted_{colour}": 7300.0 for colour in COLOURS},
}
"""Material name → density in kg/m³. ``painted_*`` is painted iron or steel, ``steel_black`` blackened steel,
``zinc`` galvanised or die-cast zinc, ``aluminium_black`` black anodised aluminium."""


def density(material: str) -> float:
    """Return the density of a material in kg/m³.

    Raises:
        SimulationError: the material has no entry.
    """
    try:
        return MATERIAL_DENSITY[material]
    except KeyError:
        known = ", ".join(sorted(MATERIAL_DENSITY))
        raise SimulationError(f"there is no material {material!r}; the known ones are {known}.") from None
