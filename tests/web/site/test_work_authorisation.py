"""Who gets which answer at addresses for people with roles: every address x method x role x owner.

Whom a row does not name is answered as if there were nothing (404), and a stranger is sent to sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from simsa.web.api.models import ApiToken
from simsa.web.api.services import create_token
from simsa.web.entries.lists.drafts import begin_draft
from simsa.web.entries.lists.kinds import KINDS
from simsa.web.programmes.models import Invitation, Round, SentLetter
from simsa.web.programmes.services import invite, open_round
from tests.rules.small import SMALL
from tests.web.panel.rounds import prepared
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db

PEOPLE = (
    "member",
    "staff",
    "officer",
    "programme",  # an officer of all rounds of the programme
    "other",  # an officer of another programme
    "entrant",  # acts for a1
    "rival",  # acts for a2
    "reviewer",
    "auditor",
    "observer",
    "voter",
    "editor",
)
OFFICERS = "officer programme staff"
EVERYONE = " ".join(PEOPLE)


@dataclass(frozen=True)
class Work:
    """One address: an example of it, in which `make` fills what the round's things are called, and who may read there
    and send there. `told` are those who may know of it and hear that they may not (403)."""

    path: str
    read: str = ""
    send: str = ""
    told: str = ""
    make: Callable[[Round], dict[str, Any]] = lambda _round: {}
    methods: str = "GET POST"


def _role(round_: Round) -> dict[str, Any]:
    return {"pk": with_role("entrant", round_, "entrant", "a1").pk}


def _invitation(round_: Round) -> dict[str, Any]:
    return {"pk": invite(round_.programme, round_, "observer", "x@example.kr").pk}


def _list(round_: Round) -> dict[str, Any]:
    content = b"code,name,group\na1,,c\n"
    return {"pk": begin_draft(round_, KINDS["entries"], content, "list.csv", actor="person/1").pk}


def _import(round_: Round) -> dict[str, Any]:
    return {"pk": round_.imports.filter(kind="entries").get().pk}


def lists(route: str, **more: Any) -> dict[str, Work]:
    """An address of lists, for officers."""
    path = route.replace("<key:pk>", "{pk}").replace("<str:ending>", "csv")
    knows = "entrant rival reviewer auditor observer voter editor"
    return {
        f"LANGUAGE/office/rounds/<str:slug>/lists/<str:kind>/{route}": Work(
            f"/ko/office/rounds/small/lists/entries/{path}", told=knows, **more
        )
    }


def _token(round_: Round) -> dict[str, Any]:
    role = with_role("entrant", round_, "entrant", "a1")
    create_token(role, round_, "test", days=1, writes=False, actor="person/1")
    return {"pk": ApiToken.objects.get().pk}


WORK: dict[str, Work] = {
    "LANGUAGE/office/roles/<key:pk>/tokens/": Work(
        "/ko/office/roles/{pk}/tokens/", read="entrant", send="entrant", make=_role
    ),
    "LANGUAGE/office/tokens/<key:pk>/revoke/": Work(
        "/ko/office/tokens/{pk}/revoke/", send="entrant", make=_token, methods="POST"
    ),
    **lists("", read=OFFICERS, send=OFFICERS),
    **lists("<key:pk>/", read=OFFICERS, make=_list, methods="GET"),
    **lists("<key:pk>/faults.<str:ending>", read=OFFICERS, make=_list, methods="GET"),
    **lists("<key:pk>/columns/", send=OFFICERS, make=_list, methods="POST"),
    **lists("<key:pk>/confirm/", send=OFFICERS, make=_list, methods="POST"),
    **lists("<key:pk>/drop/", send=OFFICERS, make=_list, methods="POST"),
    **lists("done/<key:pk>/undo/", send=OFFICERS, make=_import, methods="POST"),
    "LANGUAGE/office/": Work("/ko/office/", read=EVERYONE, send=EVERYONE),
    "LANGUAGE/office/invitations/<str:secret>/": Work("/ko/office/invitations/none/", read=EVERYONE, send=EVERYONE),
    "LANGUAGE/office/programmes/<str:programme>/people/": Work(
        "/ko/office/programmes/small/people/",
        read="programme staff",
        send="programme staff",
    ),
    "LANGUAGE/office/rounds/<str:slug>/people/": Work(
        "/ko/office/rounds/small/people/",
        read=OFFICERS,
        send=OFFICERS,
        told="entrant rival reviewer auditor observer voter editor",
    ),
    "LANGUAGE/office/people/<int:pk>/end/": Work(
        "/ko/office/people/{pk}/end/", send=OFFICERS, make=_role, methods="POST"
    ),
    "LANGUAGE/office/invitations/<int:pk>/withdraw/": Work(
        "/ko/office/invitations/{pk}/withdraw/", send=OFFICERS, make=_invitation, methods="POST"
    ),
    "LANGUAGE/office/roles/<int:pk>/hand-over/": Work(
        "/ko/office/roles/{pk}/hand-over/", read="entrant", send="entrant", make=_role
    ),
}
DONE = {200, 201, 204, 302, 400, 409, 410, 412, 413, 415, 422, 428}
"""What somebody hears who may do it, though they sent nothing that could be done."""


@pytest.fixture
def round_(db: None) -> Round:
    round_ = prepared()
    elsewhere = open_round(SMALL.replace('id = "small"', 'id = "elsewhere"', 1))
    account("staff", is_staff=True)
    with_role("officer", round_, "officer")
    with_role("programme", round_.programme, "officer")
    with_role("other", elsewhere.programme, "officer")
    with_role("entrant", round_, "entrant", "a1")
    with_role("rival", round_, "entrant", "a2")
    with_role("reviewer", round_, "reviewer", "p")
    for kind in ("auditor", "observer", "voter", "editor"):
        with_role(kind, round_, kind)
    return round_


@pytest.mark.parametrize("route", WORK, ids=str)
def test_answers(round_, route):
    work = WORK[route]
    path = work.path.format(**work.make(round_))
    for person in PEOPLE:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status = signed_in(person).generic(method, path).status_code
            named = {"GET": work.read, "POST": work.send}.get(method, f"{work.read} {work.send}").split()
            if method not in work.methods.split():
                assert status in ({405} | (DONE if person in named else {403, 404})), (person, method, status)
            elif person in named:
                assert status in DONE, (person, method, status)
            else:
                assert status == (403 if person in work.told.split() else 404), (person, method, status)


@pytest.mark.parametrize("route", WORK, ids=str)
def test_strangers_are_sent_to_sign_in(round_, route):
    work = WORK[route]
    path = work.path.format(**work.make(round_))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = Client().generic(method, path)
        if "invitations/<str" in route:
            assert answer.status_code == 410
        else:
            assert (answer.status_code, answer.url.split("?")[0]) == (302, "/ko/account/login/")


def test_what_has_ended_is_over(round_):
    role = with_role("officer", round_, "officer")
    client = signed_in("officer")
    assert client.get("/ko/office/rounds/small/people/").status_code == 200
    type(role).objects.filter(pk=role.pk).update(until=role.since)
    assert client.get("/ko/office/rounds/small/people/").status_code == 404


def test_link_of_an_invitation_is_kept_as_a_digest_alone(round_):
    invite(round_.programme, round_, "observer", "x@example.kr")
    secret = SentLetter.objects.get().body.split("/office/invitations/")[1].split("/")[0]
    assert len(secret) > 40
    assert secret not in str(list(Invitation.objects.values()))
