"""Counting a vote: exactly what adding ballot by ballot gives, in any order; and only ballots that rules allow."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.votes import Ballot, BallotError, ballot_from, ballot_of, ballot_rows, count
from simsa.rules import Vote
from simsa.rules.nodes import Range, Scale
from tests.draws import draws

ENTRIES = ("가", "b", "c", "d")
WINDOW = {"voters": "public", "opens": "2024-01-01T00:00:00", "closes": "2024-01-02T00:00:00"}


def vote(kind: str, **more: object) -> Vote:
    return Vote(ballot=kind, **WINDOW, **more)  # type: ignore[arg-type]


HALVES = Scale(Fraction(-1), Fraction(2), Fraction(1, 2))
VOTES = (
    vote("ranked"),
    vote("ranked", choices=Range(2, 3), points=(Fraction(5), Fraction(1, 3), Fraction(0))),
    vote("approval", choices=Range(1, None)),
    vote("score", choices=Range(1, 2), scale=HALVES),
)


@st.composite
def filled(draw: st.DrawFn, rules: Vote) -> Ballot:
    most = rules.choices.max or len(ENTRIES)
    chosen = draw(st.lists(st.sampled_from(ENTRIES), min_size=rules.choices.min or 1, max_size=most, unique=True))
    marks = {one: draw(st.sampled_from(rules.worth)) for one in chosen} if rules.scale else {}
    return ballot_of(rules, ENTRIES, chosen, marks)


@settings(max_examples=draws(300))
@given(data=st.data())
def test_the_count_is_what_adding_ballot_by_ballot_gives(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(VOTES))
    ballots = data.draw(st.lists(filled(rules), max_size=40))
    found = count(ENTRIES, ballots)
    assert found.ballots == len(ballots)
    for n, entry in enumerate(ENTRIES):
        own = [points for ballot in ballots for name, points in ballot if name == entry]
        assert found.points[n] == sum(own, start=Fraction(0))
        assert found.named[n] == len(own)
    assert count(ENTRIES, reversed(ballots)) == found
    halves = count(ENTRIES, ballots[::2]), count(ENTRIES, ballots[1::2])
    assert found.points == tuple(a + b for a, b in zip(halves[0].points, halves[1].points, strict=True))
    assert [ballot_from(ballot_rows(one)) for one in ballots] == ballots


def test_borda_gives_each_place_one_less_than_the_one_before() -> None:
    """Against Borda's own definition: an entry gets a point for each place behind it, and one for its own."""
    rules = vote("ranked", choices=Range(3, 3))
    ballots = list(permutations(("b", "c", "d")))[:4]
    found = count(ENTRIES, [ballot_of(rules, ENTRIES, one, {}) for one in ballots])
    behind = {e: sum(3 - order.index(e) for order in ballots if e in order) for e in ENTRIES}
    assert dict(zip(ENTRIES, found.points, strict=True)) == behind


@pytest.mark.parametrize(
    ("rules", "chosen", "marks", "key"),
    [
        (VOTES[0], ["x"], {}, "unknown"),
        (VOTES[0], ["b", "b"], {}, "twice"),
        (VOTES[1], ["b"], {}, "few"),
        (VOTES[0], [], {}, "few"),
        (VOTES[0], ENTRIES, {}, "many"),
        (VOTES[3], ["b"], {}, "mark"),
        (VOTES[3], ["b"], {"b": Fraction(1, 4)}, "mark"),
        (VOTES[3], ["b"], {"b": Fraction(5, 2)}, "mark"),
    ],
)
def test_other_ballots_are_refused(rules: Vote, chosen: list[str], marks: dict[str, Fraction], key: str) -> None:
    with pytest.raises(BallotError) as refused:
        ballot_of(rules, ENTRIES, chosen, marks)
    assert refused.value.key == key


def test_a_ballot_for_somebody_else_is_not_counted_away() -> None:
    with pytest.raises(BallotError):
        count(ENTRIES, [(("x", Fraction(1)),)])
