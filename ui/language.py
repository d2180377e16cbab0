"""German or English: the translators that are installed, and the words for the presenters."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from ui.presenters.wording import Wording

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Languages by code, each named in itself."""

TRANSLATIONS = Path(__file__).parent / "translations"


class Language:
    """Installs the translators of one language at a time; ``auto`` follows the system."""

    def __init__(self, application: QCoreApplication, code: str = "auto") -> None:
        self._application = application
        self._installed: list[QTranslator] = []
        self._code = "en"
        self.use(code)

    @property
    def code(self) -> str:
        """The language in force, ``en`` or ``de``."""
        return self._code

    def use(self, code: str) -> None:
        """Put another language in force; windows get Qt's ``LanguageChange``."""
        if code == "auto":
            code = "de" if QLocale.system().language() == QLocale.Language.German else "en"
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self._installed = []
        self._code = code
        if code != "en":
            for folder, name in (
                (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), f"qtbase_{code}"),
                (str(TRANSLATIONS), f"station_{code}"),
            ):
                translator = QTranslator(self._application)
                if translator.load(name, folder):
                    self._application.installTranslator(translator)
                    self._installed.append(translator)
        QLocale.setDefault(QLocale(code))

    def words(self) -> Wording:
        """Return the words and figures of the language in force, for the presenters."""
        return Wording(
            translate=lambda context, text: QCoreApplication.translate(context, text),
            decimal_point="," if self._code == "de" else ".",
        )
