"""Writing and submitting an entry: what is saved, what is refused, what counts, and what the record says."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.record.notes import VerifierKey
from simsa.record.receipts import Receipt
from simsa.rules import parse
from simsa.web.entries.content import checklist, content_of, faults_of, is_field, parsed_number, without_faults
from simsa.web.entries.desk.panel_view import seen_submission
from simsa.web.entries.models import Entry, Evidence, Objection, ReportedNumber
from simsa.web.entries.services import (
    ClosedError,
    EntryRow,
    IncompleteError,
    add_case,
    entry_receipt,
    import_entries,
    object_to,
    remove_case,
    rule_on,
    save_fields,
    submit_entry,
    withdraw_entry,
)
from simsa.web.entries.services.drafting import fields_of, values_of
from simsa.web.entries.services.submitting import last_submission, submitted_content
from simsa.web.programmes.models import Round
from simsa.web.programmes.sequencing import sequence_waiting
from simsa.web.programmes.services import check_events, open_round
from tests.draws import draws
from tests.web.people import signed_in, with_role

RULES = """
simsa_rules = 1
[round]
id = "desk"
name = { ko = "책상", en = "Desk" }
time_zone = "Asia/Seoul"
[entries]
text_limit = 100
cases = { min = 1, max = 2 }
currency = "KRW"
[[entries.exchange]]
currency = "USD"
rate = "1272.5"
date = 2023-06-30
[[group]]
id = "a"
quota = 1
[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"
[[criterion]]
id = "total"
combine = { method = "mean" }
[[criterion]]
id = "idea"
scale = { min = 0, max = 10, step = 1 }
panel = { method = "mean" }
[[criterion]]
id = "debt"
indicator = { method = "rank", field = "debt", better = "lower", points = { min = 0, max = 10 } }
[[tie_break]]
lot = true
"""


def schedule(**hours: float) -> str:
    """A schedule of which each moment is so many hours from now."""
    seoul = timezone.localtime()
    said = {key: (seoul + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%S") for key, n in hours.items()}
    return "[schedule]\n" + "\n".join(f"{key} = {at}" for key, at in said.items()) + "\n"


def desk_round(**hours: float) -> Round:
    rules = RULES.replace("[[group]]", schedule(**hours) + "[[group]]", 1) if hours else RULES
    round_ = open_round(rules)
    import_entries(round_, [EntryRow(code, "a", f"기관 {code}") for code in ("x", "y")])
    return round_


@pytest.fixture
def entry(db) -> Entry:
    return desk_round().entries.get(entrant__code="x")


def write(entry: Entry, **fields: str) -> None:
    """Fields by name, with `__` for the slash."""
    named = {name.replace("__", "/"): value for name, value in fields.items()}
    kept = fields_of(entry)
    seen = {name: kept[name].version if name in kept else 0 for name in named}
    assert not any(one.clash for one in save_fields(entry, named, seen, actor="test"))


WHOLE = {
    "text__idea": "광융합 무역촉진단 운영",
    "number__debt__debt": "1,234.50",
    "case__1__title": "무역촉진단",
    "case__1__summary": "상담과 계약",
    "case__1__from": "2023-01-01",
    "case__1__to": "2023-06-30",
    "case__1__partners": "미국, 일본",
    "case__1__outcome__1__measure": "수출 상담",
    "case__1__outcome__1__value": "18,300,000",
    "case__1__outcome__1__currency": "usd",
    "case__1__outcome__2__measure": "참여 기업",
    "case__1__outcome__2__value": "12",
    "case__1__outcome__2__unit": "개사",
}


def test_whole_entry_is_submitted_and_the_record_has_its_hash(entry):
    write(entry, **WHOLE)
    submission = submit_entry(entry, actor="person/1")
    content = json.loads(submission.content)
    assert content["texts"] == {"idea": "광융합 무역촉진단 운영"}
    assert content["numbers"] == {"debt": {"debt": "1234.5"}}
    consulted, firms = content["cases"][0]["outcomes"]
    assert consulted["converted"] == {"currency": "KRW", "value": "23286750000", "rate": "1272.5", "date": "2023-06-30"}
    assert "converted" not in firms
    assert content["cases"][0]["partners"] == ["US", "JP"]
    assert submission.sha256 == hashlib.sha256(submission.content.encode()).hexdigest()
    assert json.loads(submission.event.payload)["sha256"] == submission.sha256
    assert ReportedNumber.objects.get(entry=entry).number == "1234.5"
    assert check_events(entry.round) == entry.round.events.count()


def test_receipt_proves_what_was_submitted(entry):
    write(entry, **WHOLE)
    submission = submit_entry(entry, actor="person/1")
    key = VerifierKey.parse(entry.round.log.first_key)
    promised = Receipt.parse(bytes(entry_receipt(submission)))
    assert promised.check([key])
    assert promised.checkpoint is None
    sequence_waiting()
    proven = Receipt.parse(bytes(entry_receipt(last_submission(entry))))
    assert proven.check([key])
    assert proven.checkpoint is not None
    assert submission.sha256 in proven.opening.values["event"]


def test_what_is_missing_is_submitted_only_if_it_is_meant_so(entry):
    write(entry, text__idea="있음")
    with pytest.raises(IncompleteError) as refused:
        submit_entry(entry, actor="test")
    assert {item.name for item in refused.value.items} == {"number/debt/debt", "case"}
    submit_entry(entry, with_missing=True, actor="test")
    assert not ReportedNumber.objects.filter(entry=entry).exists()  # missing is never zero


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text__idea", "가" * 101),
        ("number__debt__debt", "많음"),
        ("number__debt__debt", "1,2,3"),
        ("number__debt__debt", "1e5"),
        ("case__1__from", "2023-02-30"),
        ("case__1__to", "2022-12-31"),
        ("case__1__partners", "미국, 뷁국"),
        ("case__1__outcome__1__value", "천만"),
        ("case__1__outcome__1__currency", "XXQ"),
        ("case__1__outcome__1__measure", ""),
        ("case__1__outcome__2__unit", ""),
    ],
)
def test_what_is_wrong_is_kept_and_not_submitted(entry, name, value):
    write(entry, **{**WHOLE, name: value})
    assert values_of(fields_of(entry))[name.replace("__", "/")] == value
    with pytest.raises(IncompleteError) as refused:
        submit_entry(entry, with_missing=True, actor="test")
    assert refused.value.items[0].state == "wrong"
    assert last_submission(entry) is None


@pytest.mark.parametrize(
    "name", ["text/nothing", "text/total", "number/idea/x", "case/0/title", "case/1/outcome/7/value", "x"]
)
def test_there_are_no_other_fields(entry, name):
    with pytest.raises(ValidationError):
        save_fields(entry, {name: "x"}, {}, actor="test")


def test_nobody_overwrites_unseen_what_a_colleague_wrote(entry):
    [first] = save_fields(entry, {"text/idea": "하나"}, {"text/idea": 0}, actor="person/1")
    [second] = save_fields(entry, {"text/idea": "둘"}, {"text/idea": first.version}, actor="person/2")
    [late] = save_fields(entry, {"text/idea": "셋"}, {"text/idea": first.version}, actor="person/1")
    assert (second.clash, late.clash, late.value, late.version) == (False, True, "둘", second.version)
    assert values_of(fields_of(entry)) == {"text/idea": "둘"}
    [again] = save_fields(entry, {"text/idea": "둘"}, {"text/idea": first.version}, actor="person/1")
    assert not again.clash  # both wrote the same


def test_later_version_counts_and_a_withdrawal_ends_it(entry):
    write(entry, **WHOLE)
    submit_entry(entry, actor="test")
    write(entry, text__idea="다시")
    submit_entry(entry, actor="test")
    assert submitted_content(entry)["texts"]["idea"] == "다시"
    with pytest.raises(ValidationError):
        withdraw_entry(entry, " ", actor="test")
    withdraw_entry(entry, "참여 취소", actor="test")
    assert submitted_content(entry) is None
    assert not ReportedNumber.objects.filter(entry=entry).exists()
    with pytest.raises(ValidationError):
        withdraw_entry(entry, "참여 취소", actor="test")
    assert submit_entry(entry, actor="test").version == 4
    verbs = list(entry.round.events.order_by("pk").values_list("verb", flat=True))
    assert verbs[-4:] == ["entry.submitted", "entry.submitted", "entry.withdrawn", "entry.submitted"]


def test_cases_come_go_and_come_back(entry):
    assert [add_case(entry, actor="test") for _ in range(3)] == [1, 2, 3]
    write(entry, case__2__title="둘째")
    with pytest.raises(IncompleteError) as refused:
        submit_entry(entry, with_missing=True, actor="test")
    assert refused.value.items[0].name == "case"  # one too many
    remove_case(entry, 2, removed=True, actor="test")
    submit_entry(entry, with_missing=True, actor="test")
    assert len(submitted_content(entry)["cases"]) == 2
    remove_case(entry, 2, removed=False, actor="test")
    remove_case(entry, 1, removed=True, actor="test")
    submit_entry(entry, with_missing=True, actor="test")
    assert submitted_content(entry)["cases"][0]["title"] == "둘째"
    with pytest.raises(ValidationError):
        remove_case(entry, 9, removed=True, actor="test")


@pytest.mark.parametrize(
    ("hours", "takes", "late"),
    [
        ({"call": 1, "deadline": 2}, False, False),
        ({"call": -1, "deadline": 1}, True, False),
        ({"call": -2, "deadline": -1, "grace_until": 1}, True, True),
        ({"call": -2, "deadline": -1}, False, False),
        ({"call": -3, "deadline": -2, "grace_until": -1}, False, False),
        ({"call": -3, "deadline": -2, "scoring_from": -1}, False, False),
    ],
)
@pytest.mark.django_db
def test_clock_of_the_server_decides(hours, takes, late):
    entry = desk_round(**hours).entries.get(entrant__code="x")
    if takes:
        write(entry, **WHOLE)
        assert submit_entry(entry, actor="test").late is late
    else:
        with pytest.raises(ClosedError, match=r"server time|서버 시각"):
            write(entry, **WHOLE)
        with pytest.raises(ClosedError):
            submit_entry(entry, actor="test")


def test_page_without_javascript(entry):
    with_role("kim", entry.round, "entrant", "x")
    client, address = signed_in("kim"), f"/ko/entries/{entry.pk}/"
    form = {f"field/{name.replace('__', '/')}": value for name, value in WHOLE.items()}
    form |= {f"version/{name.replace('__', '/')}": "0" for name in WHOLE}
    assert client.post(address, form).status_code == 302
    page = client.get(address).content.decode()
    assert "광융합 무역촉진단 운영" in page
    assert "23,286,750,000 KRW" in client.get(f"{address}preview/").content.decode()
    assert client.post(f"{address}submit/", {}).status_code == 302
    page = client.get(address).content.decode()
    assert last_submission(entry).sha256 in page
    assert b"simsa.promise" in client.get(f"{address}receipt.txt").content
    assert client.get(f"{address}receipt.svg").content.startswith(b"<svg")
    assert hashlib.sha256(client.get(f"{address}submitted.json").content).hexdigest() == last_submission(entry).sha256
    assert client.post(f"{address}withdraw/", {"reason": "취소"}).status_code == 302
    assert client.get(f"{address}submitted.json").status_code == 404


def test_preview_leaves_out_everything_that_is_wrong(entry):
    """Also where one case has several faults."""
    with_role("kim", entry.round, "entrant", "x")
    wrong = {"case__1__outcome__1__value": "천만", "case__1__outcome__2__value": "열둘", "case__1__from": "어제"}
    write(entry, **{**WHOLE, **wrong})
    page = signed_in("kim").get(f"/ko/entries/{entry.pk}/preview/")
    assert page.status_code == 200
    assert "무역촉진단" in page.content.decode()
    assert "어제" not in page.content.decode()
    desk = signed_in("kim").get(f"/ko/entries/{entry.pk}/").content.decode()
    assert desk.count('aria-invalid="true"') == 3


def test_form_that_is_behind_loses_nothing(entry):
    with_role("kim", entry.round, "entrant", "x")
    write(entry, text__idea="동료의 글")
    form = {"field/text/idea": "나의 글", "version/text/idea": "0"}
    page = signed_in("kim").post(f"/ko/entries/{entry.pk}/", form).content.decode()
    assert "동료의 글" in page
    assert "나의 글" in page
    assert values_of(fields_of(entry))["text/idea"] == "동료의 글"


def test_field_is_saved_while_it_is_written(entry):
    with_role("kim", entry.round, "entrant", "x")
    client, address = signed_in("kim"), f"/ko/entries/{entry.pk}/draft/"
    one = client.post(address, {"name": "text/idea", "value": "하나", "version": "0"})
    assert (one.status_code, one.json()["version"]) == (200, 1)
    behind = client.post(address, {"name": "text/idea", "value": "둘", "version": "0"})
    assert (behind.status_code, behind.json()["value"]) == (409, "하나")
    assert client.post(address, {"name": "nothing", "value": "x", "version": "0"}).status_code == 400
    assert client.post(address, {"name": "text/idea", "value": "x" * 200_001, "version": "1"}).status_code == 400
    Round.objects.update(stage="scoring")
    assert client.post(address, {"name": "text/idea", "value": "셋", "version": "1"}).status_code == 403


PEERS = RULES.replace("[entries]", '[entries]\npeers = "object"')


def peers_round(**hours: float) -> Round:
    round_ = open_round(PEERS.replace("[[group]]", schedule(**hours) + "[[group]]", 1))
    import_entries(round_, [EntryRow(code, "a", f"기관 {code}") for code in ("x", "y")])
    for code in ("x", "y"):
        with_role(code, round_, "entrant", code)
    return round_


@pytest.fixture
def after_call(db, monkeypatch) -> Round:
    """A round whose call has closed, in which x submitted; y has not."""
    round_ = peers_round(call=-3, deadline=1, scoring_from=5)
    entry = round_.entries.get(entrant__code="x")
    write(entry, **WHOLE)
    submit_entry(entry, actor="test")
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    return round_


def test_entrants_see_each_others_entries_once_the_call_is_over(after_call):
    page = signed_in("y").get("/ko/rounds/desk/peers/").content.decode()
    x, y = (after_call.entries.get(entrant__code=code) for code in ("x", "y"))
    assert f"/peers/{x.pk}/" in page
    assert f"/peers/{y.pk}/" not in page  # nothing was submitted
    assert "광융합" in signed_in("y").get(f"/ko/rounds/desk/peers/{x.pk}/").content.decode()
    assert signed_in("y").get(f"/ko/entries/{x.pk}/").status_code == 404
    assert signed_in("stranger").get("/ko/rounds/desk/peers/").status_code == 404


def test_during_the_call_nobody_sees_what_others_write(db):
    round_ = peers_round(call=-1, deadline=1)
    entry = round_.entries.get(entrant__code="x")
    write(entry, **WHOLE)
    submit_entry(entry, actor="test")
    assert signed_in("y").get("/ko/rounds/desk/peers/").status_code == 403
    assert signed_in("y").get(f"/ko/rounds/desk/peers/{entry.pk}/").status_code == 403


def submitted_file(entry: Entry, name: str) -> Evidence:
    """A file of an entry that was submitted with its last version."""
    now = timezone.now()
    made = Evidence.objects.create(
        entry=entry, criterion="idea", name=name, size=1, sha256="0" * 64, state="ready", position=1, actor="test",
        received_at=now, submitted_at=now,
    )  # fmt: skip
    last = last_submission(entry)
    content = json.loads(last.content)
    content["evidence"].append({"criterion": "idea", "name": name, "size": 1, "sha256": made.sha256})
    type(last)._base_manager.filter(pk=last.pk)._raw_delete("default")
    last.pk, last.content, last._state.adding = None, json.dumps(content), True
    last.save()
    return made


def test_only_the_file_that_was_objected_to_is_struck(after_call):
    x, y = (after_call.entries.get(entrant__code=code) for code in ("x", "y"))
    shown = submitted_file(x, "성과.pdf")
    files = lambda: [one.name for section in seen_submission(x).sections for one in section.files]  # noqa: E731
    rule_on(object_to(x, y, "과장", criterion="idea", actor="test"), "upheld", "그러함", actor="test")
    assert files() == ["성과.pdf"]  # what a criterion says, not its files
    rule_on(object_to(x, y, "위조", evidence=shown, actor="test"), "upheld", "그러함", actor="test")
    assert files() == []


def test_nobody_learns_of_a_file_that_is_not_part_of_what_counts(after_call):
    x = after_call.entries.get(entrant__code="x")
    now = timezone.now()
    Evidence.objects.create(
        entry=x, criterion="idea", name="예전.pdf", size=1, sha256="1" * 64, state="ready", position=1, actor="test",
        received_at=now, submitted_at=now, removed_at=now,
    )  # fmt: skip
    assert "예전.pdf" not in signed_in("y").get(f"/ko/rounds/desk/peers/{x.pk}/").content.decode()


def test_objection_reply_and_ruling(after_call):
    x = after_call.entries.get(entrant__code="x")
    with_role("boss", after_call, "officer")
    address = f"/ko/rounds/desk/peers/{x.pk}/"
    own = signed_in("x").post(address, {"about": "criterion/idea", "reason": "자기 것"})
    assert own.status_code == 403
    assert signed_in("y").post(address, {"about": "criterion/idea", "reason": "실적 과장"}).status_code == 302
    made = Objection.objects.get()
    assert signed_in("y").post(f"/ko/objections/{made.pk}/reply/", {"text": "x"}).status_code == 403
    assert signed_in("x").post(f"/ko/objections/{made.pk}/reply/", {"text": "사실입니다"}).status_code == 302
    assert (
        signed_in("x").post(f"/ko/objections/{made.pk}/rule/", {"ruling": "rejected", "text": "x"}).status_code == 403
    )
    rule = f"/ko/objections/{made.pk}/rule/"
    signed_in("boss").post(rule, {"ruling": "perhaps", "text": "x"})
    signed_in("boss").post(rule, {"ruling": "upheld", "text": ""})
    made.refresh_from_db()
    assert made.ruling == ""
    signed_in("boss").post(rule, {"ruling": "rejected", "text": "근거 있음"})
    signed_in("boss").post(rule, {"ruling": "upheld", "text": "번복"})
    made.refresh_from_db()
    assert (made.reply, made.ruling, made.ruling_reason) == ("사실입니다", "rejected", "근거 있음")
    assert "실적 과장" in signed_in("x").get("/ko/rounds/desk/peers/").content.decode()
    verbs = list(after_call.events.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["entry.objected", "objection.replied", "objection.ruled"]


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
@settings(max_examples=draws(100), deadline=None)
def test_numbers_are_read_as_people_write_them(n, places):
    text = f"{n / 10**places:,.{places}f}" if places else f"{n:,}"
    plain = f"{n / 10**places:.{places}f}" if places else str(n)
    assert parsed_number(text) == parsed_number(plain)
    assert parsed_number(f" {text} ") is not None


@given(st.dictionaries(st.sampled_from(sorted(name.replace("__", "/") for name in WHOLE)), st.text(max_size=130)))
@settings(max_examples=draws(150), deadline=None)
def test_whatever_is_written_has_a_checklist_and_what_is_right_a_content(fields):
    rules = parse(RULES)
    assert all(is_field(rules, name) for name in fields)
    wrong = [item.name for item in checklist(rules, fields, "ko") if item.state == "wrong"]
    assert bool(wrong) == bool(faults_of(rules, fields))  # one case at most: never one too many
    right = without_faults(rules, fields)
    assert not faults_of(rules, right)
    content_of(rules, "x", right, ())
    assert wrong or right == fields
