"""The engine: a frameset and where the part lies in it, to a ranked list."""

from recognition.engine.engine import Engine, device_for

__all__ = ["Engine", "device_for"]
