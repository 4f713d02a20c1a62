"""The next reviews of an adaptive round: from what has been read to a proposal and its tables.

    proposal = propose(of_folder(read_round("round")))

The command line and the site call `propose`; what it says in words is in `simsa.tables.words.adaptive`. The proposal
depends on what the inputs say and not on the order in which they list it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsa.engine.adaptive import NextReviews, first_sheets, next_reviews, withdrawn
from simsa.engine.calibration import Calibration
from simsa.engine.evaluation import calibrated, rounded
from simsa.engine.inputs import Entries, InputError, Reported, Reviewers, Sheets, Status
from simsa.engine.selection import draw_seed
from simsa.engine.slots import ConflictPair, conflicts
from simsa.engine.tally import Tally, tally
from simsa.rules import Rules, exact_text
from simsa.tables.round_folder import RoundInputs
from simsa.tables.run import scored, synthetic_conflicts
from simsa.tables.table import Cell, Table
from simsa.tables.words.adaptive import outstanding_warning, proposal_lines

Integers = NDArray[np.int64]
Affinity = tuple[Integers, Integers, NDArray[np.float64]]
Progress = Callable[[str], None]
"""Told each step as it begins."""


@dataclass(frozen=True, eq=False)
class SoFar:
    """A round between two batches.

    `names` of the entries; `sheets` with every slot that was given out; `forbidden`: pairs that must not meet, and
    `affinity` (entry, reviewer, value): the candidates, as positions in `entries` and `reviewers`. `synthetic` if
    sheets were drawn. `most` (reviewers,): how many entries each takes in all of their own accord.
    """

    rules: Rules
    entries: Entries
    names: tuple[str, ...]
    sheets: Sheets
    reported: Reported
    reviewers: Reviewers
    forbidden: Sequence[ConflictPair] = ()
    affinity: Affinity | None = None
    synthetic: bool = False
    most: Integers | None = None


@dataclass(frozen=True, eq=False)
class Proposal:
    """The next reviews of `so_far`; `found` counts entries and reviewers as `so_far` does.

    `slots` (entries,): reviews that each has been given, withdrawn ones left out, of which `outstanding` in all have
    not come in. `seed`: of the draws, None if none was given.
    """

    so_far: SoFar
    found: NextReviews
    slots: Integers
    outstanding: int
    seed: str | None

    @property
    def handed_out(self) -> list[tuple[str, str]]:
        """Ids of entry and reviewer, in the order of the ids, which tells nothing."""
        entries, reviewers = self.so_far.entries.ids, self.so_far.reviewers.ids
        return [(entries[e], reviewers[r]) for e, r in zip(self.found.entry, self.found.reviewer, strict=True)]

    @property
    def skipped(self) -> list[str]:
        """Ids of the reviewers who are too noisy to be asked."""
        return sorted(self.so_far.reviewers.ids[n] for n in self.found.skipped)

    def lines(self, language: str) -> list[str]:
        """The proposal in sentences, for the officer."""
        return proposal_lines(self.found, self.so_far.rules, self.skipped, self.outstanding, language)


def of_folder(inputs: RoundInputs, *, seed: str | None = None, language: str | None = None) -> SoFar:
    """The round of a folder as it stands; drawn sheets (`seed` as in `run_round`) where it has a synthetic panel."""
    synthetic, spoken = inputs.synthetic, language or inputs.rules.language
    if synthetic is not None:
        forbidden = synthetic_conflicts(inputs, synthetic, seed or synthetic.seed)
    else:
        declared = [(pair.entry, pair.reviewer) for pair in inputs.conflicts]
        forbidden = conflicts(inputs.rules, inputs.entries, inputs.entrant_fields, inputs.reviewers, declared)
    known = inputs.affinity
    so_far = SoFar(
        inputs.rules,
        inputs.entries,
        tuple(entrant.text(spoken) for entrant in inputs.entrants),
        scored(inputs, seed=seed).sheets,
        inputs.reported,
        inputs.reviewers,
        forbidden,
        None if known is None else (known.entry, known.reviewer, known.value),
        synthetic is not None,
    )
    if synthetic is None and inputs.assignment is None:
        refuse_unlisted(so_far)
    return so_far


def refuse_unlisted(so_far: SoFar) -> None:
    """InputError where sheets that have not come in may be missing: without an assignment nobody can tell them."""
    listed = np.bincount(so_far.sheets.entry, minlength=len(so_far.entries))
    first = first_sheets(so_far.rules)
    short = np.flatnonzero(listed < first)
    if so_far.rules.adaptive is not None and len(short):
        raise InputError(
            f"entry {so_far.entries.ids[short[0]]!r} has {listed[short[0]]} of the {first} sheets of the first round "
            f"({len(short)} entries have too few); give the assignment, so that a sheet that has not come in is told "
            "from one that nobody was asked for"
        )


def propose(so_far: SoFar, *, seed: str | None = None, progress: Progress | None = None) -> Proposal:
    """The next batch that the rules allow, or why there is none.

    InputError for rules that hold nothing back, for a reviewer who is not on the panel, and before any sheet is in.
    """
    tell = progress or (lambda _step: None)
    tell("tally and calibration")
    entry_order = np.array(sorted(range(len(so_far.entries)), key=so_far.entries.ids.__getitem__), np.int64)
    reviewer_order = np.array(sorted(range(len(so_far.reviewers.ids)), key=so_far.reviewers.ids.__getitem__), np.int64)
    given = _sorted(so_far, entry_order, reviewer_order)
    added = tally(given.rules, given.entries, given.sheets, given.reported)
    calibration = calibrated(given.rules, added, given.entries, given.sheets)
    if given.rules.adaptive is None:
        raise InputError("the rules hold no reviews back: [adaptive] held_back says which share")
    if calibration is None:
        raise InputError("no sheet has a mark yet, so nothing tells who is in doubt; come back with the first round's")
    tell("next reviews")
    found = _next(given, added, calibration, seed)
    place = np.argsort(entry_order)
    back = {name: getattr(found, name)[place] for name in ("chance", "doubt", "wanted", "owed")}
    found = replace(
        found,
        entry=entry_order[found.entry],
        reviewer=reviewer_order[found.reviewer],
        information=found.information[np.argsort(reviewer_order)],
        skipped=np.sort(reviewer_order[found.skipped]),
        **back,
    )
    sheets = so_far.sheets
    slots = np.bincount(sheets.entry[~withdrawn(sheets)], minlength=len(so_far.entries))
    awaited = (sheets.status == Status.NOT_SUBMITTED).all(axis=1) if sheets.leaves else np.zeros(len(sheets), bool)
    return Proposal(so_far, found, slots, int(awaited.sum()), seed)


def next_table(proposal: Proposal) -> Table:
    """What is handed out: `entry`, `reviewer`, as in an assignment. It says of no pair why."""
    return Table.of(["entry", "reviewer"], [[*pair] for pair in proposal.handed_out], "next reviews")


def why_table(proposal: Proposal) -> Table:
    """For the officer alone, most doubt first: `entry`, `name`, `group`, `sheets` given out so far, `chance`, `doubt`,
    `reviews` proposed, of which `makes_up` for lost ones, and `reviewers` apart by `;`."""
    so_far, found = proposal.so_far, proposal.found
    by: dict[int, list[str]] = {}
    for entry, reviewer in zip(found.entry.tolist(), found.reviewer.tolist(), strict=True):
        by.setdefault(entry, []).append(so_far.reviewers.ids[reviewer])
    order = sorted(range(len(so_far.entries)), key=lambda n: (-found.wanted[n], -found.doubt[n], so_far.entries.ids[n]))
    rows: list[list[Cell]] = [
        [
            so_far.entries.ids[n],
            so_far.names[n],
            so_far.entries.group[n],
            str(proposal.slots[n]),
            _six(found.chance[n]),
            None if math.isnan(found.chance[n]) else _six(found.doubt[n]),
            str(found.wanted[n]),
            str(found.owed[n]),
            "; ".join(by.get(n, ())) or None,
        ]
        for n in order
    ]
    header = ["entry", "name", "group", "sheets", "chance", "doubt", "reviews", "makes_up", "reviewers"]
    return Table.of(header, rows, "why")


def proposal_json(proposal: Proposal, language: str) -> dict[str, Any]:
    """Everything as plain data: `stop` is None where there is a batch, else why not (`Stop`)."""
    rules, found = proposal.so_far.rules, proposal.found
    budget, why = found.budget, why_table(proposal)
    assert rules.adaptive is not None
    return {
        "rules_hash": rules.hash,
        "seed": proposal.seed,
        "synthetic": proposal.so_far.synthetic,
        "stop": None if found.stop is None else found.stop.value,
        "batch": budget.batch,
        "batches": budget.batches,
        "budget": {"total": budget.total, "first": budget.first, "given": budget.given, "left": budget.left},
        "reviews": [{"entry": entry, "reviewer": reviewer} for entry, reviewer in proposal.handed_out],
        "gain": None if math.isnan(found.gain) else round(found.gain, 6),
        "gain_error": None if math.isnan(found.gain_error) else round(found.gain_error, 6),
        "least_gain": exact_text(rules.adaptive.least_gain),
        "skipped": proposal.skipped,
        "outstanding": proposal.outstanding,
        "warning": outstanding_warning(found, proposal.outstanding, language),
        "entries": [dict(zip(why.header, row, strict=True)) for row in why.rows()],
        "text": proposal.lines(language),
        "method": found.method,
    }


def _next(given: SoFar, added: Tally, calibration: Calibration, seed: str | None) -> NextReviews:
    return next_reviews(
        given.rules,
        given.entries,
        given.sheets,
        added,
        calibration,
        given.reviewers,
        calibrated=rounded(given.rules, added, given.entries, given.sheets, calibration).score,
        forbidden=given.forbidden,
        affinity=given.affinity,
        most=given.most,
        seed=0 if seed is None else draw_seed(seed),
    )


def _sorted(so_far: SoFar, entry_order: Integers, reviewer_order: Integers) -> SoFar:
    """The same with entries, reviewers and sheets in the order of their ids. The orders: old positions, sorted."""
    entry_place, reviewer_place = np.argsort(entry_order), np.argsort(reviewer_order)
    entries, reviewers, sheets = so_far.entries, so_far.reviewers, so_far.sheets
    known = sorted(range(len(sheets.reviewers)), key=sheets.reviewers.__getitem__)
    entry, reviewer = entry_place[sheets.entry], np.argsort(np.array(known, np.int64))[sheets.reviewer]
    rows = np.lexsort((reviewer, entry))
    moved = None
    if so_far.affinity is not None:
        e, r, value = so_far.affinity
        moved = entry_place[e], reviewer_place[r], value
    return replace(
        so_far,
        entries=Entries(*(tuple(column[n] for n in entry_order) for column in (entries.ids, entries.group))),
        sheets=replace(
            sheets,
            reviewers=tuple(sheets.reviewers[n] for n in known),
            entry=entry[rows],
            reviewer=reviewer[rows],
            mark=sheets.mark[rows],
            status=sheets.status[rows],
        ),
        reviewers=Reviewers(
            tuple(reviewers.ids[n] for n in reviewer_order),
            {name: tuple(column[n] for n in reviewer_order) for name, column in reviewers.fields.items()},
        ),
        forbidden=[
            replace(pair, entry=int(entry_place[pair.entry]), reviewer=int(reviewer_place[pair.reviewer]))
            for pair in so_far.forbidden
        ],
        affinity=moved,
        most=None if so_far.most is None else so_far.most[reviewer_order],
    )


def _six(value: float) -> Cell:
    return None if math.isnan(value) else f"{value:.6f}"
