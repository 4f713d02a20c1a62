"""What an entry is made of, in sentences."""

from __future__ import annotations

from simsa.rules import EntryForm, Rules, exact_text
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator


def entry_lines(rules: Rules, language: str) -> list[str]:
    """How much is asked for and who sees it; nothing where the rules do not say it."""
    form = rules.entries
    if form == EntryForm():
        return []
    _ = translator(language).gettext
    lines = [
        fill(_("Text for each criterion: at most %(n)d characters."), n=form.text_limit),
        fill(_("Files for each criterion: at most %(n)d, of %(size)d MiB each."), n=form.files, size=form.mebibytes),
    ]
    if form.cases.min:
        lines.append(fill(_("Cases: at least %(n)d."), n=form.cases.min))
    if form.cases.max is not None:
        lines.append(fill(_("Cases: at most %(n)d."), n=form.cases.max))
    if form.zip:
        lines.append(_("Archives (ZIP) are taken."))
    if form.peers != "none":
        lines.append(_("Other entrants can see what was submitted."))
    if form.peers == "object":
        lines.append(_("They can object to evidence; the office rules on it."))
    if form.currency is not None:
        lines.append(fill(_("Amounts of money are converted to %(currency)s."), currency=form.currency))
    for one in form.exchange:
        template = _("1 %(from)s is %(rate)s %(to)s (rate of %(date)s).")
        facts = {"from": one.currency, "rate": exact_text(one.rate), "to": form.currency, "date": one.date}
        lines.append(fill(template, **facts))
    return lines
