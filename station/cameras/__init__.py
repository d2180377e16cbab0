"""Camera sources behind one protocol: RealSense hardware, the simulated rig, replay of captures and recordings."""

from station.cameras.source import CameraSource

__all__ = ["CameraSource"]
