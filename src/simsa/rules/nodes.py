"""The criteria tree as frozen values: its nodes, what is marked or computed at each, and what a missing value does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Literal

RoundingMode = Literal["half_up", "half_even", "down"]
PanelMethod = Literal["mean", "median", "trimmed_mean", "consensus"]
CombineMethod = Literal["sum", "weighted_sum", "mean", "median", "min", "max"]
IndicatorMethod = Literal["rank", "percentile", "linear", "target", "step", "formula", "reported"]
Counted = Literal["worse", "middle", "not_better"]

ROOT = "total"


class Missing(StrEnum):
    """Why there is no mark. Each is a value of its own and never zero."""

    NOT_SUBMITTED = "not_submitted"
    NOT_APPLICABLE = "not_applicable"
    ABSTAINED = "abstained"
    RECUSED = "recused"


@dataclass(frozen=True)
class Effect:
    """What a missing value does.

    `leave_out`: the aggregate is taken over what is there (weights are renormalised); `no_result`: the node has
    no result for this entry; `refuse`: the tally stops and names the place; `value`: stands for `value`.
    """

    kind: Literal["leave_out", "no_result", "refuse", "value"]
    value: Fraction | None = None


@dataclass(frozen=True)
class Name:
    """What something is called, by language code; `text("ko")` falls back to any language there is."""

    by_language: tuple[tuple[str, str], ...]

    def text(self, language: str = "ko") -> str:
        names = dict(self.by_language)
        return names.get(language) or names.get("en") or next(iter(names.values()))


@dataclass(frozen=True)
class Rounding:
    """Decimal places and mode: `half_up` (ties away from zero), `half_even`, `down` (towards zero)."""

    places: int
    mode: RoundingMode = "half_up"

    def apply(self, value: Fraction) -> Fraction:
        scaled = abs(value) * 10**self.places
        whole, rest = divmod(scaled.numerator, scaled.denominator)
        twice = 2 * rest
        up = self.mode == "half_up" and twice >= scaled.denominator
        up = up or (
            self.mode == "half_even"
            and (twice > scaled.denominator or (twice == scaled.denominator and whole % 2 == 1))
        )
        rounded = Fraction(whole + up, 10**self.places)
        return -rounded if value < 0 else rounded


@dataclass(frozen=True)
class Range:
    """From `min` to `max`, both included; None is no limit."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class Anchor:
    """What the mark `at` means."""

    at: Fraction
    name: Name
    description: Name | None = None


@dataclass(frozen=True)
class Scale:
    """The marks a reviewer may give: `min`, `min + step`, ... `max`. `anchors`, upwards: what some of them mean."""

    min: Fraction
    max: Fraction
    step: Fraction
    anchors: tuple[Anchor, ...] = ()

    @property
    def size(self) -> int:
        """How many marks there are."""
        return int((self.max - self.min) / self.step) + 1

    @property
    def marks(self) -> tuple[Fraction, ...]:
        """All of them, from the lowest."""
        return tuple(self.min + n * self.step for n in range(self.size))

    @property
    def finest(self) -> tuple[Fraction, ...]:
        """Numbers whose decimal places hold every mark."""
        return (self.min, self.step)

    def allows(self, mark: Fraction) -> bool:
        return self.min <= mark <= self.max and (mark - self.min) % self.step == 0

    def meant(self, _text: str, number: Fraction | None) -> Fraction | None:
        """As `Levels.meant`; here every mark is a number."""
        return number if number is not None and self.allows(number) else None


class AmbiguousError(ValueError):
    """A text that is the name of one level and the value of another."""


@dataclass(frozen=True)
class Level:
    """A mark with a name: reviewers choose it by its `id`, and it counts as `value`."""

    id: str
    name: Name
    value: Fraction
    description: Name | None = None


@dataclass(frozen=True)
class Levels:
    """The levels of which a reviewer chooses one, in the order that is shown: values only fall, or only rise."""

    levels: tuple[Level, ...]

    @cached_property
    def marks(self) -> tuple[Fraction, ...]:
        """What the levels count as, from the lowest."""
        return tuple(sorted(level.value for level in self.levels))

    @property
    def min(self) -> Fraction:
        return self.marks[0]

    @property
    def max(self) -> Fraction:
        return self.marks[-1]

    @property
    def size(self) -> int:
        return len(self.levels)

    @property
    def finest(self) -> tuple[Fraction, ...]:
        return self.marks

    def allows(self, mark: Fraction) -> bool:
        return mark in self.marks

    def at(self, mark: Fraction) -> Level | None:
        """The level that counts as `mark`."""
        return next((level for level in self.levels if level.value == mark), None)

    def meant(self, text: str, number: Fraction | None) -> Fraction | None:
        """The mark that `text` means, a level's id, or a value if it can be read as `number`; None if it means none.

        AmbiguousError for the id of one level and the value of another.
        """
        named = {level.value for level in self.levels if level.id == text}
        found = named | ({number} if number is not None and self.allows(number) else set())
        if len(found) > 1:
            raise AmbiguousError(text)
        return next(iter(found), None)


@dataclass(frozen=True)
class PanelAggregate:
    """How the sheets of one entry become one value.

    `trimmed_mean` drops `drop_high` and `drop_low` marks; with `ties` = `one` exactly so many even when others are
    equal to them, with `all` also those equal to a dropped mark. Fewer than `minimum` marks: `below_minimum`.
    `consensus` needs marks at most `spread` apart and gives their mean, else `otherwise`.
    """

    method: PanelMethod
    drop_high: int = 0
    drop_low: int = 0
    ties: Literal["one", "all"] = "one"
    minimum: int = 1
    below_minimum: Literal["no_result", "mean", "median", "refuse"] = "no_result"
    spread: Fraction = Fraction(0)
    otherwise: Literal["no_result", "mean", "median", "refuse"] = "no_result"
    round: Rounding | None = None


@dataclass(frozen=True)
class Combine:
    """How the children of a node become one value. For `weighted_sum` the weights add up to `weights_sum`."""

    method: CombineMethod
    weights_sum: Fraction = Fraction(1)
    round: Rounding | None = None


@dataclass(frozen=True)
class Step:
    """From the number `at` on (or beyond it, as `Indicator.boundary` says) there are `points`."""

    at: Fraction
    points: Fraction


@dataclass(frozen=True)
class Indicator:
    """A leaf computed from reported numbers instead of marks: from the entry's `field`, or by a `formula` over fields.

    `rank`: the best of the `within` gets `points.max`, the last `points.min`, evenly between; tied bodies share
    the `ties` rank. `percentile`: the share of the `within` that is `counts` (worse, not better, or the middle of the
    two) lies so far between them, or with `steps` is put into these in per cent. `linear`: `worst` gives `points.min`,
    `best` gives `points.max`, cut off outside. `target`: who reaches it gets `points.max`, others the share of it that
    they reach, more than all points up to `cap` times. `step`: the points of the last of the `steps` that is reached,
    `base` before the first; with `boundary` = `above` a number that equals a step has reached it, with `below` not.
    `formula`, `reported`: the number itself. `round` is of the score.
    """

    method: IndicatorMethod
    field: str | None = None
    better: Literal["higher", "lower"] = "higher"
    within: Literal["group", "round"] = "group"
    ties: Literal["mean", "best"] = "mean"
    points_min: Fraction = Fraction(0)
    points_max: Fraction = Fraction(100)
    worst: Fraction | None = None
    best: Fraction | None = None
    formula: str | None = None
    counts: Counted | None = None
    target: Fraction | None = None
    cap: Fraction = Fraction(1)
    steps: tuple[Step, ...] = ()
    boundary: Literal["above", "below"] | None = None
    base: Fraction = Fraction(0)
    round: Rounding | None = None


@dataclass(frozen=True)
class Factor:
    """A multiplier: one `value`, one per group, or the entry's own `field` (then one of `allowed`, if given)."""

    value: Fraction | None = None
    by_group: tuple[tuple[str, Fraction], ...] = ()
    field: str | None = None
    allowed: tuple[Fraction, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether it may be another number for one entry than for another."""
        return self.field is not None or len({number for _, number in self.by_group}) > 1


@dataclass(frozen=True)
class Criterion:
    """A node of the criteria tree. Leaves (no children) are scored by the panel or are indicators."""

    id: str
    name: Name
    parent: str | None
    weight: Fraction | None = None
    scale: Scale | Levels | None = None
    indicator: Indicator | None = None
    combine: Combine | None = None
    panel: PanelAggregate | None = None
    factor: Factor | None = None
    round: Rounding | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    missing: tuple[tuple[Missing, Effect], ...] = ()
    description: Name | None = None
