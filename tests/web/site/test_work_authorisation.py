"""Who gets which answer at addresses for people with roles: every address x method x role x owner.

Whom a row does not name is answered as if there were nothing (404), and a stranger is sent to sign in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from simsa.web.api.models import ApiToken
from simsa.web.api.services import create_token
from simsa.web.entries.files import spool
from simsa.web.entries.files.storage import COPY, ORIGINAL, page_part, put
from simsa.web.entries.files.uploads import add_file, begin_upload
from simsa.web.entries.lists.drafts import begin_draft
from simsa.web.entries.lists.kinds import KINDS
from simsa.web.entries.models import Objection
from simsa.web.entries.services import submit_entry, withdraw_entry
from simsa.web.panel.affinities.running import begin_import
from simsa.web.panel.conference.drafts import begin_conference
from simsa.web.panel.models import Alternative, ReviewBatch, Slot
from simsa.web.panel.services import (
    assign_as_given,
    begin,
    challenge,
    convene,
    disclose_panel,
    submit_sheet,
    take_up,
)
from simsa.web.programmes.models import Invitation, Round, SentLetter
from simsa.web.programmes.services import amend, invite, open_round
from simsa.web.programmes.services import begin_draft as begin_rules
from simsa.web.votes.models import Aside
from simsa.web.votes.services import vote_of
from tests.rules.small import SMALL
from tests.tables.conference.exports import HOTCRP
from tests.web.panel.meetings import RULES as WITH_MEETING
from tests.web.panel.rounds import HELD_BACK, mark, prepared
from tests.web.people import account, signed_in, with_role
from tests.web.votes.rounds import RULES as WITH_VOTE

pytestmark = [pytest.mark.django_db, pytest.mark.once]

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
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
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
    anew: bool = False
    """Whether what `make` makes is gone once somebody has sent there."""


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


OF_THE_ROUND = "entrant rival reviewer auditor observer voter editor"


def _draft(round_: Round) -> dict[str, Any]:
    text = SMALL.replace('id = "small"', 'id = "next"', 1)
    return {"pk": begin_rules(round_.programme, "next", text, by=account("programme")).pk}


def drafts(route: str, **more: Any) -> dict[str, Work]:
    """An address of a draft for the programme's next round."""
    path = route.replace("<slug:section>", "groups").replace("<int:number>", "1")
    return {f"LANGUAGE/office/drafts/<key:pk>/{route}": Work(f"/ko/office/drafts/{{pk}}/{path}", make=_draft, **more)}


def _token(round_: Round) -> dict[str, Any]:
    role = with_role("entrant", round_, "entrant", "a1")
    create_token(role, round_, "test", days=1, writes=False, actor="person/1")
    return {"pk": ApiToken.objects.get().pk}


def _entry(round_: Round) -> dict[str, Any]:
    return {"pk": round_.entries.get(entrant__code="a1").pk}


def _upload(round_: Round) -> dict[str, Any]:
    return {"pk": begin_upload(round_.entries.get(entrant__code="a1"), account("entrant"), "a.png", 100).pk}


def _evidence(round_: Round) -> dict[str, Any]:
    """A file of a1 that is ready, with a page and a copy."""
    file = SimpleUploadedFile("a.png", b"picture")
    evidence = add_file(round_.entries.get(entrant__code="a1"), account("entrant"), file)
    for part in (ORIGINAL, COPY, page_part(1)):
        put(evidence, part, spool.path_of(evidence.pk))
    evidence.state, evidence.cleaned, evidence.pages = "ready", True, [[10, 10]]
    evidence.save()
    return {"pk": evidence.pk}


def _submitted(round_: Round) -> dict[str, Any]:
    entry = round_.entries.get(entrant__code="a1")
    submit_entry(entry, with_missing=True, actor="test")
    return {"pk": entry.pk}


def _objection(round_: Round) -> dict[str, Any]:
    entry, by = (round_.entries.get(entrant__code=code) for code in ("a1", "a2"))
    return {"pk": Objection.objects.create(entry=entry, by=by, reason="x", made_at=timezone.now()).pk}


KNOWS = "staff entrant rival reviewer observer voter editor"
"""Who has a role in the round, and may know of it."""
SEE = "entrant officer programme staff auditor"
"""Who may see an entry, once it was submitted; the entrant changes it."""
DRAFT = "entrant officer programme"
"""Who sees it before."""


FILES = {
    "LANGUAGE/evidence/<uuid:pk>/preview/": "/ko/evidence/{pk}/preview/",
    "evidence/<uuid:pk>/original.bin": "/evidence/{pk}/original.bin",
    "evidence/<uuid:pk>/copy.bin": "/evidence/{pk}/copy.bin",
    "evidence/<uuid:pk>/pages/<page_number:number>.webp": "/evidence/{pk}/pages/1.webp",
}
"""Addresses at which one file is read."""


def _letter(round_: Round) -> dict[str, Any]:
    invite(round_.programme, round_, "observer", "x@example.kr")
    return {"pk": SentLetter.objects.filter(round=round_).get().pk}


def _export(round_: Round) -> dict[str, Any]:
    exports = [(name, text.encode()) for name, text in HOTCRP.items()]
    return {"pk": begin_conference(round_, "hotcrp", exports, actor="person/1").pk}


def _reviewer(round_: Round) -> dict[str, Any]:
    return {"pk": round_.reviewers.get(code="p").pk}


def _affinities(round_: Round) -> dict[str, Any]:
    content = b"entry,reviewer,affinity\na1,p,1\n"
    return {"pk": begin_import(round_, "list.csv", content, actor="person/1").pk}


def _alternative(round_: Round) -> dict[str, Any]:
    none = {"least": "0", "median": "0", "most": "0"}
    spreads = dict.fromkeys(("coverage", "load", "load_limit", "entry_affinity"), none)
    counts = dict.fromkeys(("entries", "reviewers", "pairs", "slots"), 0)
    figures = {**counts, **spreads, "total": "0", "mean": "0", "worst": [], "loads": [], "affinities": []}
    facts = json.dumps({"figures": figures, "solver": "", "total": "0", "greatest": "0"})
    made = {"way": "total", "state": "done", "facts": facts}
    return {"number": Alternative.objects.get_or_create(round=round_, number=1, defaults=made)[0].number}


def _challenge(round_: Round) -> dict[str, Any]:
    disclose_panel(round_, True, actor="person/1")
    entry, reviewer = round_.entries.get(entrant__code="a1"), round_.reviewers.get(code="p")
    return {"pk": challenge(entry, reviewer, "kin", actor="person/1").pk}


def _voting(round_: Round) -> dict[str, Any]:
    """Rules with a vote, on which nothing has been cast."""
    amend(round_, WITH_VOTE, "a vote")
    return {}


def _held_back(round_: Round) -> dict[str, Any]:
    """Rules that hold reviews back."""
    if round_.rules.adaptive is None:
        amend(round_, HELD_BACK, "reviews held back")
    return {}


def _batch(round_: Round) -> dict[str, Any]:
    _held_back(round_)
    facts = json.dumps({"reviews": [], "entries": [], "text": {"ko": [], "en": []}, "gain": None})
    made = {"state": "done", "seed": "s", "facts": facts}
    return {"number": ReviewBatch.objects.get_or_create(round=round_, number=1, defaults=made)[0].number}


def reviews(route: str, make: Callable[[Round], dict[str, Any]] = _batch, **more: Any) -> dict[str, Work]:
    """An address of reviews held back."""
    path = route.replace("<key:number>", "{number}").replace("<str:ending>", "csv")
    return {
        f"LANGUAGE/office/rounds/<str:slug>/reviews/{route}": Work(
            f"/ko/office/rounds/small/reviews/{path}", make=make, **more
        )
    }


def _aside(round_: Round) -> dict[str, Any]:
    _voting(round_)
    round_.refresh_from_db()
    aside = Aside.objects.create(vote=vote_of(round_), kind="device", key="k", found_at=timezone.now())
    return {"pk": aside.pk}


def vote(route: str, **more: Any) -> dict[str, Work]:
    """An address of a round's vote."""
    path = route.replace("<str:slug>", "small").replace("<key:pk>", "1").replace("<str:ending>", "csv")
    return {f"LANGUAGE/{route}": Work(f"/ko/{path}", make=_voting, **more)}


def conference(route: str, **more: Any) -> dict[str, Work]:
    """An address of a conference from elsewhere, for officers."""
    path = route.replace("<key:pk>", "{pk}")
    knows = "entrant rival reviewer auditor observer voter editor"
    return {
        f"LANGUAGE/office/rounds/<str:slug>/conference/{route}": Work(
            f"/ko/office/rounds/small/conference/{path}", told=knows, **more
        )
    }


def _slot(round_: Round) -> dict[str, Any]:
    """A sheet of the reviewer, submitted; the panel is assigned to it alone."""
    if not Slot.objects.filter(entry__round=round_).exists():
        assign_as_given(round_, [("a1", "p")])
    slot = Slot.objects.get(entry__round=round_)
    submit_sheet(slot, mark(1))
    return {"name": slot.name, "pk": slot.pk}


def _meeting(round_: Round) -> dict[str, Any]:
    """A meeting in which the entry of a2 is discussed, with the reviewer p as its chair."""
    if not round_.meetings.exists():
        amend(round_, WITH_MEETING, "meetings")
        assign_as_given(round_, [("a2", "p"), ("a2", "q")])
        meeting = convene(round_, timezone.now(), ["a2"], "p", "q", actor="person/1")
        chair = [round_.reviewers.get(code="p")]
        begin(meeting, by=chair, actor="person/1")
        take_up(meeting.items.get(), by=chair, actor="person/1")
    meeting = round_.meetings.get()
    return {"pk": meeting.pk, "item": meeting.items.get().pk}


def meeting(route: str, **more: Any) -> dict[str, Work]:
    """An address of a meeting, or of an item of its agenda."""
    path = route.replace("<str:slug>", "small").replace("<key:number>", "1")
    path = path.replace("<key:pk>", "{item}" if "/items/" in route else "{pk}")
    return {f"LANGUAGE/{route}": Work(f"/ko/{path}", make=_meeting, **more)}


ATTENDING = "reviewer observer officer programme auditor"
"""Who may know of a meeting."""


WORK: dict[str, Work] = {
    **{
        route: work
        for name in ("", "live/", "stream/")
        for route, work in meeting(f"panel/meetings/<key:pk>/{name}", read=ATTENDING, methods="GET").items()
    },
    **meeting("panel/meetings/<key:pk>/attend/", send="reviewer observer", told=ATTENDING, methods="POST"),
    **meeting("panel/meetings/<key:pk>/turn/", send="reviewer", told=ATTENDING, methods="POST"),
    **meeting("panel/meetings/<key:pk>/void/", send="observer", told=ATTENDING, methods="POST"),
    **meeting("panel/items/<key:pk>/lead/", send="reviewer", methods="POST"),
    **meeting("panel/items/<key:pk>/note/", send="reviewer officer programme", methods="POST"),
    **meeting("panel/items/<key:pk>/sheet/", send="reviewer", methods="POST"),
    **meeting("panel/items/<key:pk>/dissent/", send="reviewer", methods="POST"),
    **meeting("panel/items/<key:pk>/leader/", send="officer programme", methods="POST"),
    **meeting(
        "panel/rounds/<str:slug>/meetings/",
        read="reviewer observer",
        told="staff entrant rival voter editor officer programme auditor",
        methods="GET",
    ),
    **meeting(
        "office/rounds/<str:slug>/meetings/",
        read="officer programme auditor",
        send="officer programme",
        told=f"{KNOWS} auditor",
    ),
    **{
        route: work
        for name in ("", "minutes.txt")
        for route, work in meeting(
            f"office/rounds/<str:slug>/meetings/<key:number>/{name}",
            read="officer programme auditor",
            told=KNOWS,
            methods="GET",
        ).items()
    },
    **meeting(
        "office/rounds/<str:slug>/meetings/<key:number>/agenda/",
        send="officer programme",
        told=f"{KNOWS} auditor",
        methods="POST",
    ),
    "LANGUAGE/panel/rounds/<str:slug>/": Work(
        "/ko/panel/rounds/small/", read="reviewer", told=f"{KNOWS} officer programme auditor", methods="GET"
    ),
    "LANGUAGE/panel/rounds/<str:slug>/sign/": Work(
        "/ko/panel/rounds/small/sign/", read="reviewer", send="reviewer", told=f"{KNOWS} officer programme auditor"
    ),
    "LANGUAGE/panel/sheets/<str:name>/": Work("/ko/panel/sheets/{name}/", read="reviewer", send="reviewer", make=_slot),
    "LANGUAGE/panel/sheets/<str:name>/draft/": Work(
        "/ko/panel/sheets/{name}/draft/", read="reviewer", make=_slot, methods="GET PUT"
    ),
    "LANGUAGE/panel/sheets/<str:name>/submit/": Work(
        "/ko/panel/sheets/{name}/submit/", send="reviewer", make=_slot, methods="POST"
    ),
    **{
        f"LANGUAGE/panel/sheets/<str:name>/{file}": Work(
            f"/ko/panel/sheets/{{name}}/{file}", read="reviewer", make=_slot, methods="GET"
        )
        for file in ("receipt.txt", "receipt.svg")
    },
    **conference("", read=OFFICERS, send=OFFICERS),
    **conference("<key:pk>/", read=OFFICERS, make=_export, methods="GET"),
    **conference("<key:pk>/confirm/", send=OFFICERS, make=_export, methods="POST"),
    "LANGUAGE/reviewers/<key:pk>/conflicts/": Work(
        "/ko/reviewers/{pk}/conflicts/",
        read=f"reviewer {OFFICERS} auditor",
        send="reviewer",
        told=f"{OFFICERS} auditor",
        make=_reviewer,
    ),
    "LANGUAGE/reviewers/<key:pk>/": Work(
        "/ko/reviewers/{pk}/",
        read=f"reviewer {OFFICERS} auditor",
        send="reviewer officer programme",
        told="staff auditor",
        make=_reviewer,
    ),
    "LANGUAGE/reviewers/<key:pk>/bids/": Work(
        "/ko/reviewers/{pk}/bids/",
        read=f"reviewer {OFFICERS} auditor",
        send="reviewer",
        told=f"{OFFICERS} auditor",
        make=_reviewer,
    ),
    "LANGUAGE/office/rounds/<str:slug>/panel/bids/": Work(
        "/ko/office/rounds/small/panel/bids/", send="officer programme", told=f"{KNOWS} auditor", methods="POST"
    ),
    "LANGUAGE/office/rounds/<str:slug>/assignment/": Work(
        "/ko/office/rounds/small/assignment/",
        read=f"{OFFICERS} auditor",
        send="officer programme",
        told=f"{KNOWS} auditor",
    ),
    "LANGUAGE/office/rounds/<str:slug>/assignment/progress/": Work(
        "/ko/office/rounds/small/assignment/progress/", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"
    ),
    "LANGUAGE/office/rounds/<str:slug>/assignment/<key:number>/": Work(
        "/ko/office/rounds/small/assignment/{number}/",
        read=f"{OFFICERS} auditor",
        told=KNOWS,
        make=_alternative,
        methods="GET",
    ),
    **{
        f"LANGUAGE/office/rounds/<str:slug>/assignment/{route}/": Work(
            f"/ko/office/rounds/small/assignment/{path}/",
            send="officer programme",
            told=f"{KNOWS} auditor",
            make=_alternative,
            methods="POST",
        )
        for route, path in (("<key:number>/adopt", "{number}/adopt"), ("pairs", "pairs"))
    },
    "LANGUAGE/office/rounds/<str:slug>/assignment/<key:number>/pairs.csv": Work(
        "/ko/office/rounds/small/assignment/{number}/pairs.csv",
        read=f"{OFFICERS} auditor",
        told=KNOWS,
        make=_alternative,
        methods="GET",
    ),
    **reviews("", _held_back, read=f"{OFFICERS} auditor", send="officer programme", told=f"{KNOWS} auditor"),
    **reviews("progress/", _held_back, read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"),
    **reviews("<key:number>/", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"),
    **reviews("<key:number>/why.<str:ending>", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"),
    **{
        key: work
        for name in ("give", "keep-apart")
        for key, work in reviews(
            f"<key:number>/{name}/", send="officer programme", told=f"{KNOWS} auditor", methods="POST"
        ).items()
    },
    "LANGUAGE/office/rounds/<str:slug>/affinities/": Work(
        "/ko/office/rounds/small/affinities/",
        read=f"{OFFICERS} auditor",
        send="officer programme",
        told=f"{KNOWS} auditor",
    ),
    "LANGUAGE/office/rounds/<str:slug>/affinities/progress/": Work(
        "/ko/office/rounds/small/affinities/progress/", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"
    ),
    "LANGUAGE/office/rounds/<str:slug>/affinities/<key:pk>/": Work(
        "/ko/office/rounds/small/affinities/{pk}/",
        read="officer programme",
        told=f"{KNOWS} auditor",
        make=_affinities,
        methods="GET",
    ),
    "LANGUAGE/office/rounds/<str:slug>/affinities/<key:pk>/confirm/": Work(
        "/ko/office/rounds/small/affinities/{pk}/confirm/",
        send="officer programme",
        told=f"{KNOWS} auditor",
        make=_affinities,
        methods="POST",
        anew=True,
    ),
    "LANGUAGE/panel/sheets/<str:name>/withdraw/": Work(
        "/ko/panel/sheets/{name}/withdraw/", send="reviewer", make=_slot, methods="POST"
    ),
    "LANGUAGE/entries/<key:pk>/panel/": Work(
        "/ko/entries/{pk}/panel/", read="entrant", send="entrant", told=SEE, make=_entry
    ),
    "LANGUAGE/entries/<key:pk>/sheets/": Work("/ko/entries/{pk}/sheets/", told=SEE, make=_entry, methods="GET"),
    "LANGUAGE/office/rounds/<str:slug>/panel/": Work(
        "/ko/office/rounds/small/panel/", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"
    ),
    "LANGUAGE/office/rounds/<str:slug>/panel/disclose/": Work(
        "/ko/office/rounds/small/panel/disclose/", send="officer programme", told=f"{KNOWS} auditor", methods="POST"
    ),
    **{
        f"LANGUAGE/office/rounds/<str:slug>/{name}/": Work(
            f"/ko/office/rounds/small/{name}/",
            read=f"{OFFICERS} auditor",
            send="officer programme",
            told=f"{KNOWS} auditor",
        )
        for name in ("conflicts", "replacements")
    },
    "LANGUAGE/office/rounds/<str:slug>/conflicts/<key:pk>/": Work(
        "/ko/office/rounds/small/conflicts/{pk}/",
        send="officer programme",
        told="staff auditor",
        make=_challenge,
        methods="POST",
    ),
    **vote("votes/<str:slug>/own/", read="voter", send="voter", told=f"{KNOWS} officer programme auditor"),
    **vote(
        "votes/<str:slug>/own/<key:pk>/",  # the ballot is empty: for the voter there is no such entry
        told="staff entrant rival reviewer observer editor officer programme auditor",
        methods="GET",
    ),
    **vote("office/rounds/<str:slug>/vote/", read=f"{OFFICERS} auditor", send=OFFICERS, told=f"{KNOWS} auditor"),
    **vote(
        "office/rounds/<str:slug>/vote/count/",
        send="officer programme auditor",
        told=KNOWS,
        methods="POST",
    ),
    **vote("office/rounds/<str:slug>/vote/ballots.<str:ending>", told=f"{KNOWS} officer programme", methods="GET"),
    "LANGUAGE/office/votes/asides/<key:pk>/": Work(
        "/ko/office/votes/asides/{pk}/",
        send="officer programme auditor",
        told="staff",
        make=_aside,
        methods="POST",
    ),
    "LANGUAGE/office/roles/<key:pk>/tokens/": Work(
        "/ko/office/roles/{pk}/tokens/", read="entrant", send="entrant", make=_role
    ),
    "LANGUAGE/office/tokens/<key:pk>/revoke/": Work(
        "/ko/office/tokens/{pk}/revoke/", send="entrant", make=_token, methods="POST"
    ),
    "LANGUAGE/office/rounds/<str:slug>/progress/": Work(
        "/ko/office/rounds/small/progress/", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"
    ),
    **{
        f"LANGUAGE/office/rounds/<str:slug>/{route}": Work(
            f"/ko/office/rounds/small/{path}", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"
        )
        for route, path in (
            ("indicators/", "indicators/"),
            ("indicators.<str:ending>", "indicators.csv"),
            ("cases/", "cases/"),
            ("cases.<str:ending>", "cases.json"),
        )
    },
    "LANGUAGE/office/rounds/<str:slug>/progress/remind/": Work(
        "/ko/office/rounds/small/progress/remind/", send="officer programme", told=f"{KNOWS} auditor", methods="POST"
    ),
    **{
        f"LANGUAGE/office/rounds/<str:slug>/{route}": Work(
            f"/ko/office/rounds/small/{path}", read=f"{OFFICERS} auditor", told=KNOWS, methods="GET"
        )
        for route, path in (("letters/", "letters/"), ("letters.<str:ending>", "letters.csv"))
    },
    "LANGUAGE/office/rounds/<str:slug>/letters/again/": Work(
        "/ko/office/rounds/small/letters/again/", send=OFFICERS, told=f"{KNOWS} auditor", methods="POST"
    ),
    **{
        f"LANGUAGE/office/{route}": Work(f"/ko/office/{path}", read="staff", methods="GET")
        for route, path in (("letters/", "letters/"), ("letters.<str:ending>", "letters.csv"))
    },
    **{
        f"LANGUAGE/office/letters/<key:pk>/{what}/": Work(
            f"/ko/office/letters/{{pk}}/{what}/", send=OFFICERS, told="auditor", make=_letter, methods="POST"
        )
        for what in ("again", "stop", "address")
    },
    "LANGUAGE/office/background/": Work("/ko/office/background/", read=f"{OFFICERS} other", methods="GET"),
    "LANGUAGE/office/background/<uuid:pk>/again/": Work(
        "/ko/office/background/{pk}/again/", send="staff", make=lambda _round: {"pk": uuid4()}, methods="POST"
    ),
    "LANGUAGE/office/rounds/<str:slug>/panel/remind/": Work(
        "/ko/office/rounds/small/panel/remind/", send="officer programme", told=f"{KNOWS} auditor", methods="POST"
    ),
    "LANGUAGE/entries/<key:pk>/": Work("/ko/entries/{pk}/", read=SEE, send="entrant", told=SEE, make=_entry),
    **{
        f"LANGUAGE/entries/<key:pk>/{name}/": Work(
            f"/ko/entries/{{pk}}/{name}/", send="entrant", told=SEE, make=_entry, methods="POST"
        )
        for name in ("draft", "cases", "submit", "withdraw")
    },
    **{
        f"LANGUAGE/entries/<key:pk>/{name}": Work(f"/ko/entries/{{pk}}/{name}", read=SEE, make=made, methods="GET")
        for name, made in (
            ("preview/", _submitted),
            ("receipt.txt", _submitted),
            ("receipt.svg", _submitted),
            ("submitted.json", _submitted),
        )
    },
    "LANGUAGE/entries/<key:pk>/checklist/": Work(
        "/ko/entries/{pk}/checklist/", read=DRAFT, told=SEE, make=_entry, methods="GET"
    ),
    "LANGUAGE/rounds/<str:slug>/peers/": Work(
        "/ko/rounds/small/peers/", read="officer programme auditor", told=KNOWS, methods="GET"
    ),
    "LANGUAGE/rounds/<str:slug>/peers/<key:entry>/": Work(
        "/ko/rounds/small/peers/{pk}/",
        read="officer programme auditor",
        told=f"{KNOWS} officer programme auditor",
        make=_submitted,
    ),
    "LANGUAGE/objections/<key:pk>/reply/": Work(
        "/ko/objections/{pk}/reply/",
        send="entrant",
        told="rival officer programme auditor",
        make=_objection,
        methods="POST",
    ),
    "LANGUAGE/objections/<key:pk>/rule/": Work(
        "/ko/objections/{pk}/rule/",
        send="officer programme",
        told="entrant rival auditor",
        make=_objection,
        methods="POST",
    ),
    "LANGUAGE/entries/<key:pk>/evidence/": Work(
        "/ko/entries/{pk}/evidence/", read=SEE, send="entrant", told=SEE, make=_entry
    ),
    "LANGUAGE/entries/<key:pk>/uploads/": Work(
        "/ko/entries/{pk}/uploads/", send="entrant", told=SEE, make=_entry, methods="POST"
    ),
    "LANGUAGE/uploads/<uuid:pk>/": Work("/ko/uploads/{pk}/", send="entrant", make=_upload, methods="PATCH DELETE"),
    **{route: Work(path, read=DRAFT, make=_evidence, methods="GET") for route, path in FILES.items()},
    **{
        f"LANGUAGE/evidence/<uuid:pk>/{name}/": Work(
            f"/ko/evidence/{{pk}}/{name}/", send=send, told=DRAFT, make=_evidence, methods="POST"
        )
        for name, send in (("remove", "entrant"), ("move", "entrant"), ("examine-again", "officer programme"))
    },
    **lists("", read=OFFICERS, send=OFFICERS),
    **lists("<key:pk>/", read=OFFICERS, make=_list, methods="GET"),
    **lists("<key:pk>/faults.<str:ending>", read=OFFICERS, make=_list, methods="GET"),
    **lists("<key:pk>/columns/", send=OFFICERS, make=_list, methods="POST"),
    **lists("<key:pk>/confirm/", send=OFFICERS, make=_list, methods="POST"),
    **lists("<key:pk>/drop/", send=OFFICERS, make=_list, methods="POST", anew=True),
    **lists("done/<key:pk>/undo/", send=OFFICERS, make=_import, methods="POST"),
    "LANGUAGE/office/programmes/": Work("/ko/office/programmes/", read="staff", send="staff"),
    "LANGUAGE/office/accounts/": Work("/ko/office/accounts/", read="staff", send="staff"),
    "LANGUAGE/office/accounts/<key:pk>/": Work(
        "/ko/office/accounts/{pk}/", read="staff", send="staff", make=lambda _round: {"pk": account("gone").pk}
    ),
    "LANGUAGE/office/programmes/<str:programme>/": Work(
        "/ko/office/programmes/small/", read="programme staff", send="programme staff"
    ),
    "LANGUAGE/office/programmes/<str:programme>/drafts/new/": Work(
        "/ko/office/programmes/small/drafts/new/", read="programme staff", send="programme staff"
    ),
    "LANGUAGE/office/rounds/<str:slug>/": Work(
        "/ko/office/rounds/small/", read=OFFICERS, send=OFFICERS, told=OF_THE_ROUND
    ),
    "LANGUAGE/office/rounds/<str:slug>/clone/": Work(
        "/ko/office/rounds/small/clone/",
        read="programme staff",
        send="programme staff",
        told=f"officer {OF_THE_ROUND}",
    ),
    "LANGUAGE/office/rounds/<str:slug>/amend/": Work(
        "/ko/office/rounds/small/amend/", send=OFFICERS, told=OF_THE_ROUND, methods="POST"
    ),
    **drafts("", read="programme staff", send="programme staff"),
    **drafts("text/", read="programme staff", send="programme staff"),
    **drafts("forms/<slug:section>/", read="programme staff", send="programme staff"),
    **drafts("criteria/<int:number>/", read="programme staff", send="programme staff"),
    **drafts("versions/", read="programme staff", send="programme staff"),
    **drafts("restore/", send="programme staff", methods="POST"),
    **drafts("propose/", send="programme staff", methods="POST"),
    **drafts("approve/", send="programme", told="staff", methods="POST"),
    **drafts("withdraw/", send="programme staff", methods="POST"),
    **drafts("discard/", send="programme staff", methods="POST"),
    **drafts("take-up/", send="programme staff", methods="POST"),
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


@pytest.fixture(scope="module")
def people(shared_rows: None) -> dict[str, Client]:
    """Everybody signed in, and the round in which they have roles, for all tests of this file."""
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
    return {person: signed_in(person) for person in PEOPLE}


@pytest.fixture
def round_(people: dict[str, Client], db: None) -> Round:
    return Round.objects.get(slug="small")


@pytest.fixture
def clients(people: dict[str, Client]) -> Iterator[dict[str, Client]]:
    """Everybody as they came in: what a test leaves in their browsers is gone after it."""
    came = {person: client.cookies.copy() for person, client in people.items()}
    yield people
    for person, client in people.items():
        client.cookies = came[person]


@pytest.mark.once
@pytest.mark.parametrize("route", WORK, ids=str)
def test_answers(round_, clients, route):
    work = WORK[route]
    path = work.path.format(**work.make(round_))
    for method in METHODS:
        answer = Client().generic(method, path)
        if "invitations/<str" in route:
            assert answer.status_code == 410
        else:
            assert (answer.status_code, answer.url.split("?")[0]) == (302, "/ko/account/login/")
    for person, client in clients.items():
        for method in METHODS:
            if work.anew:
                path = work.path.format(**work.make(round_))
            status = client.generic(method, path).status_code
            named = {"GET": work.read, "POST": work.send}.get(method, f"{work.read} {work.send}").split()
            if method not in work.methods.split():
                assert status in ({405} | (DONE if person in named else {403, 404})), (person, method, status)
            elif person in named:
                assert status in DONE, (person, method, status)
            else:
                assert status == (403 if person in work.told.split() else 404), (person, method, status)


@pytest.mark.once
@pytest.mark.parametrize("path", FILES.values())
def test_file_is_for_more_people_once_it_was_submitted(round_, clients, path):
    path = path.format(**_evidence(round_))
    entry = round_.entries.get(entrant__code="a1")

    def readers() -> str:
        return " ".join(person for person in PEOPLE if clients[person].get(path).status_code == 200)

    assert set(readers().split()) == set(DRAFT.split())
    submit_entry(entry, with_missing=True, actor="test")
    assert set(readers().split()) == set(SEE.split())
    withdraw_entry(entry, "x", actor="test")
    assert set(readers().split()) == set(DRAFT.split())


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
