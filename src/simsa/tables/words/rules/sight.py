"""Who sees what of whom, in sentences."""

from __future__ import annotations

from simsa.rules import Rules, Sight
from simsa.rules.sight import When
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def sight_lines(rules: Rules, language: str) -> list[str]:
    """From when on reviewers, entrants and observers see what of each other; nothing where the rules do not say it."""
    sight = rules.sight
    if sight == Sight():
        return []
    _ = translator(language).gettext
    when = _times(language)
    lines = []
    if sight.reviewer.entrant != "always":
        lines.append(fill(_("Reviewers learn whose an entry is %(when)s."), when=when[sight.reviewer.entrant]))
        if sight.reviewer.entrant != "scoring":
            lines.append(_("Until then they see copies of the files that do not tell who made them."))
    sentences = {
        ("reviewer", "reviewers"): _("Who has submitted a sheet sees who else scores the entry: %(when)s."),
        ("reviewer", "marks"): _("Who has submitted a sheet sees the others' marks for the entry: %(when)s."),
        ("reviewer", "comments"): _("Who has submitted a sheet sees the others' comments on the entry: %(when)s."),
        ("entrant", "reviewers"): _("Entrants see who scored their entry: %(when)s."),
        ("entrant", "marks"): _("Entrants see the marks for their entry: %(when)s."),
        ("entrant", "comments"): _("Entrants see the comments on their entry: %(when)s."),
        ("observer", "reviewers"): _("Observers see who scores an entry: %(when)s."),
        ("observer", "marks"): _("Observers see the marks: %(when)s."),
        ("observer", "comments"): _("Observers see the comments: %(when)s."),
    }
    told = [(sentence, since) for key, sentence in sentences.items() if (since := sight.since(*key)) != "never"]
    lines += [fill(sentence, when=when[since]) for sentence, since in told]
    if told:
        lines.append(_("Names, marks and comments are shown without what joins them."))
    return lines


def _times(language: str) -> dict[When, str]:
    """When something begins to be seen."""
    _ = translator(language).gettext
    return {
        "scoring": _("once scoring begins"),
        "meeting": _("in a meeting, and once scoring is closed"),
        "closed": _("once scoring is closed"),
        "announced": _("after the announcement"),
    }
