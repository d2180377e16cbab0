"""``station calibrate``: print a board, solve the rig from pictures, check it, and choose the calibration in use."""

from station.cli.calibrate.app import app

__all__ = ["app"]
