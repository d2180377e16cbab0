"""``station captures``: look at the data set, check it, and change what its captures are called."""

from station.cli.captures.app import app

__all__ = ["app"]
