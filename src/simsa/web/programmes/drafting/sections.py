"""What forms know of the rules: part by part, which keys with which editors. Anything else is only in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from simsa.rules.model import MOMENTS
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.editors import (
    Between,
    Choice,
    Choices,
    Count,
    Editor,
    Effect,
    Flag,
    Label,
    Moment,
    Named,
    Number,
    QuotaOf,
    Texts,
    Words,
)
from simsa.web.programmes.drafting.places import Path


@dataclass(frozen=True)
class Part:
    """A table of the rules, or (`several`) each of many: its heading, and its editors in order.

    `fresh` is what a new one begins with; `#` in a text becomes its number. A table of which much can be said has
    several parts, and all but the first are `aside`: shown closed while they say nothing.
    """

    path: tuple[str, ...]
    title: Label
    editors: tuple[Editor, ...]
    several: bool = False
    fresh: tuple[tuple[str, object], ...] = ()
    aside: bool = False


@dataclass(frozen=True)
class Section:
    """One page of forms."""

    slug: str
    title: Label
    parts: tuple[Part, ...]


def criterion_ids(document: Document) -> Choices:
    """The criteria that there are, as choices."""
    tables = document.value(("criterion",))
    found = [table.get("id") for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []
    return [(key, key) for key in found if isinstance(key, str)]


def _one_of(*words: str) -> Choices:
    return [(word, TERMS[word]) for word in words]


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
}


def _rounding(*at: str) -> tuple[Editor, Editor]:
    return (
        Count((*at, "round", "places"), _("Decimal places")),
        Choice((*at, "round", "mode"), _("Rounding"), choices=_one_of("half_up", "half_even", "down")),
    )


_MISSING = (
    ("not_submitted", _("Not submitted")),
    ("not_applicable", _("Not applicable")),
    ("abstained", _("Abstained")),
    ("recused", _("Recused")),
)
_ID, _NAME = Words(("id",), _("Identifier")), Named(("name",), _("Name"))
_OF_GROUPS = (
    _NAME,
    QuotaOf(("quota",), _("Who is selected")),
    Count(("size",), _("Size of the group")),
    Count(("reserve",), _("In reserve")),
    Number(("award_floor",), _("Nobody below")),
    Flag(("no_award",), _("A place may stay empty")),
)
_BELOW = ("no_result", "mean", "median", "refuse")

ABOUT_ROUND = Part(
    ("round",),
    _("Round"),
    (
        _ID,
        _NAME,
        Words(("programme",), _("Programme")),
        Words(("time_zone",), _("Time zone"), _("For example Asia/Seoul.")),
        Choice(("language",), _("Language of reports"), choices=[("ko", "한국어"), ("en", "English")]),
        Choice(("rank_by",), _("Ranked by"), choices=criterion_ids),
    ),
)
GROUPS = Part(("group",), _("Group"), (_ID, *_OF_GROUPS), several=True, fresh=(("id", "group-#"), ("quota", 1)))
EACH_GROUP = Part(("each_group",), _("Each group"), _OF_GROUPS)
CRITERION = Part(
    ("criterion",),
    _("Criterion"),
    (
        _ID,
        _NAME,
        Named(("description",), _("Description")),
        Choice(("parent",), _("Below"), choices=criterion_ids),
        Number(("weight",), _("Weight")),
    ),
    several=True,
)


def _aside(title: Label, *editors: Editor) -> Part:
    return Part(("criterion",), title, editors, several=True, aside=True)


OF_CRITERIA = (
    CRITERION,
    _aside(
        _("Marks"),
        Number(("scale", "min"), _("Lowest mark")),
        Number(("scale", "max"), _("Highest mark")),
        Number(("scale", "step"), _("Step")),
    ),
    _aside(
        _("From the criteria below it"),
        Choice(
            ("combine", "method"),
            _("They become one value by"),
            choices=_one_of("sum", "weighted_sum", "mean", "median", "min", "max"),
        ),
        Number(("combine", "weights_sum"), _("Weights add up to")),
        *_rounding("combine"),
    ),
    _aside(
        _("From the sheets of an entry"),
        Choice(
            ("panel", "method"),
            _("They become one value by"),
            choices=_one_of("mean", "median", "trimmed_mean", "consensus"),
        ),
        Count(("panel", "drop_high"), _("Highest marks dropped")),
        Count(("panel", "drop_low"), _("Lowest marks dropped")),
        Choice(("panel", "ties"), _("Dropped among equals"), choices=_one_of("one", "all")),
        Count(("panel", "minimum"), _("Marks needed")),
        Choice(("panel", "below_minimum"), _("With fewer marks"), choices=_one_of(*_BELOW)),
        Number(("panel", "spread"), _("Consensus: apart at most")),
        Choice(("panel", "otherwise"), _("Without consensus"), choices=_one_of(*_BELOW)),
        *_rounding("panel"),
    ),
    _aside(
        _("From a reported number"),
        Choice(
            ("indicator", "method"),
            _("Points are given"),
            choices=_one_of("rank", "percentile", "linear", "target", "step", "formula", "reported"),
        ),
        Words(("indicator", "field"), _("Reported field")),
        Words(("indicator", "formula"), _("Formula over reported fields")),
        Choice(("indicator", "better"), _("Better is"), choices=_one_of("higher", "lower")),
        Choice(("indicator", "within"), _("Ranked"), choices=_one_of("group", "round")),
        Choice(("indicator", "ties"), _("Equals share"), choices=_one_of("mean", "best")),
        Number(("indicator", "points", "min"), _("Fewest points")),
        Number(("indicator", "points", "max"), _("Most points")),
        Number(("indicator", "worst"), _("Number for the fewest points")),
        Number(("indicator", "best"), _("Number for the most points")),
        Number(("indicator", "target"), _("Target")),
        Number(("indicator", "cap"), _("At most so many times the points")),
        Choice(("indicator", "counts"), _("Percentile counts"), choices=_one_of("worse", "middle", "not_better")),
        Choice(("indicator", "boundary"), _("A number that equals a step"), choices=_one_of("above", "below")),
        Number(("indicator", "base"), _("Points before the first step")),
        *_rounding("indicator"),
    ),
    _aside(
        _("Factor, rounding, limits"),
        Number(("factor",), _("Factor")),
        *_rounding(),
        Number(("at_least",), _("Value at least")),
        Number(("at_most",), _("Value at most")),
    ),
    _aside(_("Missing values here"), *(Effect(("missing", key), label) for key, label in _MISSING)),
)
MISSING = Part(("missing",), _("Missing values"), tuple(Effect((key,), label) for key, label in _MISSING))
TIE_BREAKS = Part(
    ("tie_break",),
    _("Question among equals"),
    (
        Choice(("criterion",), _("Criterion"), choices=criterion_ids),
        Choice(("prefer",), _("Better is"), choices=_one_of("higher", "lower")),
        Flag(("exact",), _("Before its rounding")),
        Flag(("lot",), _("By lot")),
    ),
    several=True,
    fresh=(("criterion", "total"),),
)
THRESHOLDS = Part(
    ("threshold",),
    _("Threshold"),
    (
        Choice(("criterion",), _("Criterion"), choices=criterion_ids),
        Number(("at_least",), _("At least")),
        Texts(("groups",), _("Groups, apart by commas; none: all")),
    ),
    several=True,
    fresh=(("criterion", "total"), ("at_least", 0)),
)
PANEL = Part(
    ("panel",),
    _("Panel"),
    (
        Between(("size",), _("Size of the panel")),
        Between(("sheets_per_entry",), _("Sheets of an entry")),
        Between(("load",), _("Entries of a reviewer")),
    ),
)
KINDS = Part(
    ("panel", "kind"),
    _("Kind of reviewers"),
    (
        _ID,
        _NAME,
        Words(("reviewer",), _("Field of the reviewers")),
        Texts(("values",), _("Values, apart by commas; none: each is a kind")),
        Between(("per_entry",), _("Of them for an entry")),
    ),
    several=True,
    fresh=(("id", "kind-#"), ("reviewer", "institution"), ("per_entry", {"max": 1})),
)
CONFLICTS = Part(
    ("conflict",),
    _("Conflict of interest"),
    (
        _ID,
        _NAME,
        Choice(("kind",), _("Kind"), choices=_one_of("same", "declared")),
        Words(("reviewer",), _("Field of the reviewers")),
        Words(("entrant",), _("Field of the entrants")),
    ),
    several=True,
    fresh=(("id", "conflict-#"), ("kind", "declared")),
)
CALIBRATION = Part(
    ("calibration",),
    _("Calibration"),
    (
        Flag(("official",), _("The calibrated score makes the ranks")),
        Choice(("reviewers",), _("Reviewers"), choices=_one_of("own", "alike")),
        Count(("digits",), _("Significant digits of the components")),
        *_rounding(),
    ),
)
SCHEDULE_LABELS: dict[str, Label] = {
    "call": _("Call opens"),
    "deadline": _("Deadline for entries"),
    "grace_until": _("Late entries until"),
    "scoring_from": _("Scoring begins"),
    "scoring_until": _("Scoring ends"),
    "objections_until": _("Objections until"),
    "announcement": _("Announcement of the result"),
}
SCHEDULE = Part(("schedule",), _("Schedule"), tuple(Moment((key,), SCHEDULE_LABELS[key]) for key in MOMENTS))

SECTIONS = (
    Section("round", _("Round"), (ABOUT_ROUND,)),
    Section("groups", _("Groups and quotas"), (GROUPS, EACH_GROUP)),
    Section("criteria", _("Criteria"), OF_CRITERIA),
    Section("missing", _("Missing values"), (MISSING,)),
    Section("ties", _("Ties"), (TIE_BREAKS,)),
    Section("thresholds", _("Thresholds"), (THRESHOLDS,)),
    Section("panel", _("Panel"), (PANEL, KINDS)),
    Section("conflicts", _("Conflicts of interest"), (CONFLICTS,)),
    Section("calibration", _("Calibration"), (CALIBRATION,)),
    Section("schedule", _("Schedule"), (SCHEDULE,)),
)
BY_SLUG = {section.slug: section for section in SECTIONS}
FIXED = {("simsa_rules",)}


def tables_of(document: Document, part: Part) -> list[Path]:
    """The tables of a part that the document has; that of a single part always, so that it can be filled."""
    return [(*part.path, number) for number in range(document.count(part.path))] if part.several else [part.path]


def only_in_text(document: Document) -> list[tuple[Path, int | None]]:
    """Each value that no form shows, and its line."""
    shown: set[Path] = set(FIXED)
    for section in SECTIONS:
        for part in section.parts:
            for at in tables_of(document, part):
                for editor in part.editors:
                    if editor.shown(document, at) is not None:
                        shown.update(editor.paths(at))
    return [(path, document.places.line(path)) for path in _values(document.data) if path not in shown]


def section_of(path: Path) -> tuple[Section, Path] | None:
    """The section whose forms a place of the rules belongs to, and the table there."""
    longest = None
    for section in SECTIONS:
        for part in section.parts:
            if path[: len(part.path)] == part.path and (longest is None or len(part.path) > len(longest[1].path)):
                longest = (section, part)
    if longest is None:
        return None
    section, part = longest
    return section, path[: len(part.path) + part.several]


def _values(data: object, at: Path = ()) -> Iterator[Path]:
    """The paths of all values: what is neither a table nor a list of tables."""
    if isinstance(data, dict) and (data or not at):
        for key, item in data.items():
            yield from _values(item, (*at, key))
    elif isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        for number, item in enumerate(data):
            yield from _values(item, (*at, number))
    else:
        yield at
