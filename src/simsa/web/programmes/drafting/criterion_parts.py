"""The parts of a criterion: what it is called and where it stands, how it is marked or computed, and what follows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from simsa.web.programmes.drafting.composite import Named
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.editors import Choice, Count, Editor, Label, Number, Prose, Words
from simsa.web.programmes.drafting.kinds import Effect, FactorOf, group_ids
from simsa.web.programmes.drafting.parts import EACH, Part
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.rows import KeyOf, ValueOf
from simsa.web.programmes.drafting.scales import ANCHORS_OF, LEVELS_OF, ScaleOf
from simsa.web.programmes.drafting.terms import ID, MISSING, NAME, criterion_choices, one_of, rounding

_BELOW = ("no_result", "mean", "median", "refuse")

CRITERION = Part(
    ("criterion",),
    _("Criterion"),
    (
        ID,
        NAME,
        Named(("description",), _("Description"), prose=True),
        Choice(("parent",), _("Below"), choices=criterion_choices),
        Number(("weight",), _("Weight")),
    ),
    several=True,
)


def _aside(title: Label, *editors: Editor) -> Part:
    return Part(("criterion",), title, editors, several=True, aside=True)


def _has_steps(document: Document, place: Path) -> bool:
    return document.value((*place[:-1], "method")) in ("step", "percentile")


def _is_by_group(document: Document, place: Path) -> bool:
    return isinstance(document.value(place), dict)


STEPS = Part(
    ("criterion", EACH, "indicator", "steps"),
    _("Steps"),
    (Number(("at",), _("From this number on")), Number(("points",), _("Points"))),
    several=True,
    fresh=(),
    offered=_has_steps,
    help=_("The last step that is reached counts. By percentile the numbers are per cent."),
    rows=True,
)
BY_GROUP = Part(
    ("criterion", EACH, "factor", "by_group"),
    _("Factor of each group"),
    (KeyOf(("name",), _("Group"), names=group_ids), ValueOf(("value",), _("Factor"), editor=Number((), ""))),
    several=True,
    fresh=(("group-#", 1),),
    offered=_is_by_group,
    rows=True,
    keyed=True,
    suggested=group_ids,
)
OF_CRITERIA = (
    CRITERION,
    _aside(
        _("Marks"),
        ScaleOf(("scale",), _("Marks are")),
    ),
    ANCHORS_OF,
    LEVELS_OF,
    _aside(
        _("From the criteria below it"),
        Choice(
            ("combine", "method"),
            _("They become one value by"),
            choices=one_of("sum", "weighted_sum", "mean", "median", "min", "max"),
        ),
        Number(("combine", "weights_sum"), _("Weights add up to")),
        *rounding("combine"),
    ),
    _aside(
        _("From the sheets of an entry"),
        Choice(
            ("panel", "method"),
            _("They become one value by"),
            choices=one_of("mean", "median", "trimmed_mean", "consensus"),
        ),
        Count(("panel", "drop_high"), _("Highest marks dropped")),
        Count(("panel", "drop_low"), _("Lowest marks dropped")),
        Choice(("panel", "ties"), _("Dropped among equals"), choices=one_of("one", "all")),
        Count(("panel", "minimum"), _("Marks needed")),
        Choice(("panel", "below_minimum"), _("With fewer marks"), choices=one_of(*_BELOW)),
        Number(("panel", "spread"), _("Consensus: apart at most")),
        Choice(("panel", "otherwise"), _("Without consensus"), choices=one_of(*_BELOW)),
        *rounding("panel"),
    ),
    _aside(
        _("From a reported number"),
        Choice(
            ("indicator", "method"),
            _("Points are given"),
            choices=one_of("rank", "percentile", "linear", "target", "step", "formula", "reported"),
        ),
        Words(("indicator", "field"), _("Reported field")),
        Prose(("indicator", "formula"), _("Formula over reported fields")),
        Choice(("indicator", "better"), _("Better is"), choices=one_of("higher", "lower")),
        Choice(("indicator", "within"), _("Ranked"), choices=one_of("group", "round")),
        Choice(("indicator", "ties"), _("Equals share"), choices=one_of("mean", "best")),
        Number(("indicator", "points", "min"), _("Fewest points")),
        Number(("indicator", "points", "max"), _("Most points")),
        Number(("indicator", "worst"), _("Number for the fewest points")),
        Number(("indicator", "best"), _("Number for the most points")),
        Number(("indicator", "target"), _("Target")),
        Number(("indicator", "cap"), _("At most so many times the points")),
        Choice(("indicator", "counts"), _("Percentile counts"), choices=one_of("worse", "middle", "not_better")),
        Choice(("indicator", "boundary"), _("A number that equals a step"), choices=one_of("above", "below")),
        Number(("indicator", "base"), _("Points before the first step")),
        *rounding("indicator"),
    ),
    STEPS,
    _aside(
        _("Factor, rounding, limits"),
        FactorOf(("factor",), _("Factor")),
        *rounding(),
        Number(("at_least",), _("Value at least")),
        Number(("at_most",), _("Value at most")),
    ),
    BY_GROUP,
    _aside(_("Missing values here"), *(Effect(("missing", key), label) for key, label in MISSING)),
)
