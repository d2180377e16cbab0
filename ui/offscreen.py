"""The same window without a screen: it lives, is waited for, and is saved as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEventLoop, QTimer

from station.errors import StorageError
from ui.app import make_application
from ui.handles import StationHandles
from ui.language import Language
from ui.shell import MainWindow
from ui.theme import Theme, wanted_theme

_LOOK_MS = 20


def display_available(environ: Mapping[str, str], platform: str) -> bool:
    """Return whether a window can be shown; ``platform`` is ``sys.platform``."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


class OffscreenWindow:
    """The operator window on Qt's offscreen platform; a context manager that closes it."""

    def __init__(self, handles: StationHandles, width: int = 1280, height: int = 800) -> None:
        application = make_application(["station", "-platform", "offscreen"])
        theme = Theme(application, wanted_theme(handles.theme))
        self.window = MainWindow(handles, theme, Language(application, handles.language))
        self.window.resize(width, height)
        self.window.show()

    def __enter__(self) -> OffscreenWindow:
        """Return the shown window."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the window."""
        self.window.close()
        self.window.deleteLater()

    def wait_for(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Let the window live until ``done()``; returns whether that came within ``timeout_s`` seconds."""
        if done():
            return True
        loop = QEventLoop()
        met: list[bool] = []

        def look() -> None:
            if done():
                met.append(True)
                loop.quit()

        looking = QTimer()
        looking.timeout.connect(look)
        looking.start(_LOOK_MS)
        QTimer.singleShot(round(timeout_s * 1000), loop, loop.quit)
        loop.exec()
        looking.stop()
        return bool(met)

    def save_picture(self, path: Path) -> Path:
        """Save the window as it is now as PNG; raises StorageError when the file cannot be written."""
        self.window.refresh()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self.window.grab().save(str(path), "PNG"):
            text = "The picture of the window could not be written."
            raise StorageError(text, where=str(path), todo="Is the disk full, or the folder read-only?")
        return path
