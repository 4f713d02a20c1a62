"""Sheets as they are written: saved without overwriting, checked against the rules, submitted alone or all at once."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from simsa.record.receipts import Receipt
from simsa.web.awards.services import publish, run_selection
from simsa.web.entries.models import Evidence
from simsa.web.panel.models import Conflict, Procedure, Sheet, SheetDraft, Slot
from simsa.web.panel.scoring.own import in_running_order, own_slots
from simsa.web.panel.services import (
    DraftClashError,
    NotTakenError,
    close_round,
    propose,
    save_draft,
    slots_of,
    submit_draft,
    submit_drafts,
    submit_sheet,
)
from simsa.web.panel.services.drafting import faults_in, values_of
from simsa.web.programmes.models import Round, SentLetter
from simsa.web.programmes.services import forget
from tests.draws import draws
from tests.rules.small import HIDING, SMALL, changed
from tests.web.panel.rounds import ENTRIES, mark, scoring, submit_all
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
DONE = {"mark/idea": "7.5", "mark/work": "abstained", "comment/idea": "좋다"}


def scheduled(**hours: float) -> str:
    """Rules whose schedule lies so many hours from now."""
    zone = timezone.get_fixed_timezone(9 * 60)
    at = {key: timezone.now().astimezone(zone) + timedelta(hours=off) for key, off in hours.items()}
    lines = "".join(f"{key} = {moment:%Y-%m-%dT%H:%M:%S}\n" for key, moment in at.items())
    return SMALL + f"\n[schedule]\n{lines}"


def later(monkeypatch, hours: float) -> None:
    """What everybody takes for now is so much later."""
    now = timezone.now() + timedelta(hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: now)


def slot_of(round_: Round, entry: str = "a1", reviewer: str = "p") -> Slot:
    return slots_of(round_).get(entry__entrant__code=entry, reviewer__code=reviewer)


class Devices(RuleBasedStateMachine):
    """Two devices of one reviewer write one sheet, and sometimes an answer is lost."""

    @initialize()
    def begin(self) -> None:
        SheetDraft.objects.all().delete()
        self.slot = slot_of(Round.objects.get(slug="small"))
        self.saved: dict[str, str] = {}
        self.version = 0
        self.seen = [0, 0]

    @rule(device=st.integers(0, 1), leaf=st.sampled_from(["idea", "work"]), text=st.sampled_from(["", "1", "x", "10"]))
    def save(self, device: int, leaf: str, text: str) -> None:
        values = {**self.saved, f"mark/{leaf}": text}
        kept = {name: value for name, value in values.items() if value}
        saved = save_draft(self.slot, values, self.seen[device])
        if self.seen[device] == self.version:
            assert (saved.clash, saved.values) == (False, kept)
            assert saved.version == self.version + (kept != self.saved or not self.version)
            self.saved, self.version, self.seen[device] = kept, saved.version, saved.version
        else:
            assert saved.clash == (kept != self.saved)
            assert (saved.values, saved.version) == (self.saved, self.version)
            self.seen[device] = saved.version

    @rule(device=st.integers(0, 1))
    def again(self, device: int) -> None:
        """The answer was lost, and the same is sent once more as of the version before."""
        if self.version:
            saved = save_draft(self.slot, self.saved, max(self.version - 1, 0))
            assert (saved.clash, saved.version) == (False, self.version)

    @invariant()
    def nothing_was_overwritten(self) -> None:
        draft = SheetDraft.objects.filter(slot=self.slot).first()
        assert (({}, 0) if draft is None else (draft.by_field, draft.version)) == (self.saved, self.version)


def test_two_devices_never_overwrite_each_other():
    scoring()
    run_state_machine_as_test(
        Devices,
        settings=settings(
            max_examples=draws(100), stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_saving_a_draft_is_one_statement():
    slot = slot_of(scoring())
    save_draft(slot, DONE, 0)
    with CaptureQueriesContext(connection) as asked:
        assert save_draft(slot, {**DONE, "mark/idea": "8"}, 1).version == 2
    assert len(asked) == 1


def test_what_cannot_be_kept_is_refused():
    slot = slot_of(scoring())
    for wrong in ({"mark/none": "1"}, {"total": "1"}, {"comment/idea": "x" * 4001}, {"mark/idea": "1" * 41}):
        with pytest.raises(ValidationError):
            save_draft(slot, wrong, 0)
    assert not SheetDraft.objects.exists()


def test_only_what_is_complete_is_submitted_and_the_latest_counts():
    round_ = scoring()
    slot = slot_of(round_)
    save_draft(slot, {"mark/idea": "7.3"}, 0)
    with pytest.raises(ValidationError) as refused:
        submit_draft(slot, 1)
    assert set(refused.value.message_dict) == {"idea", "work"}
    assert not Sheet.objects.exists()
    save_draft(slot, DONE, 1)
    with pytest.raises(DraftClashError):
        submit_draft(slot, 1)
    promised = submit_draft(slot, 2)
    assert promised.opening.values["mark/idea"] == "7.5"
    assert "좋다" not in str(promised.opening.values)  # the record takes marks alone
    save_draft(slot, {**DONE, "mark/work": "3"}, 2)
    assert submit_draft(slot, 3).opening.values["version"] == "2"


def test_the_rules_say_where_a_mark_has_to_be():
    rules = scoring(changed('abstained = "leave_out"', 'abstained = "refuse"')).rules
    assert set(faults_in(rules, DONE)) == {"work"}
    assert not faults_in(rules, {**DONE, "mark/work": "not_applicable"})
    assert set(faults_in(rules, {**DONE, "mark/work": "recused"})) == {"work"}


def test_all_are_signed_at_once_or_none():
    round_ = scoring()
    slots = [slot for slot in slots_of(round_) if slot.reviewer.code == "p"]
    for slot in slots[:3]:
        save_draft(slot, DONE, 0)
    save_draft(slots[3], {"mark/idea": "1"}, 0)
    with pytest.raises(ValidationError):
        submit_drafts(round_, [(slot, 1) for slot in slots[:4]])
    with pytest.raises(DraftClashError):
        submit_drafts(round_, [(slots[0], 1), (slots[1], 2)])
    assert not Sheet.objects.exists()
    submit_drafts(round_, [(slot, 1) for slot in slots[:3]])
    assert Sheet.objects.count() == 3
    states = {one.slot.pk: one.state for one in own_slots(round_, {"p"})}
    assert [states[slot.pk] for slot in slots] == ["submitted"] * 3 + ["saved", "new", "new"]


def withdrawn(slot: Slot) -> tuple[str, int, int]:
    """Its status, and how many withdrawals and drafts there are."""
    slot.refresh_from_db()
    return slot.status, Procedure.objects.filter(kind="withdrawal").count(), SheetDraft.objects.count()


@pytest.mark.parametrize("submitted", [False, True])
def test_stepping_back_is_a_withdrawal_in_one_event(submitted):
    round_ = scoring()
    with_role("boss", round_, "officer")
    slot, client = slot_of(round_), signed_in(with_role("kim", round_, "reviewer", "p"))
    save_draft(slot, DONE, 0)
    if submitted:
        submit_draft(slot, 1)
    before = round_.events.count()
    for _ in range(2):  # the answer was lost, or another device says it, too
        assert put(client, slot, {"recused": "kin:처남이 근무", "mark/idea": "9"}, None).json()["recused"] is True
    assert withdrawn(slot) == ("recused", 1, 0)
    assert round_.events.count() == before + 1
    procedure = Procedure.objects.get()
    assert procedure.reason.endswith(": 처남이 근무")
    assert procedure.reason.startswith("친족")
    assert Conflict.objects.get().reason == "withdrawal"
    assert Sheet.objects.order_by("pk").last().by_leaf == {"idea": "recused", "work": "recused"}
    assert [letter.template for letter in SentLetter.objects.all()] == ["withdrawn"]
    assert [move.slot for move in propose(Round.objects.get()).moves] == [slot]
    refused = put(client, slot, DONE, 1)  # what a device without a network kept
    assert refused.status_code == 400
    assert refused.json()["error"]
    page = client.get(address(slot)).content.decode()
    assert "data-editable" not in page
    assert "Body" not in page
    assert [own.state for own in own_slots(round_, {"p"}) if own.slot == slot] == ["recused"]


def test_stepping_back_after_scoring_has_closed_is_refused():
    round_ = scoring()
    slot, client = slot_of(round_), signed_in(with_role("kim", round_, "reviewer", "p"))
    close_round(round_)
    answer = put(client, slot, {"recused": "kin"}, None)
    assert answer.status_code == 403
    assert answer.json()["error"]
    assert withdrawn(slot) == ("assigned", 0, 0)


def test_a_sheet_that_was_imported_as_recused_needs_no_procedure():
    round_ = scoring()
    slot = slot_of(round_)
    submit_sheet(slot, {"idea": "recused", "work": "recused"})
    assert withdrawn(slot) == ("recused", 0, 0)
    assert not Conflict.objects.exists()
    with pytest.raises(ValidationError):
        save_draft(slot, DONE, 0)
    submit_sheet(slot, mark(1))  # the office may send it again
    assert withdrawn(slot) == ("submitted", 0, 0)


def test_a_draft_takes_no_recusal_of_its_own():
    slot = slot_of(scoring())
    with pytest.raises(ValidationError):
        save_draft(slot, {"recused": "kin"}, 0)
    assert save_draft(slot, {**DONE, "recused": ""}, 0).version == 1


def test_a_conflict_leaves_stepping_back_alone():
    round_ = scoring()
    slot = slot_of(round_)
    Conflict.objects.create(entry=slot.entry, reviewer=slot.reviewer, reason="친족", source=Conflict.Source.REGISTER)
    save_draft(slot, DONE, 0)
    with pytest.raises(ValidationError):
        submit_draft(slot, 1)
    [own] = [one for one in own_slots(round_, {"p"}) if one.slot == slot]
    assert (own.barred, own.is_ready) == (True, False)


def test_sheets_are_taken_in_their_time_by_the_servers_clock(monkeypatch):
    round_ = scoring(scheduled(scoring_from=1, scoring_until=2))
    slot = slot_of(round_)
    with pytest.raises(NotTakenError):
        save_draft(slot, DONE, 0)
    later(monkeypatch, 1.5)
    save_draft(slot, DONE, 0)
    later(monkeypatch, 1)
    for verb in (lambda: save_draft(slot, {}, 1), lambda: submit_draft(slot, 1), lambda: submit_drafts(round_, [])):
        with pytest.raises(NotTakenError):
            verb()
    assert values_of(slot_of(round_)) == DONE


def test_the_running_order_is_another_for_each_reviewer_and_stays():
    round_ = scoring()
    orders = {code: [slot.entry.entrant.code for slot in in_running_order(round_, {code})] for code in "pqr"}
    assert all(sorted(order) == [entry for entry, _ in ENTRIES] for order in orders.values())
    assert len({tuple(order) for order in orders.values()}) > 1  # equal by chance once in half a million
    before = in_running_order(round_, {"p"})
    close_round(round_)
    round_.refresh_from_db()
    assert in_running_order(round_, {"p"}) == before


def test_what_was_submitted_otherwise_is_shown():
    round_ = scoring()
    slot = slot_of(round_)
    submit_sheet(slot, mark(1))
    [own] = [one for one in own_slots(round_, {"p"}) if one.slot == slot]
    assert own.state == "submitted"
    assert {leaf: own.mark(leaf) for leaf in ("idea", "work")} == mark(1)


# --- pages ------------------------------------------------------------------------------------------------------------


def address(slot: Slot, more: str = "") -> str:
    return f"/ko/panel/sheets/{slot.name}/{more}"


def put(client, slot: Slot, values: dict[str, str], version: int | None):
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    body = json.dumps({"values": values})
    return client.put(address(slot, "draft/"), body, content_type="application/json", headers=headers)


def test_a_draft_over_http():
    round_ = scoring()
    slot, client = slot_of(round_), signed_in(with_role("kim", round_, "reviewer", "p"))
    assert put(client, slot, DONE, None).status_code == 428
    saved = put(client, slot, DONE, 0)
    assert (saved.status_code, saved.headers["ETag"], saved.json()["version"]) == (200, '"1"', 1)
    assert datetime.fromisoformat(saved.json()["now"]) <= datetime.now(UTC)
    clash = put(client, slot, {"mark/idea": "1"}, 0)
    assert (clash.status_code, clash.json()["values"], clash.json()["version"]) == (412, DONE, 1)
    assert client.get(address(slot, "draft/")).json()["values"] == DONE
    assert put(client, slot, {"mark/none": "1"}, 1).status_code == 400
    assert client.put(address(slot, "draft/"), b"[" * 9, headers={"If-Match": '"1"'}).status_code == 400
    close_round(round_)
    assert put(client, slot, {}, 1).status_code == 403


def test_half_a_character_keeps_no_sheet_from_being_saved():
    """An emoji that was cut, as the last character that fits; what cannot be kept would be sent again for ever."""
    round_ = scoring()
    slot, client = slot_of(round_), signed_in(with_role("kim", round_, "reviewer", "p"))
    assert put(client, slot, {"comment/idea": "좋다\ud83d", "comment/work": "\0x"}, 0).status_code == 200
    assert SheetDraft.objects.get().by_field == {"comment/idea": "좋다\ufffd", "comment/work": "x"}


def test_a_save_over_http_asks_for_little():
    round_ = scoring()
    slot, client = slot_of(round_), signed_in(with_role("kim", round_, "reviewer", "p"))
    put(client, slot, DONE, 0)
    with CaptureQueriesContext(connection) as asked:
        assert put(client, slot, {**DONE, "mark/idea": "8"}, 1).status_code == 200
    assert len(asked) <= 5, [one["sql"] for one in asked]  # session, person, roles, slot, draft


def test_scripts_and_styles_of_a_sheet_fit_the_budget():
    round_ = scoring()
    page = signed_in(with_role("kim", round_, "reviewer", "p")).get(address(slot_of(round_))).content.decode()
    linked = re.findall(r'<(?:script|link rel="stylesheet")[^>]+(?:src|href)="/static/([^"]+)"', page)
    assert {"panel/sheet.js", "panel/device.js", "panel/sheet.css"} <= set(linked)
    for ending, most in (("js", 40_000), ("css", 20_000)):
        files = [Path(finders.find(name)) for name in linked if name.endswith(ending)]
        assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= most


def test_what_was_written_is_forgotten_with_what_is_behind_the_record():
    round_ = scoring()
    submit_all(round_)
    save_draft(slot_of(round_), DONE, 0)
    publish(run_selection(round_))
    forget(round_, "over")
    assert not SheetDraft.objects.exists()


def test_without_javascript_from_the_list_to_the_receipt():
    round_ = scoring()
    client = signed_in(with_role("kim", round_, "reviewer", "p"))
    [first] = in_running_order(round_, {"p"})[:1]
    work = client.get("/ko/office/").content.decode()
    assert address(first) in work
    form = {"mark/idea": "7", "why/idea": "", "mark/work": "", "why/work": "abstained", "version": "0", "recused": ""}
    assert client.post(address(first), {**form, "mark/idea": ""}).status_code == 302
    refused = client.post(address(first, "submit/"), {**form, "mark/idea": "99", "version": "1"})
    shown = client.get(refused.url).content.decode()
    assert 'id="m-work-fault"></p>' in shown
    assert 'id="m-idea-fault"></p>' not in shown
    lost = client.post(address(first), {**form, "version": "1"})
    assert lost.status_code == 409  # as another device would
    assert client.post(address(first, "submit/"), {**form, "version": "2"}).status_code == 302
    assert Sheet.objects.get().by_leaf == {"idea": "7", "work": "abstained"}
    receipt = client.get(address(first, "receipt.txt"))
    assert Receipt.parse(receipt.content).opening.values["mark/idea"] == "7"
    assert client.get(address(first, "receipt.svg")).content.startswith(b"<svg")
    assert client.post(address(first), {**form, "mark/idea": "8", "version": "3"}).status_code == 302
    asked = client.get("/ko/panel/rounds/small/sign/").content.decode()
    assert f"{first.name}:4" in asked
    assert client.post("/ko/panel/rounds/small/sign/", {"sheet": f"{first.name}:4"}).url.endswith("/sign/")
    done = client.post("/ko/panel/rounds/small/sign/", {"sheet": f"{first.name}:4", "signed": "yes"})
    assert done.url == "/ko/panel/rounds/small/"
    assert Sheet.objects.count() == 2
    left = client.post(address(first, "withdraw/"), {"reason": "kin", "more": "처남", "sheet": "yes"})
    assert left.url == address(first)
    assert withdrawn(slot_of(round_, first.entry.entrant.code)) == ("recused", 1, 0)
    assert "data-editable" not in client.get(address(first)).content.decode()


def test_pages_are_kept_on_the_device_only_while_there_is_something_to_do():
    round_ = scoring()
    role = with_role("kim", round_, "reviewer", "p")
    slot, client = slot_of(round_), signed_in(role)
    assert client.get(address(slot)).headers["X-Kept-For"] == str(role.person_id)
    save_draft(slot, DONE, 0)
    submit_draft(slot, 1)
    assert "X-Kept-For" not in client.get(address(slot)).headers
    close_round(round_)
    assert "X-Kept-For" not in client.get("/ko/panel/rounds/small/").headers


def file_of(round_: Round, entry: str, submitted: bool = True) -> Evidence:
    return Evidence.objects.create(
        entry=round_.entries.get(entrant__code=entry), name="기관 a1.pdf", size=1, sha256="0" * 64, state="ready",
        position=1, actor="x", received_at=timezone.now(), cleaned=True, pages=[[1, 1]],
        submitted_at=timezone.now() if submitted else None,
    )  # fmt: skip


BLIND = changed("[missing]", HIDING)


def test_files_are_for_who_scores_the_entry_while_it_is_scored():
    round_ = scoring(BLIND)
    person = with_role("kim", round_, "reviewer", "p").person
    mine, draft, theirs = file_of(round_, "a1"), file_of(round_, "a1", submitted=False), file_of(round_, "a2")
    SheetDraft.objects.all().delete()
    Slot.objects.filter(entry=theirs.entry, reviewer__code="p").delete()
    assert [person.has_perm("entries.view_copy", one) for one in (mine, draft, theirs)] == [True, False, False]
    assert not person.has_perm("entries.view_evidence", mine)
    close_round(round_)
    mine = Evidence.objects.get(pk=mine.pk)
    assert not person.has_perm("entries.view_copy", mine)


def test_blind_pages_tell_nothing_of_whose_the_entry_is():
    round_ = scoring(BLIND)
    slot, client = slot_of(round_), signed_in(with_role("kim", round_, "reviewer", "p"))
    save_draft(slot, DONE, 0)
    submit_draft(slot, 1)
    for path in ("/ko/office/", "/ko/panel/rounds/small/", "/ko/panel/rounds/small/sign/", address(slot)):
        text = client.get(path).content.decode()
        assert not [name for name in ("기관 a1", "Body a1", ">a1") if name in text], path
    assert client.get(address(slot, "receipt.txt")).status_code == 404
