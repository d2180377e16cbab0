"""Part master: what each part class is called, how it looks, and how to find it."""

from station.parts.master import PartMaster
from station.parts.record import Author, Change, PartRecord

__all__ = ["Author", "Change", "PartMaster", "PartRecord"]
