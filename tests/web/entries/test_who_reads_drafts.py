"""What is being written is for the entrant and the office of the round; others see what was submitted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from simsa.web.api.services import create_token
from simsa.web.entries.models import Entry, Evidence
from simsa.web.entries.services import EntryRow, import_entries, submit_entry, withdraw_entry
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import open_round
from tests.web.entries.test_desk import RULES, WHOLE, desk_round, write
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db
SECRET = "아직 아무도 몰라야 하는 문장"
OFFICE = "/ko/office/rounds/desk"
ENTRY = "/ko/entries/{entry}"
PAGES = (
    f"{ENTRY}/",
    f"{ENTRY}/preview/",
    f"{ENTRY}/checklist/",
    f"{ENTRY}/submitted.json",
    f"{ENTRY}/evidence/?criterion=idea",
    f"{OFFICE}/progress/",
    f"{OFFICE}/progress/?sort=-saved",
    f"{OFFICE}/indicators/",
    f"{OFFICE}/cases/",
    "/ko/rounds/desk/peers/",
    "/ko/rounds/desk/peers/{entry}/",
    "/ko/office/",
)
API = (
    "/rounds/desk/entries",
    "/rounds/desk/entries/x",
    "/rounds/desk/entries/x/draft",
    "/rounds/desk/entries/x/evidence",
    "/rounds/desk/entries/x/submission",
    "/rounds/desk/progress",
)


@pytest.fixture
def round_() -> Round:
    return desk_round(call=-2, deadline=24)


@pytest.fixture
def entry(round_) -> Entry:
    return round_.entries.get(entrant__code="x")


def evidence(entry: Entry, name: str) -> Evidence:
    """A file that has arrived, of which only the row is asked for here."""
    return Evidence.objects.create(
        entry=entry, criterion="idea", name=name, size=123456, sha256=f"{len(name):064d}", state="ready",
        received_at=timezone.now(), position=0, actor="test",
    )  # fmt: skip


def as_page(client: Client) -> Callable[[str], tuple[int, str]]:
    def ask(path: str) -> tuple[int, str]:
        answer = client.get(path)
        return answer.status_code, re.sub(r'csrf[^>]*value="[^"]*"', "", answer.content.decode())

    return ask


def told(round_: Round, entry: Entry, who: str) -> dict[str, tuple[int, str]]:
    """What somebody is told at every address."""
    ask = as_page(signed_in(who))
    found = {path: ask(path.format(entry=entry.pk)) for path in PAGES}
    role = account(who).roles.first()
    if role is not None:
        token = create_token(role, round_, "test", days=1, writes=False, actor="test")
        for path in API:
            answer = Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
            found[path] = answer.status_code, answer.content.decode()
    return found


@pytest.mark.parametrize(
    ("who", "before"),
    [
        ("auditor", "nothing"),
        ("auditor", "submitted"),
        ("auditor", "withdrawn"),
        ("observer", "submitted"),
        ("rival", "submitted"),
        ("staff", "submitted"),
    ],
)
def test_a_draft_changes_nothing_that_others_are_told(round_, entry, who, before, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    account("staff", is_staff=True)
    if who != "staff":
        with_role(who, round_, "entrant" if who == "rival" else who, "y" if who == "rival" else "")
    if before != "nothing":
        write(entry, **WHOLE)
        evidence(entry, "submitted.pdf")
        submit_entry(entry, with_missing=True, actor="test")
    if before == "withdrawn":
        withdraw_entry(entry, "이유", actor="test")
    first = told(round_, entry, who)
    write(entry, text__idea=SECRET, number__debt__debt="777", case__2__title=SECRET)
    evidence(entry, "new.pdf")
    Evidence.objects.filter(name="submitted.pdf").update(removed_at=timezone.now())
    second = told(round_, entry, who)
    for path, answer in second.items():
        assert answer == first[path], path
    if who == "auditor":
        assert ("submitted.pdf" in second[f"{ENTRY}/evidence/?criterion=idea"][1]) == (before == "submitted")
        assert ("submitted.pdf" in second["/rounds/desk/entries/x/evidence"][1]) == (before == "submitted")
        assert (WHOLE["text__idea"] in second[f"{ENTRY}/"][1]) == (before == "submitted")


@pytest.mark.parametrize("who", ["officer", "programme", "own"])
def test_entrant_and_office_read_it(round_, entry, who):
    where = round_.programme if who == "programme" else round_
    with_role(who, where, "entrant" if who == "own" else "officer", "x" if who == "own" else "")
    write(entry, text__idea=SECRET)
    evidence(entry, "new.pdf")
    found = told(round_, entry, who)
    assert SECRET in found[f"{ENTRY}/"][1]
    assert SECRET in found[f"{ENTRY}/preview/"][1]
    assert "new.pdf" in found["/rounds/desk/entries/x/evidence"][1]
    assert SECRET in json.loads(found["/rounds/desk/entries/x/draft"][1])["fields"][0]["value"]
    assert "전화" in found[f"{ENTRY}/"][1]  # the desk says who reads it


def test_peers_see_the_files_of_what_counts_alone():
    """Not those of an earlier version; and those that were taken out of the draft since."""
    round_ = open_round(RULES.replace("[entries]", '[entries]\npeers = "view"'))
    import_entries(round_, [EntryRow(code, "a", f"기관 {code}") for code in ("x", "y")])
    entry = round_.entries.get(entrant__code="x")
    rival = with_role("rival", round_, "entrant", "y").person
    one = evidence(entry, "one.pdf")
    submit_entry(entry, with_missing=True, actor="test")
    Evidence.objects.filter(pk=one.pk).update(removed_at=timezone.now())

    def seen(file: Evidence) -> int:
        """By somebody of another entrant, after the call."""
        Round.objects.update(stage=Stage.SCORING)
        status = signed_in(rival).get(f"/ko/evidence/{file.pk}/preview/").status_code
        Round.objects.update(stage=Stage.PREPARING)
        return status

    assert seen(one) == 200
    two = evidence(entry, "the second.pdf")
    assert seen(two) == 404
    submit_entry(entry, with_missing=True, actor="test")
    assert (seen(one), seen(two)) == (404, 200)
