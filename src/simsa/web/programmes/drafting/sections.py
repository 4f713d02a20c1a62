"""What forms know of the rules: part by part, which keys with which editors. Anything else is only in the text."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from simsa.rules.model import MOMENTS, Adaptive, CalibrationRule, EntryForm, Lottery
from simsa.rules.sight import ALLOWED
from simsa.web.programmes.drafting.composite import Between
from simsa.web.programmes.drafting.criterion_parts import OF_CRITERIA
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.editors import (
    Choice,
    Count,
    Day,
    Editor,
    Flag,
    Label,
    Moment,
    Number,
    Numbers,
    Prose,
    Texts,
    Words,
)
from simsa.web.programmes.drafting.kinds import Effect, QuotaOf
from simsa.web.programmes.drafting.parts import Part, Section, tables_of, text_path
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.reported import fields_without_unit
from simsa.web.programmes.drafting.rows import KeyOf, ValueOf
from simsa.web.programmes.drafting.terms import ID, MISSING, NAME, TERMS, criterion_choices, one_of, rounding, unless

_OF_GROUPS = (
    NAME,
    QuotaOf(("quota",), _("Who is selected")),
    Count(("size",), _("Size of the group")),
    Count(("reserve",), _("In reserve")),
    Number(("award_floor",), _("Nobody below")),
    Flag(("no_award",), _("A place may stay empty")),
)


def _of_sheets(role: str, *labels: Label) -> tuple[Editor, ...]:
    """From when on a role sees who scores an entry, its marks, and the comments on it."""
    keys = ("reviewers", "marks", "comments")
    return tuple(
        Choice((key,), label, unless(TERMS["never"]), choices=one_of(*ALLOWED[role][key]))
        for key, label in zip(keys, labels, strict=True)
    )


ABOUT_ROUND = Part(
    ("round",),
    _("Round"),
    (
        ID,
        NAME,
        Words(("programme",), _("Programme")),
        Words(("time_zone",), _("Time zone"), _("For example Asia/Seoul.")),
        Choice(("language",), _("Language of reports"), choices=[("ko", "한국어"), ("en", "English")]),
        Choice(("rank_by",), _("Ranked by"), choices=criterion_choices),
    ),
)
GROUPS = Part(
    ("group",),
    _("Group"),
    (ID, *_OF_GROUPS),
    several=True,
    fresh=(("id", "group-#"), ("quota", 1)),
    offered=lambda document, _place: "each_group" not in document.data,
)
EACH_GROUP = Part(
    ("each_group",),
    _("Each group"),
    _OF_GROUPS,
    fresh=(("quota", 1),),
    offered=lambda document, _place: "group" not in document.data,
)
MISSING_VALUES = Part(("missing",), _("Missing values"), tuple(Effect((key,), label) for key, label in MISSING))
TIE_BREAKS = Part(
    ("tie_break",),
    _("Question among equals"),
    (
        Choice(("criterion",), _("Criterion"), choices=criterion_choices),
        Choice(("prefer",), _("Better is"), choices=one_of("higher", "lower")),
        Flag(("exact",), _("Before its rounding")),
        Flag(("lot",), _("By lot")),
    ),
    several=True,
    fresh=(("criterion", "total"),),
)
LOTTERY = Part(
    ("lottery",),
    _("Lottery in place of ranks where sheets cannot tell"),
    (
        Number(("confidence",), _("Confidence"), _("From 0.5 to less than 1.")),
        Count(("draws",), _("Joint draws of the scores"), unless(Lottery.draws)),
    ),
    fresh=(("confidence", "0.9"),),
    help=_("Left out, ranks alone fill the places."),
)
THRESHOLDS = Part(
    ("threshold",),
    _("Threshold"),
    (
        Choice(("criterion",), _("Criterion"), choices=criterion_choices),
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
        ID,
        NAME,
        Words(("reviewer",), _("Field of the reviewers")),
        Texts(("values",), _("Values, apart by commas; none: each is a kind")),
        Between(("per_entry",), _("Of them for an entry")),
    ),
    several=True,
    fresh=(("id", "kind-#"), ("reviewer", "institution"), ("per_entry", {"max": 1})),
)
ADAPTIVE = Part(
    ("adaptive",),
    _("Reviews held back for open places"),
    (
        Number(("held_back",), _("Share that is held back"), _("Between 0 and 1.")),
        Count(("batches",), _("Batches at most"), unless(Adaptive.batches)),
        Count(("most_per_entry",), _("Sheets of an entry at most")),
        Number(("least_gain",), _("No batch that brings less for each place")),
    ),
    fresh=(("held_back", "0.5"),),
    help=_("Left out, all reviews are given out at once."),
)
CONFLICTS = Part(
    ("conflict",),
    _("Conflict of interest"),
    (
        ID,
        NAME,
        Choice(("kind",), _("Kind"), choices=one_of("same", "declared")),
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
        Choice(("reviewers",), _("Reviewers"), choices=one_of("own", "alike")),
        Count(("digits",), _("Significant digits of the components"), unless(CalibrationRule.digits)),
        *rounding(),
    ),
)
ADJUSTMENTS = Part(
    ("adjustment",),
    _("Deduction or bonus"),
    (
        ID,
        NAME,
        Choice(("kind",), _("Kind"), choices=one_of("deduction", "bonus")),
        Choice(("criterion",), _("Criterion"), choices=criterion_choices),
        Words(("field",), _("Reported field"), _("Not said: the identifier.")),
        Prose(("formula",), _("Formula over reported fields")),
        Number(("each",), _("Points for each unit"), unless(1)),
        Number(("cap",), _("Points at most")),
        Choice(("missing",), _("Where a number is missing"), choices=[("none", _("no adjustment")), *one_of("refuse")]),
        *rounding(),
    ),
    several=True,
    fresh=(("id", "adjustment-#"), ("kind", "deduction")),
)
CAPS = Part(
    ("adjustment_caps",),
    _("All together at a criterion"),
    (
        Number(("deduction",), _("Deductions at most")),
        Number(("bonus",), _("Bonus at most")),
    ),
)
CONSTANTS = Part(
    ("constants",),
    _("Constants of formulas"),
    (KeyOf(("name",), _("Name")), ValueOf(("value",), _("Number"), editor=Number((), ""))),
    several=True,
    fresh=(("c#", 0),),
    help=_("Numbers that formulas call by their name."),
    rows=True,
    keyed=True,
)
UNITS = Part(
    ("units",),
    _("Units of reported fields"),
    (KeyOf(("name",), _("Reported field")), ValueOf(("value",), _("Unit"), editor=Words((), ""))),
    several=True,
    fresh=(("field-#", ""),),
    help=_("For readers; nothing is converted by it."),
    rows=True,
    keyed=True,
    suggested=fields_without_unit,
)
ENTRIES = Part(
    ("entries",),
    _("What an entry is made of"),
    (
        Count(("text_limit",), _("Characters for each criterion"), unless(EntryForm.text_limit)),
        Between(("cases",), _("Cases")),
        Count(("files",), _("Files for each criterion"), unless(EntryForm.files)),
        Count(("mebibytes",), _("Size of a file, MiB"), unless(EntryForm.mebibytes)),
        Flag(("zip",), _("Archives are taken")),
        Choice(("peers",), _("Other entrants"), choices=[("none", _("see nothing of it")), *one_of("view", "object")]),
        Words(("currency",), _("Currency of the round"), _("Code of ISO 4217, for example KRW.")),
    ),
)
EXCHANGE = Part(
    ("entries", "exchange"),
    _("Rates of other currencies"),
    (
        Words(("currency",), _("Currency")),
        Number(("rate",), _("One unit is worth")),
        Day(("date",), _("Day of the rate")),
    ),
    several=True,
    fresh=(),
    help=_("Amounts in a currency without a rate are compared with nothing."),
    rows=True,
)
OF_REVIEWERS = Part(
    ("sight", "reviewer"),
    _("What reviewers see"),
    (
        Choice(
            ("entrant",),
            _("Whose an entry is"),
            unless(TERMS["always"]),
            choices=one_of(*ALLOWED["reviewer"]["entrant"]),
        ),
        *_of_sheets("reviewer", _("Who else scores the entry"), _("The others' marks"), _("The others' comments")),
    ),
    help=_(
        "What others wrote is seen only once the own sheet of the entry is submitted. While whose it is stays hidden, "
        "files are copies that do not tell it."
    ),
)
OF_ENTRANTS = Part(
    ("sight", "entrant"),
    _("What entrants see of their own entry"),
    _of_sheets("entrant", _("Who scored it"), _("Its marks"), _("The comments on it")),
)
OF_OBSERVERS = Part(
    ("sight", "observer"),
    _("What observers see"),
    _of_sheets("observer", _("Who scores an entry"), _("Its marks"), _("The comments on it")),
)
VOTE = Part(
    ("vote",),
    _("Vote of the public"),
    (
        Choice(("voters",), _("Who may vote"), choices=one_of("public", "invited")),
        Choice(("ballot",), _("Ballot"), choices=one_of("ranked", "approval", "score")),
        Between(("choices",), _("Entries that a ballot names")),
        Numbers(("points",), _("Points by place, apart by commas"), _("Of a ranked ballot. Not said: one less each.")),
        Number(("scale", "min"), _("Lowest mark")),
        Number(("scale", "max"), _("Highest mark")),
        Number(("scale", "step"), _("Step")),
        Moment(("opens",), _("Opens")),
        Moment(("closes",), _("Closes")),
    ),
    fresh=(("voters", "public"), ("ballot", "ranked")),
    help=_("Its count reports numbers of every entry, for an indicator. Left out, there is none."),
)
MEETING = Part(
    ("meeting",),
    _("Meeting of the panel"),
    (
        Choice(("criterion",), _("Marks are compared at"), choices=criterion_choices),
        Number(("spread",), _("Called up from this spread on"), _("Between the highest and the lowest.")),
        Choice(("marks",), _("Marks in a meeting"), choices=one_of("stay", "change")),
    ),
    fresh=(("marks", "change"),),
    help=_("Left out, the panel of this round does not meet. Who sees the marks there is said above."),
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
    Section("missing", _("Missing values"), (MISSING_VALUES,)),
    Section("numbers", _("Constants and units"), (CONSTANTS, UNITS)),
    Section("adjustments", _("Deductions and bonus"), (ADJUSTMENTS, CAPS)),
    Section("ties", _("Ties and lottery"), (TIE_BREAKS, LOTTERY)),
    Section("thresholds", _("Thresholds"), (THRESHOLDS,)),
    Section("panel", _("Panel"), (PANEL, KINDS, ADAPTIVE)),
    Section("conflicts", _("Conflicts of interest"), (CONFLICTS,)),
    Section("calibration", _("Calibration"), (CALIBRATION,)),
    Section("entries", _("Entry form"), (ENTRIES, EXCHANGE)),
    Section("sight", _("Who sees what"), (OF_REVIEWERS, OF_ENTRANTS, OF_OBSERVERS)),
    Section("vote", _("Vote"), (VOTE,)),
    Section("meeting", _("Meeting"), (MEETING,)),
    Section("schedule", _("Schedule"), (SCHEDULE,)),
)
BY_SLUG = {section.slug: section for section in SECTIONS}
FIXED = {("simsa_rules",)}


def only_in_text(document: Document) -> list[tuple[Path, int | None]]:
    """Each value that no form shows, and its line."""
    shown: set[Path] = set(FIXED)
    for part in (part for section in SECTIONS for part in section.parts):
        for at in tables_of(document, part):
            showing = [editor for editor in part.editors if editor.shown(document, at) is not None]
            shown.update(path for editor in showing for path in editor.paths(at))
            if len(showing) == len(part.editors):
                shown.add(text_path(document, part, at))
    return [(path, document.places.line(path)) for path in _values(document.data) if path not in shown]


def part_at(place: Path) -> Part | None:
    """The part that is at a place."""
    known = (part for section in SECTIONS for part in section.parts)
    return next((part for part in known if len(part.path) == len(place) and part.holds(place)), None)


def section_of(path: Path) -> Section | None:
    """The section whose forms a place of the rules belongs to."""
    known = [(len(part.path), section) for section in SECTIONS for part in section.parts if part.holds(path)]
    return max(known, key=lambda one: one[0], default=(0, None))[1]


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
