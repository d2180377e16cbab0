"""The virtual scale's end of the line: a pseudo-terminal, or a TCP socket where there are none."""

from __future__ import annotations

import os
import select
import socket
import tempfile
from pathlib import Path
from typing import Literal, Protocol

from station.errors import SimulationError

Transport = Literal["pty", "tcp"]

DEFAULT_TRANSPORT: Transport = "tcp" if os.name == "nt" else "pty"
"""Windows has no pseudo-terminals; the branch is untested there, the TCP transport itself is tested on Linux."""


class ScaleLine(Protocol):
    """One end of a serial line; never blocks the scale."""

    @property
    def url(self) -> str:
        """What ``serial_for_url`` opens; stays the same when the line is closed and opened again."""
        ...

    def open(self) -> None:
        """Plug the line in."""
        ...

    def close(self) -> None:
        """Pull the line out, as seen from the other end; harmless when it is out."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """Return what the other end has written, waiting at most ``timeout_s`` seconds."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes; what the other end does not read in time is lost, as on a real line."""
        ...

    def remove(self) -> None:
        """Close the line for good and take away its name."""
        ...


class PtyLine:
    """Pseudo-terminal with a link as its stable name, like ``/dev/serial/by-id``."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="virtual-scale-")
        self._link = Path(self._folder.name) / "scale"
        self._master: int | None = None
        self._slave: int | None = None

    @property
    def url(self) -> str:
        """Path of the link."""
        return str(self._link)

    def open(self) -> None:
        """Make a new terminal and point the link at it."""
        if self._master is not None:
            return
        if os.name == "nt":
            raise SimulationError("Windows has no pseudo-terminals.", todo="Use transport='tcp'.")
        import tty

        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        fresh = self._link.with_suffix(".new")
        fresh.symlink_to(os.ttyname(slave))
        fresh.replace(self._link)
        self._master, self._slave = master, slave

    def close(self) -> None:
        """Close both ends; who reads the terminal gets an input/output error."""
        self._link.unlink(missing_ok=True)
        for descriptor in (self._master, self._slave):
            if descriptor is not None:
                os.close(descriptor)
        self._master = self._slave = None

    def read(self, timeout_s: float) -> bytes:
        """Return what was written to the terminal."""
        if self._master is None:
            return b""
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        return os.read(self._master, 4096) if ready else b""

    def write(self, data: bytes) -> None:
        """Send bytes; a full terminal drops them."""
        if self._master is not None:
            try:
                os.write(self._master, data)
            except BlockingIOError:
                return

    def remove(self) -> None:
        """Close the terminal and remove the link's folder."""
        self.close()
        self._folder.cleanup()


class TcpLine:
    """TCP server on the loopback with one client at a time."""

    def __init__(self) -> None:
        self._port = 0
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def url(self) -> str:
        """``socket://`` address; known after the first ``open``."""
        return f"socket://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen, on the same port as before."""
        if self._server is None:
            self._server = socket.create_server(("127.0.0.1", self._port), backlog=1)
            self._port = self._server.getsockname()[1]

    def close(self) -> None:
        """Drop the client and stop listening."""
        for end in (self._client, self._server):
            if end is not None:
                end.close()
        self._client = self._server = None

    def read(self, timeout_s: float) -> bytes:
        """Return what the client sent; lets a new client in when there is none."""
        if self._server is None:
            return b""
        ready, _, _ = select.select([self._server, *([self._client] if self._client else [])], [], [], timeout_s)
        if self._server in ready:
            if self._client is not None:
                self._client.close()
            self._client, _ = self._server.accept()
            self._client.setblocking(False)
            return b""
        if self._client is None or self._client not in ready:
            return b""
        try:
            data = self._client.recv(4096)
        except (BlockingIOError, ConnectionError):
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def write(self, data: bytes) -> None:
        """Send bytes to the client, if there is one that reads."""
        if self._client is None:
            return
        try:
            self._client.send(data)
        except BlockingIOError:
            return
        except ConnectionError:
            self._client.close()
            self._client = None

    def remove(self) -> None:
        """Close everything."""
        self.close()


def open_line(transport: Transport) -> ScaleLine:
    """Return an open line of the wanted kind."""
    line: ScaleLine = PtyLine() if transport == "pty" else TcpLine()
    line.open()
    return line
