"""Putting things into sentences: templates filled in, Korean particles that fit, lists of names.

Korean particles follow the last sound of the word before them, which a catalogue cannot know: there they stand in both
forms, as officials write them on forms (`은(는)`, `이(가)`, `을(를)`, `과(와)`, `(으)로`), and `fill` puts the one that
fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from simsa.tables.words.languages import translator


def fill(template: str, **values: object) -> str:
    """`template` with `%(name)s` filled in, and of every Korean particle in both forms the one that fits."""
    said = ""
    for n, piece in enumerate(_BOTH_FORMS.split(template)):
        said += piece % values if n % 2 == 0 else particle(said, piece)
    return said


def particle(word: str, both: str) -> str:
    """The form of a particle after `word`; `both` is `은(는)`, `이(가)`, `을(를)`, `과(와)`, `(으)로` or `(이)`."""
    closed, liquid = _last_sound(word)
    if both == "(으)로":
        return "으로" if closed and not liquid else "로"
    if both == "(이)":
        return "이" if closed else ""
    return both[0] if closed else both[2]


def listed(items: Iterable[str], language: str, most: int | None = None, *, total: int | None = None) -> str:
    """`A, B and C`; with `most`, so many of them and how many more there are (of `total`, if not all are handed in)."""
    names = list(items)
    total = len(names) if total is None else total
    texts = translator(language)
    ngettext, _ = texts.ngettext, texts.gettext
    if most is not None and total > most:
        rest = total - most
        more = ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", rest)
        return fill(more, names=", ".join(names[:most]), count=rest)
    if len(names) < 2:
        return "".join(names)
    return fill(_("%(names)s and %(last)s"), names=", ".join(names[:-1]), last=names[-1])


# A particle after what is filled in; not after text of the catalogue itself, which knows its own sound.
_BOTH_FORMS = re.compile(r"(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\))")
_BRACKETS = re.compile(r"(?<=\S)\s*[(\[（][^()\[\]（）]*[)\]）]\Z")
_QUOTES = "\"'”’」』》〉"
# How digits end when they are read: 영 일 이 삼 사 오 육 칠 팔 구; tens, hundreds and thousands end closed as 영 does.
_CLOSED_DIGITS, _LIQUID_DIGITS = "013678", "178"
_CLOSED_LETTERS, _LIQUID_LETTERS = "LMNR", "LR"
_CLOSED_ENDINGS = re.compile(r"(l|m|n|ng|[aeiou][bckpt])\Z")


def _last_sound(word: str) -> tuple[bool, bool]:
    """Whether a word ends in a closed syllable when it is read in Korean, and whether that ends in ㄹ."""
    bare = _BRACKETS.sub("", word.rstrip(_QUOTES)).rstrip(_QUOTES + ")]）")
    last = bare[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return final != 0, final == 8
    if last.isascii() and last.isdigit():
        return last in _CLOSED_DIGITS, last in _LIQUID_DIGITS
    if last.isascii() and last.isupper():
        return last in _CLOSED_LETTERS, last in _LIQUID_LETTERS
    return bool(_CLOSED_ENDINGS.search(bare)), last == "l"
