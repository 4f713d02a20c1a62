"""What the public pages of a round say: headline, winners, criteria, and the list of published results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from simsa.rules import Rounding, Rules
from simsa.tables.words import format_score, group_summary, no_result, score_places
from simsa.web.awards.drawings import group_result
from simsa.web.awards.lines import Line, Lines
from simsa.web.awards.models import Result, Standing
from simsa.web.programmes.models import Round

COUNTED = {
    1: pgettext_lazy("how many were selected", "one"),
    2: pgettext_lazy("how many were selected", "two"),
    3: pgettext_lazy("how many were selected", "three"),
    4: pgettext_lazy("how many were selected", "four"),
    5: pgettext_lazy("how many were selected", "five"),
    6: pgettext_lazy("how many were selected", "six"),
    7: pgettext_lazy("how many were selected", "seven"),
    8: pgettext_lazy("how many were selected", "eight"),
    9: pgettext_lazy("how many were selected", "nine"),
    10: pgettext_lazy("how many were selected", "ten"),
}
COUNTED_IN_DIGITS = pgettext_lazy("how many were selected", "%(n)s")


CALIBRATION = gettext_lazy(
    "The calibrated score is information and decides nothing: a statistical model estimates what an entry would have "
    "scored with every reviewer. The bars are %(level)s intervals; the true value lies outside of one in twenty. "
    "The chance says how often an entrant would be among the selected if the true scores were drawn from these "
    "intervals."
)
CALIBRATION_OFFICIAL = gettext_lazy(
    "The calibrated score is the official one: a statistical model estimates what an entry would have scored with "
    "every reviewer. The bars are %(level)s intervals; the true value lies outside of one in twenty. The chance says "
    "how often an entrant would be among the selected if the true scores were drawn from these intervals."
)
BEYOND_THE_SCALE = gettext_lazy(
    "An interval can reach beyond the highest or the lowest possible score, because the statistical model does not "
    "know where the scale ends; a score cannot."
)
BEYOND_THE_SCALE_OFFICIAL = gettext_lazy(
    "A calibrated score or its interval can reach beyond the highest or the lowest mark, because the statistical "
    "model does not know where the scale ends."
)


@dataclass(frozen=True)
class Published:
    """A published result in a list: what the front page and the list of results show."""

    title: str
    url: str
    summary: str
    published: datetime | None
    synthetic: bool


@dataclass(frozen=True)
class Winner:
    """One selected entrant with the reason."""

    line: Line
    reason: str


@dataclass(frozen=True)
class GroupWinners:
    """A group, how its places were filled, and who fills them."""

    group: str
    name: str
    summary: str
    winners: tuple[Winner, ...]


@dataclass(frozen=True)
class CriterionLine:
    """A criterion of one entrant: its official value, or the mean mark of the panel for information, or nothing."""

    name: str
    depth: int
    weight: str
    value: str
    official: bool
    note: str


def published_rounds() -> list[Published]:
    """Every published result, the newest first, in the language of the page."""
    results = Result.objects.filter(published__isnull=False, round__published_at__isnull=False)
    results = results.defer("payload").select_related("round").order_by("-published", "-pk")
    counted = results.annotate(
        size=Count("standings"), selected=Count("standings", filter=Q(standings__outcome="selected"))
    )
    return [
        Published(
            title=result.round.title,
            url=reverse("awards:round", args=[result.round.slug]),
            summary=selected_of(result.selected, result.size),
            published=result.published,
            synthetic=result.round.synthetic,
        )
        for result in counted
    ]


def rounds_without_result() -> list[Round]:
    """Rounds that the public knows of, whose result is still to come."""
    rounds = Round.objects.filter(published_at__isnull=False)
    return list(rounds.exclude(results__published__isnull=False).order_by("-published_at", "-pk"))


def selected_of(selected: int, size: int) -> str:
    template = ngettext("%(selected)s of %(size)s entrant selected", "%(selected)s of %(size)s entrants selected", size)
    return template % {"selected": f"{selected:,}", "size": f"{size:,}"}


def headline(lines: Lines) -> str:
    """The result in one line."""
    selected = sum(line.selected for line in lines.all)
    title = lines.result.round.title
    if not selected:
        return _("%(round)s: no selection") % {"round": title}
    counted = COUNTED.get(selected, COUNTED_IN_DIGITS) % {"n": f"{selected:,}"}
    return _("%(round)s: %(counted)s selected") % {"round": title, "counted": counted}


def lede(lines: Lines) -> str:
    """Who evaluated whom, on how many sheets."""
    panel, size = lines.result.facts["panel"], len(lines.all)
    facts = {"entrants": f"{size:,}", "reviewers": f"{panel['reviewers']:,}", "sheets": f"{panel['sheets']:,}"}
    if not panel["sheets"]:
        template = ngettext(
            "%(entrants)s entrant was evaluated by reported numbers.",
            "%(entrants)s entrants were evaluated by reported numbers.",
            size,
        )
    else:
        template = ngettext(
            "%(reviewers)s reviewers evaluated %(entrants)s entrant on %(sheets)s score sheets.",
            "%(reviewers)s reviewers evaluated %(entrants)s entrants on %(sheets)s score sheets.",
            size,
        )
    return template % facts


def winners(lines: Lines) -> list[GroupWinners]:
    """Every group in the order of the rules with those selected in it, and why."""
    return [
        GroupWinners(
            group=group,
            name=members[0].group_name,
            summary=group_summary(group_result(lines.result, group), lines.rules, lines.language),
            winners=tuple(Winner(line, lines.why(line)) for line in members if line.selected),
        )
        for group, members in lines.by_group.items()
    ]


def criterion_lines(lines: Lines, standing: Standing) -> Iterator[CriterionLine]:
    """The criteria tree of one entrant: official values where the entry has one, else the mean mark for information."""
    rules, language = lines.rules, lines.language
    values, means = json.loads(standing.values), json.loads(standing.means)
    for depth, node in rules.walk():
        official, text, note = node.id in values, "", ""
        if official:
            text = format_score(_fraction(values[node.id]), score_places(rules, node.id), language)
            note = no_result(language) if values[node.id] is None else _exact_note(rules)
        elif node.id in means:
            text, note = _mean(means[node.id], language)
        weight = "" if node.weight is None else f"{float(node.weight * 100):g}%"
        yield CriterionLine(node.name.text(language), depth, weight, text, official, note)


def _exact_note(rules: Rules) -> str:
    """What an exact value at a criterion is."""
    return _("Exact tally") if rules.calibration.official else _("Official")


def _mean(facts: dict[str, Any], language: str) -> tuple[str, str]:
    """The mean mark to one decimal place, and of how many marks."""
    mean = _fraction(facts["mean"])
    if mean is None:
        return format_score(None, None, language), _("Too few marks to show a mean without showing a mark")
    count = facts["marks"]
    note = ngettext("Mean of %(n)d mark", "Mean of %(n)d marks", count) % {"n": count}
    return format_score(Rounding(1).apply(mean), 1, language), note


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def language() -> str:
    return translation.get_language() or "ko"
