"""The rules as frozen values. Every number is exact: an integer or a `fractions.Fraction`.

How a score comes about at a node of the criteria tree, in this order, each step only where it is declared:
combine the children (or take the mark, or the indicator's score) -> aggregate over the panel -> factor ->
deductions and bonus -> round -> limits. Below the node that aggregates over the panel a value belongs to one
sheet, from there upwards to the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Literal

from .canonical import canonical_bytes, digest
from .decimals import decimal_places
from .formulas import names_in, parse_formula
from .meetings import MeetingRule
from .nodes import ROOT, Criterion, Effect, Indicator, Missing, Name, Range, Rounding
from .sight import Sight
from .votes import FIELDS, Vote

MOMENTS = (
    "call", "deadline", "grace_until", "scoring_from", "scoring_until", "objections_until", "announcement",
)  # fmt: skip


@dataclass(frozen=True)
class Quota:
    """How many are selected: a `count`, a `share` of the group (rounded as declared), or the `best` alone."""

    count: int | None = None
    share: Fraction | None = None
    rounding: Literal["down", "half_up", "up"] = "down"
    best: bool = False

    def places(self, size: int) -> int:
        """Places to fill in a group of `size` entrants (never more than `size`)."""
        if self.best:
            return min(1, size)
        if self.count is not None:
            return min(self.count, size)
        wanted = (self.share or Fraction(0)) * size
        down = wanted.numerator // wanted.denominator
        rest = wanted - down
        up = (self.rounding == "up" and rest > 0) or (self.rounding == "half_up" and rest >= Fraction(1, 2))
        return min(down + up, size)


@dataclass(frozen=True)
class Group:
    """Entrants that compete with each other. `id` is `*` for "each group that the entries name".

    `award_floor`: nobody below it is selected; then `no_award` must say that a place may stay empty. `reserve`: how
    many are kept in order behind the selected.
    """

    id: str
    name: Name
    quota: Quota
    size: int | None = None
    award_floor: Fraction | None = None
    no_award: bool = False
    reserve: int = 0


@dataclass(frozen=True)
class Adjustment:
    """A deduction or a bonus at a node: the entry's `field`, or a `formula` over fields, times `each`.

    At most `cap`, optionally rounded. `missing`: what happens where a number that it needs is not there.
    """

    id: str
    name: Name
    kind: Literal["deduction", "bonus"]
    criterion: str
    each: Fraction
    field: str | None = None
    cap: Fraction | None = None
    missing: Literal["none", "refuse"] = "refuse"
    round: Rounding | None = None
    formula: str | None = None


@dataclass(frozen=True)
class Threshold:
    """Entrants whose value at `criterion` is below `at_least` cannot be selected, whatever their rank."""

    criterion: str
    at_least: Fraction
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class TieBreak:
    """The next question among equals: the value at `criterion` (before its rounding if `exact`), or a `lot`."""

    criterion: str | None = None
    prefer: Literal["higher", "lower"] = "higher"
    exact: bool = False
    lot: bool = False


@dataclass(frozen=True)
class Lottery:
    """Within the tie zone places are filled by lot: the zone at `confidence`, counted in `draws` joint draws.

    What the zone is stands at `simsa.engine.selection.Zone`.
    """

    confidence: Fraction
    draws: int = 4000


@dataclass(frozen=True)
class CalibrationRule:
    """How the panel's sheets are calibrated, and whether the calibrated score is the official one.

    `reviewers`: with a scale and a noise of their "own", or all "alike"; `digits`: significant digits to which the
    components of the model are rounded before any score is computed. With `official` the calibrated score, rounded as
    `round` says, makes the ranks, and the tally stands beside it.
    """

    official: bool = False
    reviewers: Literal["own", "alike"] = "own"
    digits: int = 4
    round: Rounding | None = None


@dataclass(frozen=True)
class Adaptive:
    """Reviews held back for the entries of which the first round leaves open whether they win.

    `held_back`: share of all reviews; the first round is the rest, `panel.sheets_per_entry` for every entry. They are
    given out in up to `batches`, each to entries that have at most `most_per_entry` sheets with it (None: no limit but
    the panel), until the next batch's expected gain falls below `least_gain` points of the score per place.
    """

    held_back: Fraction
    batches: int = 3
    most_per_entry: int | None = None
    least_gain: Fraction = Fraction(0)


@dataclass(frozen=True)
class PanelKind:
    """A kind of reviewer, of which each entry's reviewers are so many: `per_entry`.

    Reviewers whose field `reviewer` has one of `values` are of the kind; without values each value that the field has
    is a kind of its own (no two of one institution: at most 1).
    """

    id: str
    name: Name
    reviewer: str
    per_entry: Range
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class PanelLimits:
    """Size of the panel, sheets per entry and load per reviewer, each from a least to a most; kinds of reviewers."""

    size: Range = Range()
    sheets_per_entry: Range = Range()
    load: Range = Range()
    kinds: tuple[PanelKind, ...] = ()


@dataclass(frozen=True)
class ConflictRule:
    """A reason for which a reviewer must not score an entry.

    `same`: the reviewer's field `reviewer` equals the entrant's field `entrant`; `declared`: a row in the conflict
    register.
    """

    id: str
    name: Name
    kind: Literal["same", "declared"]
    reviewer: str | None = None
    entrant: str | None = None


Peers = Literal["none", "view", "object"]


@dataclass(frozen=True)
class Exchange:
    """One unit of `currency` (ISO 4217) is worth `rate` units of the round's currency, as of the day `date`."""

    currency: str
    rate: Fraction
    date: str


@dataclass(frozen=True)
class EntryForm:
    """What an entry is made of, besides the numbers that indicators ask for.

    `text_limit`: characters for each criterion. `cases`: how many. `files` for each criterion, of so many `mebibytes`;
    `zip`: whether an archive is taken. `peers`: whether other entrants see what was submitted, or also object to it.
    Money is converted to `currency`.
    """

    text_limit: int = 4000
    cases: Range = Range(0, 10)
    files: int = 10
    mebibytes: int = 50
    zip: bool = False
    peers: Peers = "none"
    currency: str | None = None
    exchange: tuple[Exchange, ...] = ()

    def rate(self, currency: str) -> Fraction | None:
        """What one unit of a currency is worth in the round's; None where the rules say nothing of it."""
        if currency == self.currency:
            return Fraction(1)
        return next((one.rate for one in self.exchange if one.currency == currency), None)


@dataclass(frozen=True)
class Schedule:
    """Moments of the round in order, ISO 8601 in the round's time zone."""

    moments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rules:
    """The rule set of one round. Build it with `simsa.rules.parse` or `load`, which also check it."""

    id: str
    name: Name
    time_zone: str
    language: str
    groups: tuple[Group, ...]
    criteria: tuple[Criterion, ...]
    missing: tuple[tuple[Missing, Effect], ...]
    rank_by: str = ROOT
    tie_breaks: tuple[TieBreak, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    adjustment_caps: tuple[tuple[str, Fraction], ...] = ()
    panel: PanelLimits = field(default_factory=PanelLimits)
    conflicts: tuple[ConflictRule, ...] = ()
    schedule: Schedule = field(default_factory=Schedule)
    entries: EntryForm = field(default_factory=EntryForm)
    programme: str | None = None
    lottery: Lottery | None = None
    adaptive: Adaptive | None = None
    calibration: CalibrationRule = field(default_factory=CalibrationRule)
    constants: tuple[tuple[str, Fraction], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    vote: Vote | None = None
    sight: Sight = field(default_factory=Sight)
    meeting: MeetingRule | None = None

    @cached_property
    def canonical(self) -> bytes:
        """The canonical form: RFC 8785 JSON of strings and integers, NFC, defaults left out."""
        return canonical_bytes(self)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical form, as 64 hexadecimal digits."""
        return digest(self.canonical)

    @cached_property
    def beside_marks(self) -> tuple[str, ...]:
        """What besides the panel's marks makes the ranks, named; empty where nothing does.

        A factor that differs between entries stretches severities and noises with them, so it is among these.
        """
        factors = [node.id for node in self.criteria if node.factor is not None and node.factor.differs]
        found = [f"the indicator {node.id!r}" for node in self.indicators]
        found += [f"the {adjustment.kind} {adjustment.id!r}" for adjustment in self.adjustments]
        found += [f"the factor of {node!r} that differs between entries" for node in factors]
        return (*found, f"rank_by = {self.rank_by!r}") if self.rank_by != ROOT else tuple(found)

    @cached_property
    def first_panel(self) -> PanelLimits:
        """The panel's limits for the first assignment: with reviews held back, loads are that much smaller."""
        if self.adaptive is None:
            return self.panel
        share, load = 1 - self.adaptive.held_back, self.panel.load
        least = None if load.min is None else floor(share * load.min)
        most = None if load.max is None else ceil(share * load.max)
        return replace(self.panel, load=Range(least, most))

    @cached_property
    def whole_panel(self) -> PanelLimits:
        """The panel's limits for all sheets of the round: how many of those held back are given out is open."""
        if self.adaptive is None:
            return self.panel
        sheets = Range(self.panel.sheets_per_entry.min, self.adaptive.most_per_entry)
        load = Range(self.first_panel.load.min, self.panel.load.max)
        return replace(self.panel, sheets_per_entry=sheets, load=load)

    @cached_property
    def by_id(self) -> Mapping[str, Criterion]:
        return {criterion.id: criterion for criterion in self.criteria}

    @cached_property
    def root(self) -> Criterion:
        return next(criterion for criterion in self.criteria if criterion.parent is None)

    def children(self, criterion: str) -> tuple[Criterion, ...]:
        return self._children.get(criterion, ())

    @cached_property
    def _children(self) -> Mapping[str, tuple[Criterion, ...]]:
        found: dict[str, list[Criterion]] = {}
        for criterion in self.criteria:
            if criterion.parent is not None:
                found.setdefault(criterion.parent, []).append(criterion)
        return {parent: tuple(nodes) for parent, nodes in found.items()}

    @cached_property
    def leaves(self) -> tuple[Criterion, ...]:
        """Leaves that the panel marks, in the order of the file: the columns of a sheet."""
        return tuple(node for node in self.criteria if not self.children(node.id) and node.indicator is None)

    @cached_property
    def indicators(self) -> tuple[Criterion, ...]:
        return tuple(node for node in self.criteria if node.indicator is not None)

    @property
    def counted_fields(self) -> tuple[str, ...]:
        """The fields that the count of the vote reports, and nobody else may; none without a vote."""
        return () if self.vote is None else FIELDS

    @cached_property
    def reported_fields(self) -> frozenset[str]:
        """The fields that entries may report: of indicators, factors, deductions and bonus."""
        fields = {node.factor.field for node in self.criteria if node.factor and node.factor.field}
        sources: list[Indicator | Adjustment] = [node.indicator for node in self.criteria if node.indicator]
        return frozenset(fields.union(*map(self.fields_of, [*sources, *self.adjustments])))

    def fields_of(self, source: Indicator | Adjustment) -> tuple[str, ...]:
        """The fields from which an indicator or an adjustment is computed, each once, in the order of its formula."""
        if source.formula is None:
            return () if source.field is None else (source.field,)
        constants = dict(self.constants)
        return tuple(dict.fromkeys(name for name in names_in(parse_formula(source.formula)) if name not in constants))

    @cached_property
    def mark_places(self) -> int:
        """Decimal places that hold every mark the scales allow: marks are integers in units of 10**-places."""
        numbers = [number for leaf in self.leaves if leaf.scale for number in leaf.scale.finest]
        return max((decimal_places(number) for number in numbers), default=0)

    def effect(self, leaf: Criterion, why: Missing) -> Effect:
        """What a value missing for the reason `why` does at `leaf`."""
        return dict(leaf.missing).get(why) or dict(self.missing)[why]

    def group(self, group: str) -> Group | None:
        """The rule of a group named by an entry; None if the rules do not know it."""
        return self._groups.get(group) or self._groups.get("*")

    @cached_property
    def _groups(self) -> Mapping[str, Group]:
        return {group.id: group for group in self.groups}

    def walk(self) -> Iterator[tuple[int, Criterion]]:
        """The tree from the root, each node with its depth, in the order of the file."""
        stack = [(0, self.root)]
        while stack:
            depth, node = stack.pop()
            yield depth, node
            stack.extend((depth + 1, child) for child in reversed(self.children(node.id)))
