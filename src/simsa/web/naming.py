"""What something is called that has a Korean name and, perhaps, an English one."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation


def called(name_ko: str, name_en: str, language: str = "") -> str:
    """The name in a language, by default that of the page; the other one where there is none in it."""
    said = language or translation.get_language() or settings.LANGUAGE_CODE
    return (name_en if said == "en" else name_ko) or name_ko or name_en
