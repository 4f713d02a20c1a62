"""What the pages of the assignment desk show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language

from simsa.engine.inputs import values_of
from simsa.tables.figures import Bin, Figures, Spread, WorstEntry
from simsa.web.panel.models import Alternative, FixedPair
from simsa.web.panel.services.planning import Changed, changed_since
from simsa.web.programmes.models import Round


@dataclass(frozen=True)
class Compared:
    """An alternative beside the others: its numbers, and how much it differs from the one before it."""

    alternative: Alternative
    total: str = ""
    share: float | None = None
    worst: str = ""
    bound: str = ""
    loads: str = ""
    new: int | None = None

    @property
    def state(self) -> str:
        return self.alternative.state


def compared(round_: Round) -> list[Compared]:
    """Every alternative of a round, the newest first."""
    rows, before = [], None
    for one in Alternative.objects.filter(round=round_).order_by("number"):
        if one.state != Alternative.State.DONE:
            rows.append(Compared(one))
            continue
        told, figures = one.told, figures_of(one)
        greatest = Fraction(told["greatest"])
        rows.append(
            Compared(
                alternative=one,
                total=_decimal(told["total"]),
                share=float(100 * Fraction(told["total"]) / greatest) if greatest > 0 else None,
                worst=_decimal(figures.worst[0].affinity) if figures.worst else "",
                bound=_decimal(told["bound"]) if "bound" in told else "",
                loads=f"{figures.load.least:g}–{figures.load.most:g}",
                new=None if before is None else len(one.by_pair - before.by_pair),
            )
        )
        before = one
    return rows[::-1]


def figures_of(alternative: Alternative) -> Figures:
    """The figures of an alternative, read back."""
    kept = alternative.told["figures"]
    spreads = {
        key: Spread(*(float(kept[key][part]) for part in ("least", "median", "most")))
        for key in ("coverage", "load", "load_limit", "entry_affinity")
    }
    return Figures(
        **{key: kept[key] for key in ("entries", "reviewers", "pairs", "slots", "total")},
        **spreads,
        mean=float(kept["mean"]),
        worst=tuple(WorstEntry(**{**one, "reviewers": tuple(one["reviewers"])}) for one in kept["worst"]),
        loads=tuple(kept["loads"]),
        affinities=tuple(Bin(float(one["low"]), float(one["high"]), one["count"]) for one in kept["affinities"]),
    )


@dataclass(frozen=True)
class Covering:
    """How many reviewers with a value of a field an entry has: the fewest, the most, and how many entries have none."""

    field: str
    value: str
    least: int
    most: int
    without: int


MOST_VALUES = 12


def coverage_of(round_: Round, alternative: Alternative) -> list[Covering]:
    """By each field of the panel that has few values (region, pool, seniority) who covers the entries."""
    panel: Mapping[str, Mapping[str, str]] = dict(round_.reviewers.values_list("code", "fields"))
    entries = list(round_.entries.values_list("entrant__code", flat=True))
    found = []
    for field in sorted({name for fields in panel.values() for name in fields}):
        values = {code: values_of(fields.get(field, "")) for code, fields in panel.items()}
        every = sorted({value for own in values.values() for value in own})
        if not 1 < len(every) <= MOST_VALUES:
            continue
        counts = Counter((entry, value) for entry, code in alternative.by_pair for value in values[code])
        for value in every:
            each = [counts[entry, value] for entry in entries]
            found.append(Covering(field, value, min(each), max(each), each.count(0)))
    return found


def before_of(alternative: Alternative) -> Alternative | None:
    """The alternative that was done before this one."""
    done = Alternative.objects.filter(round=alternative.round, state=Alternative.State.DONE)
    return done.filter(number__lt=alternative.number).order_by("number").last()


@dataclass(frozen=True)
class Change:
    """A pair that is new or gone between two alternatives, and why, in one word (`barred`, `pinned`, `total`)."""

    entry: str
    reviewer: str
    new: bool
    why: str


def changes_of(
    round_: Round, alternative: Alternative, before: Alternative, barred: frozenset[tuple[str, str]]
) -> tuple[Changed, Sequence[Change]]:
    """What changed since an alternative: numbers, and each pair with the names of both."""
    found = changed_since(alternative, before, barred)
    names, panel = names_of(round_)
    by_hand = FixedPair.objects.filter(entry__round=round_, kind=FixedPair.Kind.PINNED)
    pinned = set(by_hand.values_list("entry__entrant__code", "reviewer__code"))
    told = [(pair, True, "pinned" if pair in pinned else "total") for pair in found.added]
    told += [(pair, False, "barred" if pair in found.barred else "total") for pair in found.gone]
    changes = [
        Change(names.get(entry, entry), panel.get(code, code), new, why) for (entry, code), new, why in sorted(told)
    ]
    return found, changes


def names_of(round_: Round) -> tuple[dict[str, str], dict[str, str]]:
    """Names of entries and reviewers by code; of those who have left the round since there are none."""
    language = get_language() or "ko"
    entries = {one.entrant.code: one.entrant.name(language) for one in round_.entries.select_related("entrant")}
    return entries, dict(round_.reviewers.values_list("code", "name"))


def _decimal(text: str) -> str:
    return f"{float(Fraction(text)):.4g}"


def context_of(round_: Round) -> dict[str, Any]:
    """What the desk says of the round before anything is computed."""
    rules = round_.rules
    return {
        "entries": round_.entries.count(),
        "members": round_.reviewers.count(),
        "sheets": rules.first_panel.sheets_per_entry,
        "load": rules.first_panel.load,
    }
