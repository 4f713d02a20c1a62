"""The languages that simsa speaks, and their texts: English in the code, Korean in the catalogue."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LANGUAGES = ("ko", "en")
_LOCALE = Path(__file__).parents[1] / "locale"


class LanguageError(ValueError):
    """A language that simsa does not speak, or whose catalogue is not compiled."""


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The texts of `language` ("ko" or "en"). LanguageError for any other, or if the catalogue is not compiled."""
    if language not in LANGUAGES:
        raise LanguageError(f"language {language!r}: choose one of {', '.join(LANGUAGES)}")
    if language == "en":
        return gettext.NullTranslations()
    try:
        return gettext.translation("simsa", _LOCALE, [language])
    except FileNotFoundError:
        file = _LOCALE / language / "LC_MESSAGES" / "simsa.po"
        raise LanguageError(f"the {language} texts are not compiled: python hatch_build.py {file}") from None
