"""One result: reference picture, part number, name, probability, and whether weight and size fit."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.presenters.operator_view import CardView, Fit, FitView, Sign
from ui.theme import Theme
from ui.widgets.painting import draw_key_cap, fitted_font, fitted_rect, wrapped_lines
from ui.widgets.signs import draw_sign

_FITS = {Fit.FITS: (Sign.CHECK, "good"), Fit.DIFFERS: (Sign.CROSS, "error"), Fit.UNCHECKED: (Sign.DASH, "idle")}
_UNLIKELY = 0.45
"""So much of the picture is seen on a card that hardly comes into question."""


class ResultCard(QAbstractButton):
    """Paints one card; pressed, it is the answer. Without a view it is an empty place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: CardView | None = None
        self._picture: QImage | None = None
        self._leads = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setEnabled(False)
        theme.changed.connect(self.update)

    @property
    def view(self) -> CardView | None:
        """The card that is shown."""
        return self._view

    def show_view(self, view: CardView | None, picture: QImage | None, *, leads: bool, allowed: bool) -> None:
        """Take the card to draw; ``leads`` marks the answer that Enter confirms."""
        self._view, self._picture, self._leads = view, picture, leads
        self.setEnabled(view is not None and allowed)
        said = () if view is None else (view.number, view.name, view.weight.numbers, view.size.numbers)
        self.setToolTip("\n".join(text for text in said if text))
        self.setAccessibleName(_spoken(view) if view else "")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size at the scale in force."""
        return QSize(self._theme.px(200), self._theme.px(270))

    def minimumSizeHint(self) -> QSize:
        """Return the least size at the scale in force."""
        return QSize(self._theme.px(120), self._theme.px(220))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what was taken last."""
        theme, sizes = self._theme, self._theme.tokens.measures
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            view = self._view
            chosen = view is not None and view.chosen
            width = 4 if chosen else 3 if self._leads else sizes.line
            edge = theme.tone("good").strong if chosen or self._leads else theme.tokens.colors.border
            if view is None:
                pen = QPen(theme.color("border"), sizes.line, Qt.PenStyle.DashLine)
                painter.setBrush(Qt.BrushStyle.NoBrush)
            else:
                pen = QPen(QColor(edge), width)
                painter.setBrush(theme.color("surface" if view.in_question and not self.isDown() else "window"))
            inset = width / 2
            ground = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.setPen(pen)
            radius = theme.px(sizes.radius)
            painter.drawRoundedRect(ground, radius, radius)
            if view is not None:
                self._paint_card(painter, view)
            if self.hasFocus():
                painter.setPen(QPen(theme.color("focus"), 3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(ground.adjusted(3, 3, -3, -3), radius, radius)

    def _paint_card(self, painter: QPainter, view: CardView) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        margin, line, name_line = theme.px(12), theme.px(23), theme.px(25)
        width = self.width() - 2 * margin
        texts = 2 * name_line + theme.px(44) + 2 * line + theme.px(4)
        picture = QRectF(margin, margin, width, max(self.height() - texts - 2 * margin, theme.px(40)))
        self._paint_picture(painter, picture)
        if not view.in_question:
            veil = theme.color("window")
            veil.setAlphaF(1.0 - _UNLIKELY)
            painter.fillRect(picture, veil)
        self._paint_corner(painter, view, margin)

        y = round(picture.bottom()) + theme.px(4)
        painter.setPen(theme.color("text" if view.in_question else "text_muted"))
        names = QRect(margin, y, width, 2 * name_line)
        # Neighbours often differ in the last word only: a smaller name is better than a cut one.
        font = fitted_font(theme.font(sizes.title - 1, bold=True), view.name, names, theme.px(sizes.small))
        painter.setFont(font)
        height = min(painter.fontMetrics().lineSpacing(), name_line)
        for row, text in enumerate(wrapped_lines(view.name, font, width, max(2, names.height() // height))):
            where = QRect(margin, y + row * height, width, height)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), text)
        y += 2 * name_line
        self._paint_probability(painter, view, QRect(margin, y, width, theme.px(44)))
        y += theme.px(44)
        for fit in (view.weight, view.size):
            self._paint_fit(painter, fit, QRect(margin, y, width, line))
            y += line

    def _paint_corner(self, painter: QPainter, view: CardView, margin: int) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        cap, beyond = theme.px(30), theme.px(4)
        painter.setPen(theme.color("text"))
        key = QRectF(margin - beyond, margin - beyond, cap, cap)
        font = theme.font(sizes.body, bold=True)
        draw_key_cap(painter, key, view.key, font, theme.color("border"), theme.color("text"), theme.color("surface"))
        if view.chosen:
            self._paint_chosen(painter, QRectF(self.width() - margin - cap + beyond, margin - beyond, cap, cap))

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        shape = QPainterPath()
        shape.addRoundedRect(area, theme.px(6), theme.px(6))
        painter.save()
        painter.setClipPath(shape)
        if self._picture is not None:
            image = self._picture
            painter.fillRect(area, image.pixelColor(0, 0))
            painter.drawImage(fitted_rect(image.width(), image.height(), area), image)
        else:
            painter.fillRect(area, theme.color("sunken"))
            side = min(area.width(), area.height()) * 0.45
            box = QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)
            draw_sign(painter, Sign.PART, box, theme.color("text_muted"))
        painter.restore()

    def _paint_chosen(self, painter: QPainter, box: QRectF) -> None:
        tone = self._theme.tone("good")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tone.strong))
        painter.drawEllipse(box)
        inner = box.width() * 0.22
        draw_sign(painter, Sign.CHECK, box.adjusted(inner, inner, -inner, -inner), QColor(tone.on_strong))

    def _paint_probability(self, painter: QPainter, view: CardView, area: QRect) -> None:
        theme, sizes = self._theme, self._theme.tokens.measures
        line = QRect(area.left(), area.top(), area.width(), theme.px(28))
        painter.setPen(theme.color("text" if view.in_question else "text_muted"))
        painter.setFont(theme.font(sizes.body + 1, bold=view.in_question))
        right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        taken = painter.fontMetrics().horizontalAdvance(view.probability_text) + theme.px(8)
        painter.drawText(line, right, view.probability_text)
        painter.setPen(theme.color("text_muted"))
        painter.setFont(theme.font(sizes.small + 1))
        number = painter.fontMetrics().elidedText(view.number, Qt.TextElideMode.ElideMiddle, area.width() - taken)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), number)
        bar = QRectF(area.left(), area.top() + theme.px(30), area.width(), theme.px(7))
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("sunken"))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.tone("working").strong))
        filled = QRectF(bar)
        filled.setWidth(max(bar.width() * view.probability, theme.px(3)))
        painter.drawRoundedRect(filled, 3, 3)

    def _paint_fit(self, painter: QPainter, fit: FitView, area: QRect) -> None:
        theme = self._theme
        sign, tone = _FITS[fit.fit]
        side = theme.px(16)
        color = QColor(theme.tone(tone).strong)
        draw_sign(painter, sign, QRectF(area.left(), area.top() + (area.height() - side) / 2, side, side), color)
        painter.setPen(color if fit.fit is Fit.DIFFERS else theme.color("text"))
        left = area.left() + side + theme.px(7)
        rest = QRect(left, area.top(), area.right() - left, area.height())
        font = theme.font(theme.tokens.measures.small + 1)
        painter.setFont(fitted_font(font, fit.text, rest, theme.px(theme.tokens.measures.small - 2)))
        text = painter.fontMetrics().elidedText(fit.text, Qt.TextElideMode.ElideRight, area.right() - left)
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), text)


def _spoken(view: CardView) -> str:
    """Return the card in words, for those who have it read to them."""
    parts = (f"{view.key}: {view.number} {view.name}", view.probability_text, view.weight.text, view.size.text)
    return ", ".join(parts)
