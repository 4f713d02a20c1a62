"""Voting at random: whatever people try, by whichever path and how often, each votes once, and all is counted."""

from __future__ import annotations

import threading
import time
from collections import Counter
from fractions import Fraction

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from simsa.record.ballots import sealed
from simsa.record.commitments import new_secret
from simsa.web.votes.models import Aside, Ballot, Participation, Vote
from simsa.web.votes.services import (
    AlreadyVotedError,
    ClosedVoteError,
    cast,
    close_vote,
    count_vote,
    put_aside,
    rule_aside,
    seal_ballots,
    waiting,
)
from tests.draws import draws
from tests.web.votes.rounds import AFTER, DURING, at, filled, numbers, opened

CODES = ("a1", "a2", "b1", "b2", "b3", "b4")
PEOPLE = {n: (f"mail{n}", f"provider{n}") for n in range(6)}
"""Each has an address and an account; 4 and 5 share what the provider calls them, and are the same person."""
PEOPLE[5] = ("mail5", "provider4")
CHOSEN = st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True)


class Voting(RuleBasedStateMachine):
    """Any order of votes by link and by account, again and again, with ballots put aside and sealed in between."""

    vote: Vote

    def __init__(self) -> None:
        super().__init__()
        self.spent: set[str] = set()
        self.ballots: dict[str, tuple] = {}
        self.tries: list[tuple] = []

    def attempt(self, identities, chosen, secret, device):
        said = filled(self.vote.round.rules, *chosen)
        return lambda: cast(self.vote, identities, said, secret, device=device), said, identities

    @rule(who=st.sampled_from(sorted(PEOPLE)), chosen=CHOSEN, account=st.booleans(), device=st.sampled_from("xy"))
    def vote_once(self, who, chosen, account, device):
        mail, provider = PEOPLE[who]
        identities = [mail, provider] if account else [mail]
        attempt, said, _ = self.attempt(identities, chosen, new_secret(), device)
        if self.spent.intersection(identities):
            with pytest.raises(AlreadyVotedError):
                attempt()
        else:
            name = attempt()
            self.ballots[name] = said
            self.spent.update(identities)
            self.tries.append((attempt, name))

    @rule(n=st.integers(0, 20))
    def send_it_again(self, n):
        if self.tries:
            attempt, name = self.tries[n % len(self.tries)]
            assert attempt() == name

    @rule()
    def seal(self):
        seal_ballots(self.vote)

    @rule()
    def look_for_what_is_odd(self):
        put_aside(self.vote)

    @rule(released=st.booleans())
    def decide(self, released):
        for aside in waiting(self.vote):
            rule_aside(aside, released, "because", actor="person/1")

    @invariant()
    def nobody_is_lost_and_nobody_twice(self):
        assert set(Participation.objects.values_list("identity", flat=True)) == self.spent
        assert set(Ballot.objects.values_list("name", flat=True)) == set(self.ballots)

    def teardown(self):
        with at(AFTER):
            vote = count_vote(close_vote(self.vote.round).round)
        out = set(Ballot.objects.exclude(aside=None).exclude(aside__ruling="released").values_list("name", flat=True))
        points: Counter[str] = Counter()
        for name, said in self.ballots.items():
            for code, worth in () if name in out else said:
                points[code] += worth
        assert {code: Fraction(n) for code, n in numbers(vote.round, "vote_points").items()} == {
            code: points[code] for code in CODES
        }
        assert (vote.cast, vote.counted) == (len(self.ballots), len(self.ballots) - len(out))
        devices = Counter(Ballot.objects.values_list("device", flat=True))
        assert all(devices[d] > 3 for d in Ballot.objects.filter(aside__kind="device").values_list("device", flat=True))
        for batch in vote.batches.all():
            own = list(batch.ballots.order_by("name").values_list("commitment", flat=True))
            assert batch.event.told["payload"] == {"ballots": batch.size, "root": sealed(own).hex()}
            assert len(own) == batch.size
        assert not Ballot.objects.filter(batch=None).exists()


@pytest.mark.django_db
def test_each_votes_once_by_any_path():
    vote = opened()

    class InItsOwnTransaction(Voting):
        def __init__(self):
            super().__init__()
            self.savepoint = transaction.savepoint()
            self.clock = at(DURING)
            self.clock.__enter__()
            self.vote = Vote.objects.select_related("round__log").get(pk=vote.pk)

        def teardown(self):
            try:
                super().teardown()
            finally:
                self.clock.__exit__(None, None, None)
                transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        InItsOwnTransaction,
        settings=settings(
            max_examples=draws(120), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_who_votes_from_ten_places_at_once_votes_once_and_no_answer_is_lost_at_the_close():
    vote = opened()
    done: list[str] = []
    start = threading.Barrier(9)

    def go(n: int) -> None:
        with transaction.atomic():  # a connection of its own
            Vote.objects.get(pk=vote.pk)
        start.wait()
        try:
            for m in range(12):
                who = f"one {m}" if n % 2 else f"own {n} {m}"
                try:
                    cast(vote, [who, f"also {who}"], filled(vote.round.rules, CODES[n % 6]), new_secret())
                    done.append(who)
                except AlreadyVotedError:
                    assert n % 2
                except ClosedVoteError:
                    return
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(n,)) for n in range(8)]
    with at(DURING):
        for thread in threads:
            thread.start()
        start.wait()
        while len(done) < 20 and any(thread.is_alive() for thread in threads):
            time.sleep(0.001)
    with at(AFTER):
        counted = close_vote(vote.round)
    for thread in threads:
        thread.join()
    assert Counter(done).most_common(1)[0][1] == 1
    assert Ballot.objects.count() == len(done) == counted.cast == counted.counted
    assert Participation.objects.count() == 2 * len(done)
    assert not Aside.objects.exists()
