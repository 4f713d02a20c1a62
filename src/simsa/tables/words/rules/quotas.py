"""Groups and quotas in sentences."""

from __future__ import annotations

from fractions import Fraction

from simsa.rules import Group, Quota, Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import points, share_words


def quota_lines(rules: Rules, language: str) -> list[str]:
    """How many of each group are selected and kept in reserve, and what may stay empty."""
    return [_group(group, language) for group in rules.groups]


def _group(group: Group, language: str) -> str:
    texts = translator(language)
    _, ngettext = texts.gettext, texts.ngettext
    name = _("Each group that the entries name") if group.id == "*" else group.name.text(language)
    quota = _quota(group.quota, language)
    if group.size is None:
        said = fill(_("%(group)s: %(quota)s."), group=name, quota=quota)
    else:
        size = ngettext(
            "%(group)s (%(size)d entrant): %(quota)s.",
            "%(group)s (%(size)d entrants): %(quota)s.",
            group.size,
        )
        said = fill(size, group=name, size=group.size, quota=quota)
    if group.reserve:
        reserve = ngettext("%(n)d more is kept in reserve.", "%(n)d more are kept in reserve.", group.reserve)
        said += " " + fill(reserve, n=group.reserve)
    if group.award_floor is not None:
        floor = points(group.award_floor, None, language)
        said += " " + fill(_("Nobody with less than %(floor)s is selected."), floor=floor)
    if group.no_award:
        said += " " + _("A place may stay empty.")
    return said


def _quota(quota: Quota, language: str) -> str:
    _ = translator(language).gettext
    if quota.best:
        return _("the best one is selected")
    if quota.count is not None:
        ngettext = translator(language).ngettext
        return fill(ngettext("%(n)d is selected", "%(n)d are selected", quota.count), n=quota.count)
    how = {"down": _("rounded down"), "half_up": _("rounded half up"), "up": _("rounded up")}[quota.rounding]
    return fill(
        _("%(share)s of the entrants, %(how)s, are selected"), share=share_words(quota.share or Fraction(0)), how=how
    )
