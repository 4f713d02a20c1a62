"""Rows that could not be used: what the readers of files say of them in English, in the language of the page."""

from __future__ import annotations

import re
from functools import cache

from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def fault_words(said: str, language: str = "ko") -> str:
    """What is wrong with a file or a row of it, or what to do about it, as the readers of files say it in English.

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
        "cell %(cell)s holds an error": _("cell %(cell)s holds an error"),
        "cell %(cell)s holds a formula that was never calculated": _(
            "cell %(cell)s holds a formula that was never calculated"
        ),
        "%(file)s: is larger than %(size)s MiB": _("%(file)s: is larger than %(size)s MiB"),
        "%(file)s: has more than %(rows)s rows or %(columns)s columns": _(
            "%(file)s: has more than %(rows)s rows or %(columns)s columns"
        ),
        "%(file)s: the name of a column has a control character": _(
            "%(file)s: the name of a column has a control character"
        ),
        "%(file)s: has no row below the names of the columns": _("%(file)s: has no row below the names of the columns"),
        "%(file)s: is neither CSV nor XLSX; save it as one of them": _(
            "%(file)s: is neither CSV nor XLSX; save it as one of them"
        ),
        "%(file)s: the file is empty; the first line must name the columns": _(
            "%(file)s: the file is empty; the first line must name the columns"
        ),
        "%(file)s: is not a spreadsheet that can be read: %(why)s": _(
            "%(file)s: is not a spreadsheet that can be read: %(why)s"
        ),
        "%(file)s: line %(line)s is not text in %(encodings)s; save the file as UTF-8": _(
            "%(file)s: line %(line)s is not text in %(encodings)s; save the file as UTF-8"
        ),
        "%(file)s: columns %(places)s are all called %(name)s; give each a name of its own": _(
            "%(file)s: columns %(places)s are all called %(name)s; give each a name of its own"
        ),
        "%(file)s: there is no sheet %(sheet)s (the sheets are %(sheets)s)": _(
            "%(file)s: there is no sheet %(sheet)s (the sheets are %(sheets)s)"
        ),
        "%(file)s: sheet %(sheet)s has no row %(row)s; one row must name the columns": _(
            "%(file)s: sheet %(sheet)s has no row %(row)s; one row must name the columns"
        ),
        "%(file)s: sheet %(sheet)s is too large: %(reach)s; delete what is far out, or write CSV": _(
            "%(file)s: sheet %(sheet)s is too large: %(reach)s; delete what is far out, or write CSV"
        ),
        "%(file)s: is %(size)s when it is unpacked (%(most)s are read); write CSV or Parquet": _(
            "%(file)s: is %(size)s when it is unpacked (%(most)s are read); write CSV or Parquet"
        ),
        "export: is more than %(files)s files or %(size)s MiB": _(
            "export: is more than %(files)s files or %(size)s MiB"
        ),
        "%(file)s: is neither CSV nor JSON": _("%(file)s: is neither CSV nor JSON"),
        "%(file)s: is not JSON that can be read: %(why)s": _("%(file)s: is not JSON that can be read: %(why)s"),
        "%(file)s: is none of HotCRP's tables that are known here (its columns are %(columns)s)": _(
            "%(file)s: is none of HotCRP's tables that are known here (its columns are %(columns)s)"
        ),
        "none of the files lists the submissions; add the export that does": _(
            "none of the files lists the submissions; add the export that does"
        ),
        "none of the files says who reviews; add the export of the panel": _(
            "none of the files says who reviews; add the export of the panel"
        ),
        "is no id of a submission": _("is no id of a submission"),
        "is another title than %(title)s of %(id)s": _("is another title than %(title)s of %(id)s"),
        "is no submission of these files": _("is no submission of these files"),
        "says %(value)s of %(who)s, another row %(other)s": _("says %(value)s of %(who)s, another row %(other)s"),
        "reviews %(id)s twice": _("reviews %(id)s twice"),
        "is not a bid": _("is not a bid"),
        "is not an object": _("is not an object"),
        "is no list": _("is no list"),
        "is no address of a person": _("is no address of a person"),
        "everybody on the panel has an address": _("everybody on the panel has an address"),
        "export it as somebody who sees reviewers": _("export it as somebody who sees reviewers"),
        "does not say which reviewer it is": _("does not say which reviewer it is"),
        "add the export of the groups that say who is behind it": _(
            "add the export of the groups that say who is behind it"
        ),
        "is neither a submission nor a review nor an account of HotCRP": _(
            "is neither a submission nor a review nor an account of HotCRP"
        ),
        "is neither a note nor a group nor an edge nor a profile of OpenReview": _(
            "is neither a note nor a group nor an edge nor a profile of OpenReview"
        ),
        "one row for each pair": _("one row for each pair"),
        "one row for each review": _("one row for each review"),
        "a submission is withdrawn or was never finished; it was left out with all that is said of it": _(
            "a submission is withdrawn or was never finished; it was left out with all that is said of it"
        ),
        "a review is not finished; it counts as assigned and not submitted": _(
            "a review is not finished; it counts as assigned and not submitted"
        ),
        "an account has no role on the panel; it was left out": _(
            "an account has no role on the panel; it was left out"
        ),
        "rows with the action %(action)s say nothing about the panel and were left out": _(
            "rows with the action %(action)s say nothing about the panel and were left out"
        ),
        "the review field %(field)s is text and no score; it was left out": _(
            "the review field %(field)s is text and no score; it was left out"
        ),
        "a note is neither a submission nor a review; it was left out": _(
            "a note is neither a submission nor a review; it was left out"
        ),
        "edges of %(kind)s say nothing that a round takes; they were left out": _(
            "edges of %(kind)s say nothing that a round takes; they were left out"
        ),
        "a bid is on a pair without an affinity and does not count": _(
            "a bid is on a pair without an affinity and does not count"
        ),
        "a conflict of somebody who is not on the panel was left out": _(
            "a conflict of somebody who is not on the panel was left out"
        ),
        "an affinity or bid of somebody who is not on the panel was left out": _(
            "an affinity or bid of somebody who is not on the panel was left out"
        ),
    }
    return tuple((as_pattern(template), said) for template, said in known.items())


def as_pattern(template: str) -> re.Pattern[str]:
    """What a text looks like that was made from `template`."""
    parts = re.split(r"%\((\w+)\)s", template)
    return re.compile("".join(f"(?P<{p}>.+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)), re.DOTALL)
