"""A new class: its number, its name, what it belongs to, and tags from the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.presenters.capture_source import NewClass
from ui.presenters.operator_view import Sign
from ui.theme import Theme
from ui.widgets.row_list import Row, RowList


class NewClassStep(QWidget):
    """Emits ``told`` with the class when :meth:`tell` is called."""

    told = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vocabulary: Mapping[str, Sequence[str]] = {}
        self._chosen: set[str] = set()
        self.number, self.name, self.family, self.weight = (QLineEdit(self) for _ in range(4))
        self.weight.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,5}([.,]\d{0,2})?"), self))
        self.tags = RowList(theme, self)
        self.trouble = QLabel(self)
        self.trouble.setWordWrap(True)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.trouble.setProperty("role", "trouble")
        self._captions = [QLabel(self) for _ in range(5)]
        for caption in self._captions:
            caption.setProperty("role", "section")
        card = QFrame(self)
        card.setObjectName("card")
        fields = QVBoxLayout(card)
        fields.setContentsMargins(18, 14, 18, 14)
        fields.setSpacing(6)
        for caption, line in zip(self._captions, (self.number, self.name, self.weight, self.family), strict=False):
            fields.addWidget(caption)
            fields.addWidget(line)
        fields.addWidget(self.trouble)
        fields.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self._captions[4])
        right.addWidget(self.tags, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(card, 1)
        row.addLayout(right, 1)
        self.tags.marked.connect(self._toggle)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        texts = (
            self.tr("Part number"),
            self.tr("Name"),
            self.tr("Weight in grams, where it is known"),
            self.tr("Belongs to, from the widest, with commas between"),
            self.tr("Tags: a press or Space chooses"),
        )
        for caption, text in zip(self._captions, texts, strict=True):
            caption.setText(text)

    def begin(self, number: str, vocabulary: Mapping[str, Sequence[str]]) -> None:
        """Empty the form; ``number`` is what was searched for in vain."""
        self._vocabulary, self._chosen = vocabulary, set()
        self.number.setText(number)
        for line in (self.name, self.weight, self.family):
            line.clear()
        self._show_tags()
        (self.name if number else self.number).setFocus()

    def go_on(self) -> bool:
        """Lead on to the next line, as a scanner's Enter must, which makes no class; ``False`` after the last one."""
        after = {self.number: self.name, self.name: self.weight, self.weight: self.family}
        following = next((line for one, line in after.items() if one.hasFocus()), None)
        if following is not None:
            following.setFocus()
        return following is not None

    def tell(self) -> None:
        """Give what was typed away."""
        self.told.emit(self.new_class)

    def show_trouble(self, sentence: str) -> None:
        """Say why the class was not made; what was typed stays, and the line that is to blame gets the keys."""
        if sentence != self.trouble.text():
            self.trouble.setText(sentence)
            if sentence:
                self.number.setFocus()
                self.number.selectAll()

    def show_weight(self, kg: float | None) -> None:
        """Take what lies on the scale for what the class weighs."""
        if kg is not None:
            self.weight.setText(f"{kg * 1000.0:.2f}")

    def toggle_marked(self) -> None:
        """Choose the marked tag, or leave it out again."""
        if self.tags.key is not None:
            self._toggle(self.tags.key)

    @property
    def new_class(self) -> NewClass:
        """What was typed and chosen."""
        tags = {
            heading: tuple(word for word in words if f"{heading}\n{word}" in self._chosen)
            for heading, words in self._vocabulary.items()
        }
        family = tuple(piece.strip() for piece in self.family.text().split(",") if piece.strip())
        grams = self.weight.text().replace(",", ".").strip(".")
        return NewClass(
            self.number.text().strip(),
            self.name.text().strip(),
            family,
            {heading: words for heading, words in tags.items() if words},
            float(grams) / 1000.0 if grams and float(grams) > 0.0 else None,
        )

    def _toggle(self, key: str) -> None:
        self._chosen ^= {key}
        self._show_tags()

    def _show_tags(self) -> None:
        rows = [
            Row(key := f"{heading}\n{word}", word, heading, Sign.CHECK if key in self._chosen else None)
            for heading, words in self._vocabulary.items()
            for word in words
        ]
        self.tags.show_rows(tuple(rows))
