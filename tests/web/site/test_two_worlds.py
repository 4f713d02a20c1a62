"""Nothing that is secret shows: everybody who must not know it is answered the same in two worlds that differ in it.

Asked is every address of the site and of the API (`worlds` says how). Who reviewed what and who has submitted is secret
to all but the office and whoever audits; so are marks and comments, where the rules do not show them; whose an entry
is, where they hide it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from simsa.web.api.services import create_token
from simsa.web.entries.models import Entrant, Evidence, Submission
from simsa.web.panel.models import Reviewer, SheetDraft, Slot
from simsa.web.panel.scoring import others, own, views
from simsa.web.panel.services import (
    assign_as_given,
    attend,
    begin,
    close_round,
    convene,
    save_draft,
    submit_draft,
    take_note,
    take_up,
)
from simsa.web.panel.services.profiling import ask_for_bids
from simsa.web.programmes.models import Opening, Role, Round
from simsa.web.programmes.services import publish_round
from simsa.web.votes.services import open_vote
from tests.rules.small import HIDING, changed
from tests.web.panel.rounds import prepared
from tests.web.people import signed_in, with_role
from tests.web.site.test_authorisation import CODE, TABLE
from tests.web.site.test_work_authorisation import WORK, _meeting
from tests.web.site.worlds import Visitor, crawl, leaks

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VOTE = """[vote]
voters = "public"
ballot = "approval"
opens = 2020-01-01T09:00:00
closes = 2124-02-08T18:00:00

[[adjustment]]
id = "citizens"
kind = "bonus"
criterion = "total"
field = "vote_points"
each = "0.01"

[missing]"""
MEETING = "[meeting]\nspread = 3\n\n[missing]"
HIDDEN = changed(
    "[sight.reviewer]\n",
    '[sight.reviewer]\nmarks = "meeting"\n',
    changed("[missing]", HIDING, changed("[missing]", VOTE)),
)
SHOWN = changed(
    "[missing]",
    """[sight.reviewer]
marks = "closed"
comments = "closed"

[sight.entrant]
marks = "closed"
comments = "closed"

[missing]""",
)
ASSIGNED = (("a1", "p"), ("a1", "q"), ("b1", "p"), ("b1", "r"), ("a2", "q"), ("b2", "r"))
ROLES = {
    "entrant": ("entrant", "a1"),
    "rival": ("entrant", "a2"),
    "reviewer": ("reviewer", "p"),
    "observer": ("observer", ""),
    "voter": ("voter", ""),
    "editor": ("editor", ""),
}
"""Who takes part without running or auditing the round: kinds of roles, and whom they act for."""
IN_OTHER_WAYS = {"_slot", "_voting", "_aside", "_meeting", "_held_back", "_batch"}
"""What makes the things of these addresses is done here for all."""
OF_ENTRY = ("", "/draft", "/submission", "/receipt", "/evidence")
API = (
    *("rounds", "rounds/{slug}", "rounds/{slug}/progress", "rounds/{slug}/entries", "rounds/{slug}/reviewers"),
    *(f"rounds/{{slug}}/entries/{code}{what}" for code in ("a1", "none") for what in OF_ENTRY),
)


@pytest.fixture
def scoring(db: None) -> Round:
    """A public round with a vote that is open, being scored by who does not know whose the entries are, and meets."""
    round_ = assigned(filled(changed("[missing]", MEETING, HIDDEN)))
    THINGS[round_.pk][_meeting] = meeting(round_)
    open_vote(publish_round(round_))
    round_.refresh_from_db()
    return round_


@pytest.fixture
def shown(db: None) -> Round:
    """A round that is closed, and whose rules show sheets to those who scored the entry, and to its entrant."""
    return close_round(assigned(filled(SHOWN)))


def filled(rules: str) -> Round:
    """Everything that any address names is there, and the panel not assigned yet."""
    round_ = prepared(rules)
    for name, (kind, code) in ROLES.items():
        with_role(name, round_, kind, code)
    return round_


def assigned(round_: Round) -> Round:
    """Some sheets are submitted, with comments, and one is being written."""
    THINGS[round_.pk] = things(round_)
    assign_as_given(round_, ASSIGNED)
    for n, slot in enumerate(Slot.objects.filter(entry__round=round_).order_by("position")):
        values = {"mark/idea": str(n), "mark/work": str(n + 1), "comment/idea": f"의견 {n}"}
        save_draft(slot, values, 0)
        if (slot.entry.entrant.code, slot.reviewer.code) != ("b1", "p"):
            submit_draft(slot, 1)
    round_.refresh_from_db()
    return round_


def meeting(round_: Round) -> dict[str, Any]:
    """One that p chairs, on what p scores and on what it does not; a2 is discussed, and everybody is there."""
    found = convene(round_, timezone.now(), ["a2", "a1", "b1"], "p", "q", actor="person/1")
    members = {code: [round_.reviewers.get(code=code)] for code in "pq"}
    begin(found, by=members["p"], actor="person/1")
    attend(found, True, by=members["q"][0], actor="person/2")
    attend(found, True, actor=f"person/{Role.objects.get(kind='observer', round=round_).person_id}")
    first = found.items.get(entry__entrant__code="a2")
    take_up(first, by=members["p"], actor="person/1")
    take_note(first, "상담 24건", by=members["p"], actor="person/1")
    return {"pk": found.pk, "item": first.pk}


Maker = Callable[[Round], dict[str, Any]]
THINGS: dict[int, dict[Maker, dict[str, Any]]] = {}
"""What there is in each round, by what made it."""


def things(round_: Round) -> dict[Maker, dict[str, Any]]:
    """What the addresses for people with roles name, by what makes it: one letter first, and files that do not arrive
    once the entry is submitted."""
    last = {"_letter": 0, "_submitted": 2, "_upload": 3}
    makers = dict.fromkeys(work.make for work in WORK.values() if work.make.__name__ not in IN_OTHER_WAYS)
    return {maker: maker(round_) for maker in sorted(makers, key=lambda one: last.get(one.__name__, 1))}


def addresses(round_: Round, reader: str = "") -> list[str]:
    """Every address for people with roles, or those that a reader is let in to; with each slot where one is named."""
    slots = Slot.objects.filter(entry__round=round_).order_by("position")
    named = [{"name": one.name, "pk": one.pk} for one in slots]
    found: dict[str, None] = {}
    for work in WORK.values():
        given = (
            named
            if work.make.__name__ == "_slot"
            else [THINGS[round_.pk].get(work.make, {"pk": 1, "item": 1, "number": 1})]
        )
        if not reader or reader in work.read.split():
            found |= dict.fromkeys(work.path.format(**one) for one in given)
    return list(found)


def public_addresses() -> list[str]:
    paths = [expected.path.replace("LANGUAGE", "ko") for expected in TABLE.values()]
    paths = [path.replace("proactive-2023-h1", "small").replace(CODE, "a1") for path in paths]
    return [*dict.fromkeys(paths), "/ko/news/search/?q=기관+a1", "/ko/rounds/small/?q=기관+a1"]


def visitors(round_: Round, names: Sequence[str], whole: Sequence[str] = ()) -> list[Visitor]:
    """These people where they are let in, and with their programs in the API; the `whole` site for some of them, of
    which "" is everybody who is not signed in."""
    Client().get("/sitemap.xml")  # a process asks once which pages are closed to the public
    found = [Visitor("", Client(), {}, public_addresses())] if "" in whole else []
    for name in names:
        paths = [*addresses(round_), *public_addresses()] if name in whole else addresses(round_, name)
        found.append(Visitor(name, signed_in(name), {}, paths))
        role = Role.objects.get(round=round_, person__email=f"{name}@example.kr")
        secret = create_token(role, round_, "test", days=1, writes=False, actor="person/1")
        paths = [f"/api/v1/{path.format(slug=round_.slug)}" for path in API]
        found.append(Visitor(f"{name}'s program", Client(), {"Authorization": f"Bearer {secret}"}, paths))
    return found


def slot_of(entry: str, reviewer: str) -> Slot:
    return Slot.objects.get(entry__entrant__code=entry, reviewer__code=reviewer)


def reviewers_swapped() -> None:
    """Who scored a1 with p has scored b1, and the other way round."""
    one, other = slot_of("a1", "q"), slot_of("b1", "r")
    for slot, code in ((one, "r"), (other, "q")):
        Slot.objects.filter(pk=slot.pk).update(reviewer=Reviewer.objects.get(round=one.entry.round, code=code))


def exchanged() -> None:
    """p and q have scored a1 as the other did."""
    slots, p, q = [slot_of("a1", "p"), slot_of("a1", "q")], *(Reviewer.objects.get(code=code) for code in "pq")
    aside = Reviewer.objects.get(code="r")
    for slot, reviewer in ((slots[0], aside), (slots[1], p), (slots[0], q)):
        Slot.objects.filter(pk=slot.pk).update(reviewer=reviewer)


def another_entrant() -> None:
    """a1 is somebody else, and so are the names of its files."""
    named = {"code": "a9", "name_ko": "다른 시청", "name_en": "Another city", "latitude": 35, "longitude": 129}
    QuerySet(Entrant).filter(code="a1").update(**named)
    Role.objects.filter(code="a1").update(code="a9")
    Evidence.objects.filter(entry__entrant__code="a9").update(name="다른 시청.png", size=123)
    for one in QuerySet(Submission).filter(entry__entrant__code="a9"):
        QuerySet(Submission).filter(pk=one.pk).update(content=one.content.replace("a1", "a9"), sha256="0" * 64)


def other_marks() -> None:
    """Who scores a1 beside p gave it other marks, and other comments."""
    [sheet] = slot_of("a1", "q").sheets.all()
    values = {**json.loads(sheet.opening.values), "mark/idea": "9.5", "mark/work": "0"}
    QuerySet(Opening).filter(pk=sheet.opening_id).update(values=json.dumps(values))
    draft = SheetDraft.objects.get(slot=sheet.slot_id)
    values = {**draft.by_field, "mark/idea": "9.5", "mark/work": "0", "comment/idea": "다른, 더 긴 의견"}
    SheetDraft.objects.filter(pk=draft.pk).update(values=json.dumps(values), said=json.dumps(values))


def not_submitted() -> None:
    """Who scores b1 beside p has not submitted their sheet."""
    slot = slot_of("b1", "r")
    SheetDraft.objects.filter(slot=slot).update(submitted=0)
    Slot.objects.filter(pk=slot.pk).update(version=0, status=Slot.Status.ASSIGNED)


KNOWN_TO: dict[Callable[[], None], tuple[str, ...]] = {
    other_marks: (),
    not_submitted: ("observer",),  # they see how far every reviewer is
    reviewers_swapped: (),
    another_entrant: ("entrant",),
}
"""Whom the test does not ask. In this order one secret can be changed after another."""


def test_nothing_tells_a_secret_while_the_panel_scores(scoring):
    now = timezone.now()
    for names in (("entrant",), ("observer",), ("reviewer", "voter", "rival", "editor")):
        everybody = visitors(scoring, names, whole=("entrant", "reviewer", *([""] if "reviewer" in names else [])))
        secrets = [secret for secret, known in KNOWN_TO.items() if not set(known) & set(names)]
        assert "\n".join(leaks(everybody, now, *secrets)) == ""


@pytest.mark.long
@pytest.mark.parametrize("secret", KNOWN_TO)
def test_nothing_tells_one_secret_to_anybody_anywhere(scoring, secret):
    names = [name for name in ROLES if name not in KNOWN_TO[secret]]
    now, everybody = timezone.now(), visitors(scoring, names, whole=(*names, ""))
    seen = crawl(everybody[:1], now) | crawl(everybody[1:2], now)
    assert {status for status, _headers, _body, _asked in seen.values()} >= {200, 302, 403, 404}
    assert any(asked for *_answer, asked in seen.values())
    assert "\n".join(leaks(everybody, now, secret)) == ""


def test_marks_that_are_shown_do_not_tell_whose_they_are(shown):
    everybody = visitors(shown, ("entrant", "reviewer"))
    page = everybody[0].client.get(f"/ko/entries/{slot_of('a1', 'p').entry_id}/sheets/").content.decode()
    assert all(said in page for said in ("의견 0", "의견 1"))
    assert leaks(everybody, timezone.now(), reviewers_swapped) == []


def test_nothing_tells_whose_an_entry_is_before_the_panel_is_assigned():
    round_ = filled(HIDDEN)
    ask_for_bids(round_, True, actor="person/1")
    THINGS[round_.pk] = things(round_)
    assert leaks(visitors(round_, ("reviewer", "observer")), timezone.now(), another_entrant) == []


def _named_in_title(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(own, "title_of", lambda slot, number, language: slot.entry.entrant.name(language))


def _asked_once_more(patch: pytest.MonkeyPatch) -> None:
    """The page is the same, and the database is asked once more where q scores a1."""
    plain = own.group_of

    def group_of(slot: Slot, *more: Any) -> str:
        for one in slot.entry.slots.select_related("reviewer"):
            if (slot.entry.entrant.code, one.reviewer.code) == ("a1", "q"):
                one.refresh_from_db()
        return plain(slot, *more)

    patch.setattr(own, "group_of", group_of)


def _in_a_header(patch: pytest.MonkeyPatch) -> None:
    plain = views._page

    def page(*asked: Any, **more: Any) -> Any:
        answer = plain(*asked, **more)
        answer.headers["X-Others"] = str(Opening.objects.filter(values__contains="9.5").count())
        return answer

    patch.setattr(views, "_page", page)


def _told_by_status(patch: pytest.MonkeyPatch) -> None:
    def receipt_is_due(round_: Round) -> bool:
        return round_.entries.filter(entrant__code="a1").exists()

    patch.setattr(views, "receipt_is_due", receipt_is_due)


@pytest.mark.parametrize(
    ("leak", "secret", "at", "what"),
    [
        (_named_in_title, another_entrant, "", "bytes"),
        (_asked_once_more, reviewers_swapped, "", "statements"),
        (_in_a_header, other_marks, "", "headers"),
        (_told_by_status, another_entrant, "receipt.txt", "status"),
    ],
)
def test_every_way_to_tell_a_secret_is_seen(scoring, monkeypatch, leak, secret, at, what):
    path = f"/ko/panel/sheets/{slot_of('a1', 'p').name}/{at}"
    reviewer = [Visitor("reviewer", signed_in("reviewer"), {}, [path])]
    assert leaks(reviewer, timezone.now(), secret) == []
    leak(monkeypatch)
    [found] = leaks(reviewer, timezone.now(), secret)
    assert found.startswith(f"reviewer at {path}: ")
    assert what in found


def test_order_that_follows_the_reviewers_is_seen(shown, monkeypatch):
    path = f"/ko/entries/{slot_of('a1', 'p').entry_id}/sheets/"
    entrant = [Visitor("entrant", signed_in("entrant"), {}, [path])]
    assert leaks(entrant, timezone.now(), exchanged) == []
    monkeypatch.setattr(others, "_in_no_order", lambda slots, _viewer: sorted(slots, key=lambda one: one.reviewer.code))
    assert leaks(entrant, timezone.now(), exchanged) == [f"entrant at {path}: bytes"]
