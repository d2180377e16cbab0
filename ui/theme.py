"""The theme in force: tokens and scale for widgets that paint themselves, and the one style sheet for the others."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.fonts import interface_families
from ui.stylesheet import stylesheet
from ui.tokens import THEMES, ThemeName, Tokens, ToneColors

LEAST_SCALE, LARGEST_SCALE = 0.85, 2.0


class Theme(QObject):
    """Holds the tokens in force; ``changed`` is emitted after tokens or scale were replaced."""

    changed = Signal()

    def __init__(self, application: QApplication, name: ThemeName, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._tokens = THEMES[name]
        self._scale = 1.0
        self._families = interface_families()
        self._apply()

    @property
    def tokens(self) -> Tokens:
        """Tokens in force."""
        return self._tokens

    @property
    def scale(self) -> float:
        """Factor on all measures; 1 for a window of 1280×800."""
        return self._scale

    def use(self, name: ThemeName) -> None:
        """Put another theme in force."""
        if name != self._tokens.name:
            self._tokens = THEMES[name]
            self._apply()

    def fit(self, width: int, height: int) -> None:
        """Choose the scale that suits a window of this size, in steps that keep a drag of its edge quiet."""
        wanted = min(width / 1280, height / 800)
        stepped = min(max(round(wanted * 20) / 20, LEAST_SCALE), LARGEST_SCALE)
        if stepped != self._scale:
            self._scale = stepped
            self._apply()

    def color(self, name: str) -> QColor:
        """Return a plain colour token, such as ``text`` or ``border``."""
        return QColor(getattr(self._tokens.colors, name))

    def tone(self, name: str) -> ToneColors:
        """Return the colours of a tone."""
        return self._tokens.colors.tone(name)

    def px(self, size: float) -> int:
        """Return a measure of scale 1 in pixels of this window."""
        return max(1, round(size * self._scale))

    def font(self, size: float, *, bold: bool = False) -> QFont:
        """Return the interface font with ``size`` pixels at scale 1."""
        font = QFont(self._families)
        font.setPixelSize(self.px(size))
        font.setBold(bold)
        return font

    def _apply(self) -> None:
        self._application.setPalette(_palette(self._tokens))
        self._application.setFont(self.font(self._tokens.measures.body))
        self._application.setStyleSheet(stylesheet(self._tokens, self._scale))
        self.changed.emit()


def wanted_theme(setting: str) -> ThemeName:
    """Return the theme for ``[interface] theme``; ``auto`` follows the system."""
    if setting != "auto":
        return ThemeName(setting)
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return ThemeName.DARK if dark else ThemeName.LIGHT


def _palette(tokens: Tokens) -> QPalette:
    colors = tokens.colors
    palette = QPalette()
    role = QPalette.ColorRole
    for where, color in (
        (role.Window, colors.window),
        (role.WindowText, colors.text),
        (role.Base, colors.surface),
        (role.AlternateBase, colors.sunken),
        (role.Text, colors.text),
        (role.PlaceholderText, colors.text_muted),
        (role.Button, colors.surface),
        (role.ButtonText, colors.text),
        (role.Highlight, colors.working.strong),
        (role.HighlightedText, colors.working.on_strong),
        (role.ToolTipBase, colors.surface),
        (role.ToolTipText, colors.text),
    ):
        palette.setColor(where, QColor(color))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(colors.text_muted))
    return palette
