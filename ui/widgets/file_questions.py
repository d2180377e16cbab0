"""Asks where to write a file, without holding up the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Answer = Callable[[Path], None]


class FileQuestions:
    """Opens file dialogs over ``parent``; the answer comes later, or never."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)

    def file(self, title: str, name: str, answer: Answer) -> QFileDialog:
        """Ask for a file to write; ``name`` is what is offered."""
        dialog = self._dialog(title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        return self._open(dialog, answer)

    def folder(self, title: str, answer: Answer) -> QFileDialog:
        """Ask for a folder to write into."""
        dialog = self._dialog(title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        return self._open(dialog, answer)

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._parent, title, self._folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # the system's own dialog follows neither the theme nor the language of the window
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        return dialog

    def _open(self, dialog: QFileDialog, answer: Answer) -> QFileDialog:
        def chosen(path: str) -> None:
            self._folder = str(Path(path).parent)
            answer(Path(path))

        dialog.fileSelected.connect(chosen)
        dialog.open()
        return dialog
