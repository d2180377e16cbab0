"""Starts the interface on a screen."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Mapping
from types import TracebackType

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from ui.assign_window import AssignWindow
from ui.fonts import fonts_installed
from ui.handles import StationHandles
from ui.language import Language
from ui.presenters.assigning import AssignPresenter
from ui.presenters.sources import CameraDoor
from ui.shell import MainWindow
from ui.theme import Theme, wanted_theme

_log = logging.getLogger(__name__)

FONTS_MISSING = (
    "No font is installed, so every text in the window stays blank. Install one, such as the package fonts-dejavu-core."
)


def run(handles: StationHandles, *, ready: Callable[[], None] | None = None) -> int:
    """Show the window until it is closed; returns the process's exit code.

    ``ready`` is called once, when the window is on the screen. Interrupt and termination close the window.
    """
    application = make_application(["station"])
    theme = Theme(application, wanted_theme(handles.theme))
    window = MainWindow(handles, theme, Language(application, handles.language))
    window.resize(1280, 800)
    window.showMaximized()
    previous = {number: signal.signal(number, lambda *_: window.close()) for number in (signal.SIGINT, signal.SIGTERM)}
    hook, sys.excepthook = sys.excepthook, _write_down(window)
    try:
        if ready is not None:
            ready()
        return application.exec()
    finally:
        sys.excepthook = hook
        window.deleteLater()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for number, handler in previous.items():
            signal.signal(number, handler)


def point_at_cameras(
    cameras: CameraDoor, shown_as: Mapping[str, str], given: Mapping[str, str], language: str, theme: str
) -> Mapping[str, str] | None:
    """Show cameras live and let a person give them places; returns role by serial number, ``None`` to write nothing.

    ``shown_as`` is the role under which each runs for the time being, ``given`` who has a place already.
    """
    application = make_application(["station"])
    words = Language(application, language).words()
    presenter = AssignPresenter(tuple(shown_as), given, words)
    window = AssignWindow(presenter, cameras, shown_as, Theme(application, wanted_theme(theme)))
    window.resize(1280, 800)
    return presenter.roles if window.exec() == AssignWindow.DialogCode.Accepted else None


def make_application(arguments: list[str]) -> QApplication:
    """Return the one Qt application, made with these arguments when there is none yet."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(arguments)
    application.setApplicationName("part-recognition-station")
    application.setStyle("Fusion")
    if not fonts_installed():
        _log.warning(FONTS_MISSING)
    return application


def _write_down(
    window: MainWindow,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Return a hook that logs an error nobody expected and says so in the window, which goes on.

    An error that comes again with every refresh is logged once.
    """
    last = ""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        nonlocal last
        text = str(error) or kind.__name__
        if text != last:
            _log.error("unexpected error in the interface", exc_info=(kind, error, trace))
        last = text
        window.report(text)

    return hook
