"""Ten cameras as one: latest frames, matched framesets, states."""

from station.acquisition.rig import Rig

__all__ = ["Rig"]
