"""What an article may take from a result, and how it is called: numbers, names and whole sentences, as texts.

| reference | says |
|---|---|
| `round`, `rules_hash`, `result_digest` | name of the round; SHA-256 of its rules and of its result |
| `entrants`, `groups`, `selected`, `reviewers`, `sheets` | how many |
| `selected_names`, `criteria` | lists of names |
| `ties` | a sentence: how many places were decided among equals, and how |
| `group/ID/name`, `.../size`, `.../places`, `.../selected`, `.../line`, `.../summary` | of one group |
| `winner/ID/N/name`, `.../rank`, `.../score`, `.../reason` | of the N-th selected of a group, from 1 |
| `rules/SECTION/N` | the N-th sentence of a section of the rules in words, from 1 |

A slash or a per-cent sign in a group's id is written as in addresses (`%2F`, `%25`). A Korean particle that follows
belongs to the reference (`winner/시/1/name+은(는)`), so that it changes with the name that it follows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from simsa.engine.selection import Cause
from simsa.tables.words import format_score, group_summary, listed, particle, rules_words
from simsa.web.awards.drawings import group_result
from simsa.web.awards.lines import Line, Lines
from simsa.web.awards.models import Result
from simsa.web.programmes.models import Round

NAMED = 3
"""Of the selected, so many are named where there is room for a line alone."""
AMONG_EQUALS = (Cause.TIE_BREAK.value, Cause.LOT.value)


def result_of(round_: Round | None) -> Result | None:
    """The result that articles of a round tell: the published one, else the latest that was computed."""
    if round_ is None:
        return None
    done = Result.objects.filter(round=round_, status=Result.Status.DONE).select_related("round").order_by("-pk")
    return done.filter(published__isnull=False).first() or done.first()


def references(result: Result, language: str) -> dict[str, str]:
    """Everything that may be referred to, in the order in which an editor is offered it."""
    with override(language):
        lines = Lines(result, result.round.rules, language)
        return dict(_of_result(lines)) | dict(_of_groups(lines)) | dict(_of_rules(lines))


def resolve(known: Mapping[str, str], reference: str) -> str | None:
    """What a reference says now; None if the result says nothing of the kind (any more)."""
    plain, _plus, both = reference.partition("+")
    said = known.get(plain)
    return said + particle(said, both) if said is not None and both else said


def part(group: str) -> str:
    """A group's id as a part of a reference."""
    return group.replace("%", "%25").replace("/", "%2F")


def _of_result(lines: Lines) -> Iterator[tuple[str, str]]:
    result, language = lines.result, lines.language
    chosen = [line.name for line in lines.all if line.selected]
    yield "round", lines.rules.name.text(language)
    yield "entrants", f"{len(lines.all):,}"
    yield "groups", f"{len(lines.by_group):,}"
    yield "selected", f"{len(chosen):,}"
    yield "reviewers", f"{result.facts['panel']['reviewers']:,}"
    yield "sheets", f"{result.facts['panel']['sheets']:,}"
    yield "selected_names", _first_of(chosen, language)
    yield "criteria", listed(_scored(lines), language)
    yield "ties", _ties(lines.all)
    yield "rules_hash", result.rules_hash
    yield "result_digest", result.digest


def _first_of(names: list[str], language: str) -> str:
    """The first three names, and how many entrants more."""
    rest = len(names) - NAMED
    if rest <= 0:
        return listed(names, language)
    more = ngettext("%(names)s and %(n)d more entrant", "%(names)s and %(n)d more entrants", rest)
    return more % {"names": ", ".join(names[:NAMED]), "n": rest}


def _scored(lines: Lines) -> Iterator[str]:
    """The criteria that are scored or computed, not those that only add up others."""
    rules = lines.rules
    return (node.name.text(lines.language) for _depth, node in rules.walk() if not rules.children(node.id))


def _ties(lines: list[Line]) -> str:
    causes = Counter(line.reason_facts["cause"] for line in lines)
    tied, lots = (causes[cause] for cause in AMONG_EQUALS)
    if not tied and not lots:
        return _("No place was decided among equals.")
    said = []
    if tied:
        template = ngettext(
            "Among equals, a tie-break decided about %(n)s entrant.",
            "Among equals, a tie-break decided about %(n)s entrants.",
            tied,
        )
        said.append(template % {"n": f"{tied:,}"})
    if lots:
        template = ngettext(
            "Among equals, the lot decided about %(n)s entrant.",
            "Among equals, the lot decided about %(n)s entrants.",
            lots,
        )
        said.append(template % {"n": f"{lots:,}"})
    return " ".join(said)


def _of_groups(lines: Lines) -> Iterator[tuple[str, str]]:
    rules, language = lines.rules, lines.language
    for group, members in lines.by_group.items():
        found, above = group_result(lines.result, group), f"group/{part(group)}"
        chosen = [line for line in members if line.selected]
        yield f"{above}/name", members[0].group_name
        yield f"{above}/size", f"{found.size:,}"
        yield f"{above}/places", f"{found.places:,}"
        yield f"{above}/selected", f"{len(chosen):,}"
        yield f"{above}/line", format_score(found.line, lines.places, language)
        yield f"{above}/summary", group_summary(found, rules, language)
        for number, line in enumerate(chosen, start=1):
            yield f"winner/{part(group)}/{number}/name", line.name
            yield f"winner/{part(group)}/{number}/rank", line.rank_text
            yield f"winner/{part(group)}/{number}/score", line.score_text
            yield f"winner/{part(group)}/{number}/reason", lines.why(line)


def _of_rules(lines: Lines) -> Iterator[tuple[str, str]]:
    for section in rules_words(lines.rules, lines.language):
        for number, sentence in enumerate(section.lines, start=1):
            yield f"rules/{section.key}/{number}", sentence
