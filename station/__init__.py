"""The rig and the work at it: cameras, scale, workflow, captures. Knows no Qt and no torch."""

__version__ = "0.1.0"
