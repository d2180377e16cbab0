"""The scale: protocols of the makers, the driver on a serial line, stability, zero and tare."""

from station.scale.driver import SerialScale
from station.scale.source import ScaleSource

__all__ = ["ScaleSource", "SerialScale"]
