"""The proposal as people get it: the same whatever the order of rows, and a table that gives nothing away."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simsa.engine.adaptive import Stop
from simsa.engine.inputs import Entries, InputError, Reported, Reviewers, Status
from simsa.engine.slots import ConflictPair
from simsa.tables.adaptive import Proposal, SoFar, next_table, proposal_json, propose, refuse_unlisted, why_table
from simsa.tables.intervals import Z95
from simsa.tables.words.adaptive import proposal_lines
from tests.engine.adaptive_rounds import adaptive_rules, drawn, entries, first_round, panel, recused
from tests.tables.words.forms import BOTH_FORMS, LANGUAGES

N, M = 18, 8


def so_far(**changes: object) -> SoFar:
    rules = adaptive_rules(least="0.1")
    sheets = drawn(rules, N, M, first_round(N, M))
    names = tuple(f"Entry {n}" for n in range(N))
    forbidden = (ConflictPair(2, 5, "declared"), ConflictPair(7, 0, "declared"))
    return replace(SoFar(rules, entries(N), names, sheets, Reported(), panel(M), forbidden), **changes)


@cache
def usual() -> Proposal:
    return propose(so_far())


def shuffled(given: SoFar, seed: int) -> SoFar:
    """The same round with every list in another order."""
    random = np.random.default_rng(seed)
    order, crew = random.permutation(len(given.entries)), random.permutation(len(given.reviewers.ids))
    known, rows = random.permutation(len(given.sheets.reviewers)), random.permutation(len(given.sheets))
    place, seat, own = np.argsort(order), np.argsort(crew), np.argsort(known)
    sheets = given.sheets
    fields = {name: tuple(column[n] for n in crew) for name, column in given.reviewers.fields.items()}
    affinity = given.affinity
    return replace(
        given,
        entries=Entries(tuple(given.entries.ids[n] for n in order), tuple(given.entries.group[n] for n in order)),
        names=tuple(given.names[n] for n in order),
        reviewers=Reviewers(tuple(given.reviewers.ids[n] for n in crew), fields),
        sheets=replace(
            sheets,
            reviewers=tuple(sheets.reviewers[n] for n in known),
            entry=place[sheets.entry][rows],
            reviewer=own[sheets.reviewer][rows],
            mark=sheets.mark[rows],
            status=sheets.status[rows],
        ),
        forbidden=[
            replace(pair, entry=int(place[pair.entry]), reviewer=int(seat[pair.reviewer])) for pair in given.forbidden
        ],
        affinity=None if affinity is None else (place[affinity[0]], seat[affinity[1]], affinity[2]),
        most=None if given.most is None else given.most[crew],
    )


@pytest.mark.parametrize("with_affinity", [False, True])
def test_the_order_of_rows_changes_nothing(with_affinity: bool) -> None:
    grid = np.indices((N, M)).reshape(2, -1)
    given = so_far(affinity=(grid[0], grid[1], (grid.sum(axis=0) % 3) * 0.5) if with_affinity else None)
    busy = int(np.bincount(propose(given, seed="a").found.reviewer, minlength=M).argmax())
    given = replace(given, most=np.where(np.arange(M) == busy, 0, N))
    first = propose(given, seed="a")
    assert first.found.stop is None
    assert busy not in first.found.reviewer
    for seed in range(2):
        again = propose(shuffled(given, seed), seed="a")
        assert next_table(again).columns == next_table(first).columns
        assert why_table(again).columns == why_table(first).columns
        assert proposal_json(again, "en") == proposal_json(first, "en")


def test_positions_are_those_of_the_input() -> None:
    given = shuffled(so_far(), 1)
    proposal = propose(given)
    wanted = {given.entries.ids[n]: int(count) for n, count in enumerate(proposal.found.wanted) if count}
    assert wanted == {
        key: sum(entry == key for entry, _ in proposal.handed_out)
        for key in {entry for entry, _ in proposal.handed_out}
    }
    skipped = {given.reviewers.ids[n] for n in proposal.found.skipped}
    assert skipped == set(proposal.skipped)
    assert len(proposal.found.information) == M


def test_another_seed_draws_anew() -> None:
    one, other = usual().found.chance, propose(so_far(), seed="a").found.chance
    assert (one != other).any()
    assert np.abs(one - other).max() < 0.06


def test_what_is_handed_out_says_who_and_nothing_else() -> None:
    proposal = usual()
    table = next_table(proposal)
    assert table.header == ("entry", "reviewer")
    rows = list(table.rows())
    assert rows == sorted(rows)
    why = [dict(zip(why_table(proposal).header, row, strict=True)) for row in why_table(proposal).rows()]
    assert [int(row["reviews"] or 0) for row in why] == sorted(proposal.found.wanted.tolist(), reverse=True)
    for row in why:
        mine = [reviewer for entry, reviewer in rows if entry == row["entry"]]
        assert (row["reviewers"] or "") == "; ".join(mine)
        assert row["reviews"] == str(len(mine))
        assert row["sheets"] == "2"


def test_sheets_that_are_not_in_are_told_from_withdrawn_ones() -> None:
    given = so_far()
    status = recused(given.sheets, [0]).status
    status[[5, 6]] = Status.NOT_SUBMITTED
    proposal = propose(replace(given, sheets=replace(given.sheets, status=status)))
    assert proposal.outstanding == 2
    assert proposal.slots.tolist() == [1] + [2] * (N - 1)
    assert proposal.found.owed[0] == 1


def test_without_an_assignment_an_unlisted_sheet_is_asked_for() -> None:
    given = so_far()
    refuse_unlisted(given)
    keep = np.arange(len(given.sheets)) != 4
    sheets = given.sheets
    part = {name: getattr(sheets, name)[keep] for name in ("entry", "reviewer", "mark", "status")}
    with pytest.raises(InputError, match="entry 'e02' has 1 of the 2 sheets of the first round"):
        refuse_unlisted(replace(given, sheets=replace(sheets, **part)))


def test_before_the_first_sheet_and_without_held_back_reviews_it_says_so() -> None:
    given = so_far()
    none = replace(given.sheets, status=np.full_like(given.sheets.status, Status.NOT_SUBMITTED))
    with pytest.raises(InputError, match="no sheet has a mark yet"):
        propose(replace(given, sheets=none))
    with pytest.raises(InputError, match=r"hold no reviews back: \[adaptive\]"):
        propose(replace(given, rules=replace(given.rules, adaptive=None)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stop", [None, *Stop])
def test_every_outcome_is_said_whole(stop: Stop | None, language: str) -> None:
    given = so_far()
    found = replace(usual().found, stop=stop)
    said = "\n".join(proposal_lines(found, given.rules, ["r01", "r02"], 3, language))
    assert not BOTH_FORMS.search(said)
    assert "%(" not in said
    assert "nan" not in said
    english = language == "en"
    assert (("Batch 1 of 3" in said) if english else ("3번 가운데 1번째" in said)) == (stop is None)
    assert (("selection can be made" in said) if english else ("선정할 수 있습니다" in said)) == (stop is not None)


def test_the_batch_in_words() -> None:
    proposal = usual()
    found = proposal.found
    lines = proposal.lines("en")
    people = len(set(found.reviewer.tolist()))
    asked = int((found.wanted > 0).sum())
    assert lines[0] == f"Batch 1 of 3: {len(found.entry)} reviews of {asked} entries by {people} reviewers."
    assert lines[1] == (
        f"Expected gain: {found.gain:.3f} ± {Z95 * found.gain_error:.3f} points of true quality for each place; "
        "the rules ask for at least 0.1."
    )
    assert lines[-1] == "± is a 95% interval."
    assert lines[2] == f"Of the 36 reviews held back {36 - len(found.entry)} are left after this batch."


@pytest.mark.parametrize(
    ("outstanding", "proposed", "expected"),
    [
        (0, 0, "The selection can be made."),
        (1, 0, "The selection can be made once the 1 sheet that is out is in."),
        (10, 0, "The selection can be made once the 10 sheets that are out are in."),
        (10, 2, "The selection can be made once the 12 sheets that are out are in."),
    ],
)
def test_the_selection_waits_for_the_sheets_that_are_out(outstanding: int, proposed: int, expected: str) -> None:
    given, found = so_far(), usual().found
    stopped = replace(found, stop=Stop.NOTHING_OPEN, entry=found.entry[:proposed], reviewer=found.reviewer[:proposed])
    lines = proposal_lines(stopped, given.rules, [], outstanding, "en")
    assert [line for line in lines if "selection" in line] == [expected]
    warning = f"Warning: not in yet: {outstanding} of the {found.budget.given} sheets that were given out."
    assert lines[0].startswith(warning) == bool(outstanding)
