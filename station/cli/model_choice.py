"""Which model a command line means."""

from __future__ import annotations

from pathlib import Path


def chosen_model(model: str, config: Path | None) -> Path:
    """Return the folder of ``model``: a folder, 'demo', or 'active' for the one in station.toml."""
    from station.cli.assembly import DEMO_MODEL, model_folder, shipped_model
    from station.cli.configuration import chosen_settings

    if model == "active":
        return model_folder(chosen_settings(config))
    return shipped_model() if model == DEMO_MODEL else Path(model)
