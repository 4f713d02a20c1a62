"""The words of the rules as officers read them, and what many parts of the rules have in common."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from simsa.web.programmes.drafting.composite import Named
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.editors import Choice, Choices, Count, Editor, Label, Words

TERMS: dict[str, Label] = {
    "sum": _("sum"),
    "weighted_sum": _("weighted sum"),
    "mean": _("mean"),
    "median": _("median"),
    "min": _("lowest"),
    "max": _("highest"),
    "trimmed_mean": _("mean without the extremes"),
    "consensus": _("consensus"),
    "no_result": _("no result"),
    "refuse": _("the tally stops"),
    "one": _("exactly so many"),
    "all": _("equals too"),
    "half_up": _("half up"),
    "half_even": _("half to even"),
    "down": _("down"),
    "rank": _("by rank"),
    "linear": _("on a line"),
    "reported": _("as reported"),
    "percentile": _("by percentile"),
    "target": _("by a target"),
    "step": _("in steps"),
    "formula": _("by a formula"),
    "worse": _("who is worse"),
    "middle": _("the middle of the two"),
    "not_better": _("who is not better"),
    "above": _("has reached it"),
    "below": _("has not reached it"),
    "higher": _("higher is better"),
    "lower": _("lower is better"),
    "group": _("within the group"),
    "round": _("within the round"),
    "best": _("the best rank"),
    "same": _("same field"),
    "declared": _("declared"),
    "own": _("each with an own scale and noise"),
    "alike": _("all alike"),
    "deduction": _("deduction"),
    "bonus": _("bonus"),
    "view": _("see what was submitted"),
    "object": _("see it and object to evidence"),
    "public": _("everybody, with a link that they ask for"),
    "invited": _("those who are invited"),
    "ranked": _("entries in order"),
    "approval": _("entries that are approved of"),
    "score": _("a mark for each entry"),
    "always": _("from the beginning"),
    "scoring": _("once scoring begins"),
    "meeting": _("in a meeting, and once scoring is closed"),
    "closed": _("once scoring is closed"),
    "announced": _("after the announcement"),
    "never": _("never"),
    "stay": _("stay as they were given"),
    "change": _("may be changed, each by its reviewer with a reason"),
}


def one_of(*words: str) -> Choices:
    """These words as choices."""
    return [(word, TERMS[word]) for word in words]


def criterion_choices(document: Document) -> Choices:
    """The criteria that there are."""
    return [(key, key) for key in document.identifiers(("criterion",))]


def unless(usual: int | Label) -> Label:
    """What holds where nothing is said."""
    return format_lazy(_("Not said: {usual}."), usual=usual)


def rounding(*at: str) -> tuple[Editor, Editor]:
    """How the value at a key is rounded."""
    return (
        Count((*at, "round", "places"), _("Decimal places")),
        Choice((*at, "round", "mode"), _("Rounding"), choices=one_of("half_up", "half_even", "down")),
    )


ID, NAME = Words(("id",), _("Identifier")), Named(("name",), _("Name"))
MISSING = (
    ("not_submitted", _("Not submitted")),
    ("not_applicable", _("Not applicable")),
    ("abstained", _("Abstained")),
    ("recused", _("Recused")),
)
