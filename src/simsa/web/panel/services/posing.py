"""A round's panel as the engine is asked to assign it: candidates, conflicts, limits, what was fixed by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine.assignment import Progress
from simsa.engine.inputs import Entries, Reviewers
from simsa.engine.slots import ConflictPair, SolvedSlots, conflicts, pose_slots
from simsa.record import canonical_text
from simsa.rules import Rules, digest
from simsa.web.entries.inputs import entries_of, fields_of
from simsa.web.panel.inputs import Positions, affinities_of, candidates_of, declared_of, own_limits_of, reviewers_of
from simsa.web.panel.models import Conflict, FixedPair
from simsa.web.panel.services.declaring import spread_declarations
from simsa.web.programmes.models import Round

FIXED = "by hand"
"""What the engine calls the rule of a pair that an officer forbade."""


@dataclass(frozen=True)
class Posed:
    """What an assignment of the round follows from; `fingerprint` changes with any of it.

    `found`: the conflicts; `forbidden`: they, and pairs that an officer forbade. `most`: how many each reviewer takes
    of their own accord. `pinned`: (entry, reviewer) positions that an officer wants to meet, shape (k, 2).
    """

    rules: Rules
    entries: Entries
    reviewers: Reviewers
    found: tuple[ConflictPair, ...]
    forbidden: tuple[ConflictPair, ...]
    pairs: Positions | None
    affinity: NDArray[np.float64] | None
    most: NDArray[np.int64]
    pinned: NDArray[np.int64]
    fingerprint: str

    def solved(self, progress: Progress | None = None) -> SolvedSlots:
        """The assignment with the greatest total, and the problem. AssignmentError, InputError as `pose_slots`."""
        return pose_slots(
            self.rules,
            self.entries,
            self.reviewers,
            self.affinity,
            self.forbidden,
            self.pairs,
            pinned=self.pinned,
            most=self.most,
            progress=progress,
        )


def pose(round_: Round) -> Posed:
    """The round as it is now, in a transaction that has locked it."""
    entries, reviewers = entries_of(round_), reviewers_of(round_)
    found = known_conflicts(round_, round_.rules, entries, reviewers)
    fixed = FixedPair.objects.filter(entry__round=round_).order_by("pk")
    rows = list(fixed.values_list("entry__entrant__code", "reviewer__code", "kind"))
    place: Callable[[str, str], tuple[int, int]] = lambda e, r: (entries.index[e], reviewers.index[r])  # noqa: E731
    pinned = [place(e, r) for e, r, kind in rows if kind == FixedPair.Kind.PINNED]
    forbidden = [ConflictPair(*place(e, r), FIXED) for e, r, kind in rows if kind == FixedPair.Kind.FORBIDDEN]
    pairs, affinity = _with_pinned(*candidates_of(round_, entries, reviewers), pinned)
    own = own_limits_of(round_)
    kept = affinities_of(round_)
    told = {
        "rules": round_.rules_hash,
        "entries": [list(entries.ids), list(entries.group)],
        "reviewers": [list(reviewers.ids), {name: list(texts) for name, texts in reviewers.fields.items()}],
        "conflicts": sorted({(pair.entry, pair.reviewer) for pair in found}),
        "fixed": sorted(rows),
        "limits": own,
        "affinities": "" if kept is None else kept.table,
    }
    return Posed(
        rules=round_.rules,
        entries=entries,
        reviewers=reviewers,
        found=found,
        forbidden=(*found, *forbidden),
        pairs=pairs,
        affinity=affinity,
        most=np.array([own.get(code, len(entries)) for code in reviewers.ids], np.int64),
        pinned=np.array(pinned, np.int64).reshape(-1, 2),
        fingerprint=digest(canonical_text(told).encode()),
    )


def known_conflicts(round_: Round, rules: Rules, entries: Entries, reviewers: Reviewers) -> tuple[ConflictPair, ...]:
    """Every conflict of a locked round: what the rules find, what was declared, and what was decided."""
    spread_declarations(round_)
    declared = {(entries.index[entry], reviewers.index[reviewer]) for entry, reviewer, _r in declared_of(round_)}
    found = conflicts(rules, entries, fields_of(round_), reviewers, sorted(declared))
    decided = Conflict.objects.filter(entry__round=round_, source=Conflict.Source.PROCEDURE)
    pairs = decided.values_list("entry__entrant__code", "reviewer__code", "reason")
    return (*found, *(ConflictPair(entries.index[e], reviewers.index[r], reason) for e, r, reason in pairs))


def _with_pinned(
    pairs: Positions | None, affinity: NDArray[np.float64] | None, pinned: list[tuple[int, int]]
) -> tuple[Positions | None, NDArray[np.float64] | None]:
    """Candidates with those that an officer pinned, though nobody gave an affinity: it is 0."""
    if pairs is None or affinity is None:
        return pairs, affinity
    there = set(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))
    new = np.array([pair for pair in pinned if pair not in there], np.int64).reshape(-1, 2)
    rows, columns = (np.concatenate([pairs[side], new[:, side]]) for side in (0, 1))
    return (rows, columns), np.concatenate([affinity, np.zeros(len(new))])
