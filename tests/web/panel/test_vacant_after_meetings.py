"""Places of entries that a meeting has discussed: missed ones are vacant, and who led the discussion takes none."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from simsa.record.verification import Answer, verify
from simsa.web.awards.services import publish, run_selection
from simsa.web.panel.adaptive.shown import account_of
from simsa.web.panel.alarms import panel_alarms
from simsa.web.panel.conflicts.shown import members_of
from simsa.web.panel.conflicts.work import conflict_alarms
from simsa.web.panel.models import Meeting, Slot
from simsa.web.panel.seating import Seating
from simsa.web.panel.services import (
    assign_as_given,
    close_round,
    conclude,
    propose,
    replace,
    submit_sheet,
    void,
    withdraw,
)
from simsa.web.panel.services.adding import compute_batch, start_batch
from simsa.web.panel.services.between import between
from simsa.web.panel.services.reminding import not_submitted
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import bundle
from tests.rules.small import changed
from tests.web.panel.meetings import MEETING, WHO, discussing, item, member, slot
from tests.web.panel.rounds import HELD_BACK, mark, prepared
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
PLACES = (
    *(("a1", "p"), ("a1", "q"), ("a2", "p"), ("a2", "q"), ("b1", "q"), ("b1", "r")),
    *(("b2", "p"), ("b2", "q"), ("b3", "p"), ("b3", "r"), ("b4", "p"), ("b4", "r")),
)
"""p, who chairs, does not score b1."""
TWO = changed(
    "[missing]",
    "[panel]\nsheets_per_entry = 2\nload = { max = 9 }\n\n[missing]",
    changed('trimmed_mean", drop_high = 1, drop_low = 1', 'mean"'),
)
MEETS = changed("[missing]", MEETING, TWO)
ADAPTIVE = changed("[missing]", MEETING, HELD_BACK)


def all_in(rules: str, late: tuple[str, str] | None = None) -> Round:
    """A round of these places, with every sheet but the one that is late."""
    round_ = prepared(rules)
    assign_as_given(round_, list(PLACES))
    for n, one in enumerate(Slot.objects.select_related("entry__round", "entry__entrant", "reviewer").order_by("pk")):
        if (one.entry.entrant.code, one.reviewer.code) != late:
            submit_sheet(one, mark(n))
    round_.refresh_from_db()
    return round_


def missed(rules: str = MEETS) -> tuple[Meeting, Round, Slot]:
    """A meeting that discusses a1 before there is a sheet from q."""
    meeting = discussing("a1", rules, agenda=("a1",), make=lambda rules: all_in(rules, ("a1", "q")))
    return meeting, meeting.round, slot(meeting, "a1", "q")


class TestLeads:
    @pytest.mark.parametrize("voided", [False, True])
    def test_who_led_without_a_place_takes_none(self, voided):
        meeting = discussing("b1", MEETS, agenda=("b1",), make=all_in)
        withdraw(item(meeting, "b1").entry, member(meeting, "r"), "친족", actor=WHO)
        if voided:
            void(meeting, "정족수", actor="person/9")
        round_ = meeting.round
        [move] = propose(round_).moves
        assert (move.proposed, move.candidates) == (None, ())
        with pytest.raises(ValidationError):
            replace(round_, [(move.slot.pk, "p")], actor=WHO)

    def test_nor_in_the_next_reviews(self):
        meeting = discussing("b1", ADAPTIVE, agenda=("b1",), make=all_in)
        found = between(meeting.round).so_far
        pairs = {(found.entries.ids[one.entry], found.reviewers.ids[one.reviewer]) for one in found.forbidden}
        assert ("b1", "p") in pairs
        assert ("b2", "r") not in pairs


class TestMissed:
    def test_replaced_scored_and_verified(self):
        meeting, round_, left = missed()
        with_role("boss", round_, "officer")
        office = signed_in("boss")
        [alarm] = conflict_alarms(round_)
        assert "1" in alarm.what
        assert any("a1" in one.what for one in panel_alarms(round_))
        page = office.get("/ko/office/rounds/small/replacements/").content.decode()
        assert "심의 전에 평가표를 내지 않은 위원 q" in page
        [move] = propose(round_).moves
        assert (move.slot, move.vacant, move.missed, move.proposed.code) == (left, True, True, "r")
        with pytest.raises(ValidationError):
            replace(round_, [(left.pk, "q")], actor=WHO)
        [made] = replace(round_, [(left.pk, "r")], actor=WHO)
        assert (propose(round_).moves, conflict_alarms(round_)) == ((), [])
        submit_sheet(made, mark(3))
        assert Seating.of(round_).missed == frozenset()
        conclude(item(meeting, "a1"), "유지", by=[member(meeting, "p")], actor=WHO)
        close_round(meeting.round)
        assert publish(run_selection(round_)).status == "done"
        verdict = verify(bundle(round_, "full"))
        assert (verdict.answer, [check.why for check in verdict.failed]) == (Answer.VERIFIED, [])
        assert [(change.kind, change.reason) for change in verdict.changes] == [("replaced", "missed")]

    def test_nobody_is_reminded_of_it_nor_behind_with_it(self):
        _meeting, round_, _left = missed()
        with_role("lee", round_, "reviewer", "q")
        assert not_submitted(round_) == []
        assert {one.reviewer.code: (one.load, one.submitted) for one in members_of(round_)}["q"] == (3, 3)

    def test_it_is_due_again_once_the_meeting_is_void(self):
        meeting, round_, _left = missed()
        with_role("lee", round_, "reviewer", "q")
        void(meeting, "정족수", actor="person/9")
        assert propose(round_).moves == ()
        assert [(one.left, one.all) for one in not_submitted(round_)] == [(1, 4)]

    def test_where_reviews_are_held_back_it_is_neither_given_out_nor_awaited(self):
        _meeting, round_, left = missed(ADAPTIVE)
        account = account_of(round_)
        assert (account.budget.given, account.awaited) == (len(PLACES) - 1, 0)
        assert Seating.of(round_).wanting == (left,)
        batch = compute_batch(start_batch(round_, "seed", actor=WHO))
        assert batch.error == ""
        assert (batch.told["outstanding"], batch.told["budget"]["given"]) == (0, len(PLACES) - 1)
