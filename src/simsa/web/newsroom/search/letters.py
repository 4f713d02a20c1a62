"""Texts as they are compared: one Unicode form, small letters, no spaces or marks."""

from __future__ import annotations

import re
import unicodedata

_NOT_LETTERS = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[^\W_]+")

# What hangs on a word in a query, longest first: particles, and endings of verbs and of nouns made verbs.
_ENDINGS = (
    *("되었습니다", "하였습니다", "됐습니다", "했습니다", "되었다", "하였다", "입니다", "습니다", "에게서"),
    *("으로서", "으로써", "이라는", "됐다", "했다", "되는", "하는", "되다", "하다", "에서", "에게", "으로", "까지"),
    *("부터", "처럼", "보다", "이나", "이란", "라는", "된", "한", "할", "될", "함", "됨", "은", "는", "이", "가"),
    *("을", "를", "의", "에", "로", "와", "과", "도", "만", "다"),
)


def squeezed(text: str) -> str:
    """Letters and digits alone, small, in NFC."""
    return _NOT_LETTERS.sub("", folded(text))


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def words(text: str) -> list[str]:
    """The words of a query, each once, in order."""
    return list(dict.fromkeys(_WORDS.findall(folded(text))))


def stems(word: str) -> list[str]:
    """What may be left of a word without what hangs on it, the word itself first."""
    left = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending))
    return list(dict.fromkeys([word, *left]))
