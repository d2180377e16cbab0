"""What the station and its render process say to each other: JSON lines over a pipe."""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from typing import Any, Literal

Message = dict[str, Any]
"""``{"say": what, ...}``; see the functions of :mod:`station.simulation.process` and ``live_feed`` for the words."""

Intruder = Literal["arm", "cable"]
"""What may reach over the plate."""


def send(connection: Connection, say: str, **values: Any) -> None:
    """Send one message; raises OSError when the other side is gone."""
    connection.send_bytes(json.dumps({"say": say, **values}).encode())


def receive(connection: Connection) -> Message:
    """Wait for one message; raises EOFError or OSError when the other side is gone."""
    message: Message = json.loads(connection.recv_bytes())
    return message
