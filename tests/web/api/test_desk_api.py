"""An entrant's program: the desk's verbs by token, with the same rules and the same refusals."""

from __future__ import annotations

import hashlib
import json

import pytest

from simsa.record.receipts import Receipt
from simsa.web.entries.models import Evidence
from simsa.web.programmes.models import Stage
from simsa.web.programmes.services import advance, check_events
from tests.web.api.program import Program
from tests.web.entries.test_desk import WHOLE, desk_round

pytestmark = pytest.mark.django_db
FIELDS = [{"name": name.replace("__", "/"), "value": value} for name, value in WHOLE.items()]


@pytest.fixture
def round_(db):
    return desk_round()


@pytest.fixture
def own(round_):
    return Program(round_, "entrant", "x")


def test_from_the_first_field_to_the_receipt_and_back(round_, own):
    assert own.get("/entries/x/draft").json()["fields"] == []
    unfinished = own.post("/entries/x/submission", {})
    assert (unfinished.status_code, unfinished.json()["faults"][0]["field"]) == (422, "text/idea")
    saved = own.post("/entries/x/draft", {"fields": FIELDS})
    assert saved.status_code == 200
    assert {one["version"] for one in saved.json()["fields"]} == {1}
    draft = own.get("/entries/x/draft").json()
    assert draft["open"]
    assert not [one for one in draft["checklist"] if one["state"] in {"wrong", "missing"}]
    assert own.get("/entries/x/submission").status_code == 404
    done = own.post("/entries/x/submission", {})
    assert (done.status_code, done.json()["version"]) == (201, 1)
    last = own.get("/entries/x/submission").json()
    assert last == done.json()
    assert hashlib.sha256(last["content"].encode()).hexdigest() == last["sha256"]
    assert json.loads(last["content"])["entry"] == "x"
    receipt = Receipt.parse(own.get("/entries/x/receipt").content)
    assert last["sha256"] in receipt.opening.values["event"]
    back = own.post("/entries/x/withdrawal", {"reason": "wrong year"})
    assert (back.status_code, back.json()["withdrawn"], back.json()["version"]) == (201, True, 2)
    assert own.post("/entries/x/withdrawal", {"reason": "again"}).status_code == 422
    assert check_events(round_) == round_.events.count()


def test_what_changed_in_between_is_told_and_left_as_it_is(own):
    first = {"name": "text/idea", "value": "first", "version": 0}
    own.post("/entries/x/draft", {"fields": [first]})
    number = {"name": "number/debt/debt", "value": "5", "version": 0}
    answer = own.post("/entries/x/draft", {"fields": [{**first, "value": "second"}, number]})
    assert answer.status_code == 409
    assert [(one["value"], one["clash"]) for one in answer.json()["fields"]] == [("first", True), ("5", False)]
    assert own.post("/entries/x/draft", {"fields": [{**first, "value": "second", "version": 1}]}).status_code == 200
    for wrong in ({"name": "text/none", "value": "", "version": 0}, {**first, "value": "x" * 300_000}):
        assert own.post("/entries/x/draft", {"fields": [wrong]}).status_code == 422
    assert own.post("/entries/x/draft", {"fields": [{**first, "version": -1}]}).status_code == 422


def test_a_file_comes_and_goes(own):
    sent = own.send("/entries/x/evidence", "실적.txt", b"12345" * 300_000, criterion="idea")
    assert (sent.status_code, sent.json()["size"], sent.json()["criterion"]) == (201, 1_500_000, "idea")
    file = f"/entries/x/evidence/{sent.json()['id']}"
    whole = own.get(f"{file}/original")
    assert b"".join(whole.streaming_content) == b"12345" * 300_000
    assert whole.headers["Content-Disposition"].startswith("attachment")
    part = own.get(f"{file}/original", Range="bytes=5-9")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"12345")
    assert own.send("/entries/x/evidence", "a.txt", b"1", criterion="none").status_code == 422
    assert own.send("/entries/x/evidence", "a.txt", b"").status_code == 422
    assert own.delete(file).status_code == 204
    assert Evidence.objects.get().removed_at is not None
    assert [own.delete(file).status_code, own.get(f"{file}/original").status_code] == [404, 404]


@pytest.mark.parametrize(
    ("who", "reads", "changes"),
    [
        ("entrant x", 200, 403),  # a token that only reads
        ("entrant y", 404, 404),
        ("observer", 404, 404),
        ("voter", 404, 404),
        ("officer", 200, 403),
    ],
)
def test_nobody_else_writes(round_, own, who, reads, changes):
    own.post("/entries/x/draft", {"fields": FIELDS})
    own.post("/entries/x/submission", {})
    sent = own.send("/entries/x/evidence", "a.txt", b"1")
    file = f"/entries/x/evidence/{sent.json()['id']}"
    kind, _, code = who.partition(" ")
    other = Program(round_, kind, code, writes=who != "entrant x")
    found = [other.get(path).status_code for path in ("/entries/x/submission", f"{file}/original")]
    assert found == [reads, reads]
    tried = [
        other.post("/entries/x/draft", {"fields": FIELDS}),
        other.post("/entries/x/submission", {}),
        other.post("/entries/x/withdrawal", {"reason": "x"}),
        other.send("/entries/x/evidence", "b.txt", b"1"),
        other.delete(file),
    ]
    assert {answer.status_code for answer in tried} == {changes}
    assert round_.entries.get(entrant__code="x").submissions.count() == 1


def test_after_the_call_nothing_is_taken(round_, own):
    own.post("/entries/x/draft", {"fields": FIELDS})
    advance(round_, Stage.SCORING)
    assert own.post("/entries/x/draft", {"fields": FIELDS}).status_code == 409
    assert own.post("/entries/x/submission", {}).status_code == 409
    assert own.send("/entries/x/evidence", "b.txt", b"1").status_code in {403, 409}
    assert own.get("/entries/x/draft").json()["open"] is False
