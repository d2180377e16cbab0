"""Which class gets captures: a line to search in or to scan into, the classes found, and what the marked one has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.presenters.capture_source import CapturePicture
from ui.presenters.capture_view import ClassRow
from ui.theme import Theme
from ui.widgets.class_picker import ClassPicker
from ui.widgets.painting import over_buffer
from ui.widgets.row_list import Row


class ChooseStep(QWidget):
    """The class that ``picker`` marks, with its picture: its reference, else the part in its newest capture."""

    def __init__(
        self,
        theme: Theme,
        picture: Callable[[str], QImage | None],
        newest: Callable[[str], CapturePicture | None],
        clock: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = picture
        self._newest = newest
        self._drawn: object = None
        """What the picture was made of: class, reference or capture, and size."""
        self._rows: dict[str, ClassRow] = {}
        self._shown: tuple[ClassRow, ...] | None = None
        self.picker = ClassPicker(theme, clock, self)
        self.line, self.list = self.picker.line, self.picker.list
        self.image = QLabel(self)
        self.image.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name = QLabel(self)
        self.facts = QLabel(self)
        for label in (self.name, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_marked())
        self.list.marked.connect(lambda key: self._show_marked())
        theme.changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        card = QFrame(self)
        card.setObjectName("card")
        right = QVBoxLayout(card)
        right.setContentsMargins(18, 14, 18, 14)
        right.addWidget(self.image, 1)
        right.addWidget(self.name)
        right.addWidget(self.facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.picker, 3)
        row.addWidget(card, 2)

    @property
    def class_id(self) -> str | None:
        """The marked class."""
        return self.list.key

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.line.setPlaceholderText(self.tr("Name, number or tag"))
        self.picker.none.setText(self.tr("No class is called so. F2 makes a new one."))

    def show_rows(self, rows: Sequence[ClassRow]) -> None:
        """Take the classes that were found."""
        if rows == self._shown:
            return
        self._shown = tuple(rows)
        self._rows = {row.class_id: row for row in rows}
        self.picker.show_rows(
            tuple(Row(row.class_id, f"{row.number}   {row.name}", f"{row.counts.text}   {row.detail}") for row in rows)
        )
        self._show_marked()

    def _show_marked(self) -> None:
        row = self._rows.get(self.list.key or "")
        self.name.setText(f"{row.number}\n{row.name}" if row else "")
        counts = row.counts if row else None
        text = self.tr("Training {0}, validation {1}, test {2}")
        facts = text.format(counts.train, counts.valid, counts.test) if counts else ""
        self.facts.setText("\n".join(line for line in (row.detail if row else "", facts) if line))
        self.show_picture()

    def show_picture(self) -> None:
        """Show the class's reference picture, or the part in its newest capture once that has come."""
        class_id, side = self.list.key, self._theme.px(260)
        reference = self._picture(class_id) if class_id is not None else None
        newest = self._newest(class_id) if class_id is not None and reference is None else None
        drawn = (class_id, reference and reference.cacheKey(), newest, side)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        image = reference if newest is None else over_buffer(newest.color)
        if image is None:
            self.image.setText(self.tr("No picture") if class_id is not None else "")
            return
        smooth = Qt.TransformationMode.SmoothTransformation
        scaled = image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        self.image.setPixmap(QPixmap.fromImage(scaled))

    def _restyle(self) -> None:
        self.name.setFont(self._theme.font(self._theme.tokens.measures.title, bold=True))
        self._show_marked()
