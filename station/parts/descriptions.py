"""A class's ``meta.json`` in the tree of captures, made from its record, and a record made from it."""

from __future__ import annotations

from station.captures.class_meta import ClassMeta
from station.parts.record import PartRecord


def meta_of(record: PartRecord, former: ClassMeta | None = None) -> ClassMeta:
    """Return a class's description: edges in millimetres, weight in kilograms; what only ``former`` knows stays."""
    told = {
        "name": record.name,
        "number": record.number,
        "super_class": record.super_class,
        "description": record.description,
        "weight": record.weight_kg,
        "size": None if record.size_m is None else tuple(round(edge * 1000.0, 3) for edge in record.size_m),
    }
    return ClassMeta.model_validate({**(former.model_dump() if former else {}), **told})


def record_of(class_id: str, meta: ClassMeta) -> PartRecord:
    """Return a class's record; without a number of its own it has its id."""
    edges = sorted((round(edge / 1000.0, 9) for edge in meta.size or ()), reverse=True)
    return PartRecord(
        class_id=class_id,
        number=meta.number or class_id,
        name=meta.name,
        super_class=meta.super_class,
        description=dict(meta.description),
        weight_kg=meta.weight,
        size_m=(edges[0], edges[1], edges[2]) if edges else None,
    )
