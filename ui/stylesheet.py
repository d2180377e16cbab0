"""The application's one style sheet, made from the tokens; widgets never set their own. Knows no Qt."""

from __future__ import annotations

from ui.tokens import Tokens


def stylesheet(tokens: Tokens, scale: float) -> str:
    """Return the style sheet for all standard widgets at this scale."""
    colors, sizes = tokens.colors, tokens.measures

    def px(size: float) -> str:
        return f"{max(1, round(size * scale))}px"

    target = f"{max(sizes.target_least, round(sizes.target * scale))}px"
    line = f"{sizes.line}px solid {colors.border}"
    focus = f"{max(2, sizes.line)}px solid {colors.focus}"
    return f"""
QMainWindow, QWidget#page {{ background: {colors.window}; }}
QWidget {{ color: {colors.text}; font-size: {px(sizes.body)}; }}
QToolTip {{ background: {colors.surface}; color: {colors.text}; border: {line}; padding: {px(6)}; }}
QMenuBar {{ background: {colors.window}; }}
QMenuBar::item {{ padding: {px(16)} {px(14)}; background: transparent; }}
QMenuBar::item:selected {{ background: {colors.working.soft}; border: {focus}; }}
QMenu {{ background: {colors.surface}; border: {line}; padding: {px(4)}; }}
QMenu::item {{ padding: {px(13)} {px(28)}; }}
QMenu::item:selected {{ background: {colors.working.strong}; color: {colors.working.on_strong}; }}
QMenu::item:disabled {{ color: {colors.text_muted}; }}
QPushButton {{
    background: {colors.surface}; border: {line}; border-radius: {px(sizes.radius)};
    padding: 0 {px(16)}; min-height: {target}; min-width: {target};
}}
QPushButton:hover {{ background: {colors.sunken}; }}
QPushButton:pressed {{ background: {colors.working.soft}; }}
QPushButton:disabled {{ color: {colors.text_muted}; background: {colors.window}; }}
QPushButton:focus {{ border: {focus}; }}
QPushButton[main="true"]:enabled {{
    background: {colors.working.strong}; color: {colors.working.on_strong}; border-color: {colors.working.strong};
}}
QComboBox {{
    background: {colors.surface}; border: {line}; border-radius: {px(sizes.radius)};
    padding: 0 {px(12)}; min-height: {target};
}}
QComboBox::drop-down {{ border: none; width: {px(36)}; }}
QComboBox:focus {{ border: {focus}; }}
QComboBox QAbstractItemView {{ background: {colors.surface}; border: {line}; }}
QComboBox QAbstractItemView::item {{ min-height: {target}; }}
QLineEdit {{
    background: {colors.surface}; border: {focus}; border-radius: {px(sizes.radius)};
    padding: 0 {px(14)}; min-height: {px(56)}; font-size: {px(sizes.title)};
    selection-background-color: {colors.working.strong}; selection-color: {colors.working.on_strong};
}}
QListView {{
    background: {colors.surface}; border: {line}; border-radius: {px(sizes.radius)}; outline: none;
}}
QScrollBar:vertical {{ background: {colors.sunken}; width: {px(18)}; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {colors.text_muted}; border-radius: {px(5)}; min-height: {px(48)}; margin: {px(3)};
}}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QLabel[role="muted"] {{ color: {colors.text_muted}; }}
QLabel[role="section"] {{ color: {colors.text_muted}; font-size: {px(sizes.small)}; font-weight: bold; }}
QLabel[role="trouble"] {{ color: {colors.error.strong}; font-weight: bold; }}
QFrame#card {{ background: {colors.surface}; border: {line}; border-radius: {px(sizes.radius)}; }}
QProgressBar {{ background: {colors.sunken}; border: {line}; border-radius: {px(sizes.radius)}; }}
QProgressBar::chunk {{ background: {colors.working.strong}; border-radius: {px(sizes.radius)}; }}
QScrollArea {{ background: transparent; }}
QFrame#strip {{ background: {colors.surface}; border: none; border-top: {line}; }}
QFrame#simulation {{ background: {colors.sunken}; border: none; border-top: {line}; }}
"""
