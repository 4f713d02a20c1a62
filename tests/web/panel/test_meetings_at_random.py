"""Meetings driven at random: nobody who is kept from an entry sees or does anything, every change has its before, after
and reason, versions stay whole, and a voided session leaves what was before it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from simsa.web.panel.meetings.shown import room_of
from simsa.web.panel.meetings.viewers import Viewer
from simsa.web.panel.models import Meeting, MeetingItem, Reviewer, Sheet, SheetChange, Slot
from simsa.web.panel.services import (
    adjourn,
    attend,
    begin,
    change_sheet,
    conclude,
    convene,
    dissent,
    exclude,
    finish,
    name_lead,
    resume,
    submit_sheet,
    take_note,
    take_up,
    void,
    withdraw,
)
from simsa.web.panel.services.attending import kept_from, lead_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import StageError
from tests.draws import draws
from tests.web.panel.meetings import AT, RULES, WHO, member
from tests.web.panel.rounds import scored

pytestmark = pytest.mark.django_db
CODES = ("p", "q", "r")
AGENDA = ("a1", "b1")
ENTRIES, MEMBERS = st.sampled_from(AGENDA), st.sampled_from(CODES)
MARKS = st.fixed_dictionaries({leaf: st.sampled_from(("0", "4.5", "10", "abstained")) for leaf in ("idea", "work")})


class Meetings(RuleBasedStateMachine):
    """What people do, whether they may or not; what is refused changes nothing."""

    round: Round
    panel: dict[str, Reviewer]

    @initialize(begun=st.booleans())
    def convened(self, begun: bool) -> None:
        self._convene()
        if begun:
            begin(self.meeting, by=[self.panel["p"]], actor=WHO)
            for code in CODES:
                attend(self.meeting, True, by=self.panel[code], actor=WHO)

    def _convene(self) -> None:
        self.meeting = convene(self.round, AT, AGENDA, "p", "q", actor=WHO)
        self.before = self._marks()

    def _marks(self) -> dict[int, dict[str, str]]:
        rows = Sheet.objects.filter(slot__entry__round=self.round, version=F("slot__version"))
        return {one.slot_id: one.by_leaf for one in rows.select_related("opening")}

    def _item(self, code: str) -> MeetingItem:
        rows = MeetingItem.objects.select_related("meeting__round", "meeting__chair", "meeting__deputy", "lead")
        return rows.select_related("entry__entrant").get(meeting=self.meeting, entry__entrant__code=code)

    def _slot(self, code: str, who: str) -> Slot:
        rows = Slot.objects.select_related("entry__round", "entry__entrant", "reviewer")
        return rows.get(entry__round=self.round, entry__entrant__code=code, reviewer__code=who)

    def _tried(self, verb: Any, *args: Any, **kwargs: Any) -> bool:
        with contextlib.suppress(StageError, ValidationError), transaction.atomic():
            verb(*args, **kwargs, actor=WHO)
            return True
        return False

    @rule(who=MEMBERS, here=st.booleans())
    def comes_or_goes(self, who: str, here: bool) -> None:
        self._tried(attend, self.meeting, here, by=self.panel[who])

    @rule(who=MEMBERS, verb=st.sampled_from((begin, begin, resume, adjourn, finish)))
    def turns(self, who: str, verb: Any) -> None:
        self._tried(verb, self.meeting, by=[self.panel[who]])

    @rule(code=ENTRIES, who=MEMBERS)
    def takes_up(self, code: str, who: str) -> None:
        if self._tried(take_up, self._item(code), by=[self.panel[who]]):
            assert self._item(code).state == "open"
            self._acts_for(code, who)
            lead = lead_of(self._item(code))
            assert lead is not None
            assert lead.code == who

    @rule(code=ENTRIES, who=MEMBERS)
    def concludes(self, code: str, who: str) -> None:
        if self._tried(conclude, self._item(code), "유지", by=[self.panel[who]]):
            self._acts_for(code, who)

    @rule(code=ENTRIES, who=MEMBERS)
    def notes(self, code: str, who: str) -> None:
        if self._tried(take_note, self._item(code), "기록", by=[self.panel[who]]):
            self._acts_for(code, who)

    @rule(code=ENTRIES, who=MEMBERS, other=MEMBERS, marks=MARKS)
    def changes(self, code: str, who: str, other: str, marks: dict[str, str]) -> None:
        item, slot = self._item(code), self._slot(code, other)
        if self._tried(change_sheet, item, slot, marks, "까닭", by=[self.panel[who]]):
            assert who == other
            assert item.state == "open"
            self._acts_for(code, who)

    @rule(code=ENTRIES, who=MEMBERS, marks=MARKS)
    def submits(self, code: str, who: str, marks: dict[str, str]) -> None:
        slot, opened = self._slot(code, who), self._item(code).newest_slot is not None
        with contextlib.suppress(ValidationError), transaction.atomic():
            submit_sheet(slot, marks)
            assert not opened
            self.before[slot.pk] = dict(marks)

    @rule(code=ENTRIES, who=MEMBERS, named=st.booleans())
    def dissents(self, code: str, who: str, named: bool) -> None:
        if self._tried(dissent, self._item(code), "반대", by=[self.panel[who]], named=named):
            self._acts_for(code, who)

    @rule(code=ENTRIES, who=MEMBERS, by_law=st.booleans())
    def is_kept(self, code: str, who: str, by_law: bool) -> None:
        entry, reviewer = self._item(code).entry, self.panel[who]
        if by_law:
            self._tried(exclude, entry, reviewer, "행정절차법", "배우자")
        else:
            self._tried(withdraw, entry, reviewer, "전 직장")

    @rule(code=ENTRIES, who=MEMBERS)
    def is_named(self, code: str, who: str) -> None:
        if self._tried(name_lead, self._item(code), self.panel[who]):
            self._acts_for(code, who)

    @precondition(lambda self: Meeting.objects.filter(pk=self.meeting.pk, state__in=["open", "closed"]).exists())
    @rule()
    def is_voided(self) -> None:
        assert self._tried(void, self.meeting, "절차 위반")
        now = self._marks()
        for slot in Slot.objects.filter(entry__round=self.round):
            kept = slot.status == Slot.Status.RECUSED
            assert now[slot.pk] == ({"idea": "recused", "work": "recused"} if kept else self.before[slot.pk])
        self._convene()

    def _acts_for(self, code: str, who: str) -> None:
        assert self.panel[who].pk not in kept_from(self._item(code).entry_id)

    @invariant()
    def whoever_is_kept_sees_nothing(self) -> None:
        kept = {item.entry_id: kept_from(item.entry_id) for item in self.meeting.items.all()}
        for reviewer in self.panel.values():
            if not any(reviewer.pk in found for found in kept.values()):
                continue
            shown = room_of(self.meeting, Viewer("member", WHO, (reviewer,)), presides=False)
            for one in shown.items:
                if reviewer.pk in kept[one.item.entry_id]:
                    said = (one.title, one.outcome, one.notes, one.dissents, one.changes, one.own, one.leads)
                    assert said == ("", "", (), (), (), None, False)
            if shown.current is not None and reviewer.pk in kept[shown.current.item.entry_id]:
                assert (shown.marks, shown.fields) == (None, ())

    @invariant()
    def every_change_is_whole(self) -> None:
        for one in SheetChange.objects.select_related("act", "before", "after", "slot"):
            assert one.before.version + 1 == one.after.version
            assert one.before.slot_id == one.after.slot_id == one.slot_id
            assert (one.act.text != "") is (one.undoes_id is None)
            assert one.act.reviewer_id == one.slot.reviewer_id
        versions: dict[tuple[int, int], list[int]] = {}
        for slot, last, version in Sheet.objects.order_by("version").values_list("slot", "slot__version", "version"):
            versions.setdefault((slot, last), []).append(version)
        assert all(found == list(range(1, last + 1)) for (_slot, last), found in versions.items())


def test_meetings_at_random() -> None:
    round_ = scored(RULES)

    class Undone(Meetings):
        """Each run leaves the database as it was."""

        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.savepoint()
            self.round = Round.objects.get(pk=round_.pk)
            self.panel = {code: member(self.round, code) for code in CODES}

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        Undone,
        settings=settings(
            max_examples=draws(60),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
