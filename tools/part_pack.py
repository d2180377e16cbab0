"""Write built parts as one packed file that ``station.simulation.library`` reads.

Arrays of the pack (N classes, concatenated in the order of the index):

* ``metadata`` uint8: JSON index with schema, held_out and per class its texts and its counts of vertices, faces, poses;
* ``vertices`` uint16 (ΣV, 3): steps from ``origin`` (N, 3) of size ``step`` (N,), metres;
* ``faces`` uint16 (ΣF, 3), ``zones`` uint8 (ΣF,);
* ``pose_rotation`` float32 (ΣP, 3, 3), ``pose_chance`` float32 (ΣP,).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from part_recipe import BuiltPart

from station.simulation.library import SCHEMA
from station.simulation.stable_poses import find_stable_poses


def write_pack(
    file: Path,
    parts: Sequence[BuiltPart],
    neighbours: dict[str, list[str]],
    held_out: Sequence[str],
) -> None:
    """Write the pack, with the stable poses of every part."""
    vertices, faces, zones, rotations, chances, origins, steps, index = [], [], [], [], [], [], [], []
    for part in parts:
        low = part.vertices.min(axis=0)
        step = float(np.ptp(part.vertices, axis=0).max()) / 65535
        grid = np.round((part.vertices - low) / step).astype(np.uint16)
        poses = find_stable_poses(grid * step + low, part.faces)
        if len(grid) > 65535:
            raise SystemExit(f"{part.recipe.class_id}: {len(grid)} vertices do not fit 16 bit.")
        vertices.append(grid)
        faces.append(part.faces.astype(np.uint16))
        zones.append(part.zones)
        origins.append(low)
        steps.append(step)
        rotations.extend(pose.rotation for pose in poses)
        chances.extend(pose.probability for pose in poses)
        index.append(
            {
                "class": part.recipe.class_id,
                "number": part.number,
                "name": part.recipe.name,
                "super_class": list(part.recipe.super_class),
                "tags": part.tags,
                "family": part.recipe.family,
                "neighbours": sorted(neighbours.get(part.recipe.class_id, [])),
                "weight_kg": round(part.weight_kg, 7),
                "zone_materials": list(part.zone_materials),
                "vertices": len(grid),
                "faces": len(part.faces),
                "poses": len(poses),
            }
        )
    metadata = {"schema": SCHEMA, "held_out": sorted(held_out), "classes": index}
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        file,
        metadata=np.frombuffer(json.dumps(metadata, separators=(",", ":")).encode(), dtype=np.uint8),
        vertices=np.concatenate(vertices),
        faces=np.concatenate(faces),
        zones=np.concatenate(zones),
        origin=np.array(origins, dtype=np.float64),
        step=np.array(steps, dtype=np.float64),
        pose_rotation=np.array(rotations, dtype=np.float32),
        pose_chance=np.array(chances, dtype=np.float32),
    )
