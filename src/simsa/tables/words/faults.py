"""Rows that could not be used: what the readers of files say of them in English, in the language of the page."""

from __future__ import annotations

import re
from functools import cache

from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def fault_words(said: str, language: str = "ko") -> str:
    """What is wrong with a row of the input, or what to do about it, as the readers of files say it in English.

    A sentence that is not known here stays as it is, for instance a reason that a round folder declares.
    """
    for pattern, template in _faults(language):
        found = pattern.fullmatch(said)
        if found:
            return fill(template, **found.groupdict())
    return said


@cache
def _faults(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What the readers say, as a pattern, and how that is said in the language."""
    _ = translator(language).gettext
    known = {
        "is empty": _("is empty"),
        "is too large": _("is too large"),
        "is not a decimal number": _("is not a decimal number"),
        "is not a time": _("is not a time"),
        "is not a number": _("is not a number"),
        "for example %(cell)s": _("for example %(cell)s"),
        "is no entry of the round": _("is no entry of the round"),
        "entries are known by id": _("entries are known by id"),
        "is not on the panel": _("is not on the panel"),
        "is no group of the rules": _("is no group of the rules"),
        "is no criterion": _("is no criterion"),
        "is no criterion that the panel marks": _("is no criterion that the panel marks"),
        "is no position": _("is no position"),
        "no entry is called so": _("no entry is called so"),
        "%(n)s entries are called so: %(names)s": _("%(n)s entries are called so: %(names)s"),
        "known: %(names)s": _("known: %(names)s"),
        "has no row in %(file)s": _("has no row in %(file)s"),
        "has %(fields)s fields, the header has %(header)s": _("has %(fields)s fields, the header has %(header)s"),
        "one field too many or too few: nothing says which, so nothing is repaired": _(
            "one field too many or too few: nothing says which, so nothing is repaired"
        ),
        "a quotation mark is opened and never closed": _("a quotation mark is opened and never closed"),
        "is there already on line %(line)s": _("is there already on line %(line)s"),
        "one id, one row": _("one id, one row"),
        "remove one": _("remove one"),
        "nothing says which is right, so neither counts": _("nothing says which is right, so neither counts"),
        "was not assigned to entry %(entry)s": _("was not assigned to entry %(entry)s"),
        "says %(what)s otherwise than %(other)s": _("says %(what)s otherwise than %(other)s"),
        "says %(what)s once more, after %(other)s": _("says %(what)s once more, after %(other)s"),
        "%(file)s is not UTF-8; read as %(encoding)s": _("%(file)s is not UTF-8; read as %(encoding)s"),
        "%(file)s is not the file whose checksum round.toml records": _(
            "%(file)s is not the file whose checksum round.toml records"
        ),
        "group %(group)s has %(n)s entries; the rules say %(size)s": _(
            "group %(group)s has %(n)s entries; the rules say %(size)s"
        ),
    }
    return tuple((_as_pattern(template), said) for template, said in known.items())


def _as_pattern(template: str) -> re.Pattern[str]:
    """What a text looks like that was made from `template`."""
    parts = re.split(r"%\((\w+)\)s", template)
    return re.compile("".join(f"(?P<{p}>.+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)), re.DOTALL)
