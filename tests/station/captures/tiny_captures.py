"""Captures of a few bytes with whole records: for what looks at names and hashes and never at pictures."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from station.captures.place import Place
from station.captures.record import CaptureRecord, content_hash
from station.frames import ROLES

ENDINGS = ("rgb.png", "depth.png", "rgb_mask_gen.png", "meta.json")


def write_tiny(
    root: Path, place: Place, capture_id: str, *, folder: str | None = None, roles: tuple[str, ...] = ROLES[:2]
) -> Path:
    """Write a capture at its place, or in ``folder`` of the tree; returns its folder."""
    path = root / (folder or place.folder)
    files: dict[str, str] = {}
    for role in roles:
        (path / role).mkdir(parents=True)
        for ending in ENDINGS:
            name = f"{role}/{role[-2:]}_{ending}"
            content = f"{capture_id} {name}".encode()
            (path / name).write_bytes(content)
            files[name] = hashlib.sha256(content).hexdigest()
    record = CaptureRecord.model_validate(
        {
            "capture_id": capture_id,
            **place.label(),
            "origin": "rig",
            "taken_at": datetime(2026, 3, 1, 8, 0, len(capture_id) % 60, tzinfo=UTC),
            "missing": [role for role in ROLES if role not in roles],
            "weight_kg": 0.5,
            "files": files,
            "content_hash": content_hash(files),
        }
    )
    (path / "capture.json").write_bytes(record.to_bytes())
    return path


def write_class(root: Path, class_id: str, **meta: object) -> None:
    """Write the class's description."""
    folder = root / "sets" / class_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meta.json").write_text(json.dumps(meta))


def write_tiny_tree(root: Path) -> Path:
    """Write two classes, a capture in the review queue and one in the trash."""
    write_class(root, "pump", name="Pump", number="12-3", super_class=["Car"], description={"Colours": ["Grey"]})
    for rotation in range(3):
        write_tiny(root, Place("pump", "train", 0, rotation), f"pump-train-{rotation}")
    write_tiny(root, Place("pump", "valid", number=0), "pump-valid-0")
    write_tiny(root, Place("gear", "train", 0, 0), "gear-train-0")
    write_tiny(root, Place("gear", "train", 0, 1), "waiting", folder=".review/waiting")
    write_tiny(root, Place("gear", "test", number=4), "thrown", folder=".trash/thrown")
    return root
