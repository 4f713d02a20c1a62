"""Invitations, roles, handing over, ending: who may, and what the record says of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from simsa.web.accounts.models import User
from simsa.web.accounts.services import forget_person
from simsa.web.programmes.letters import ATTEMPTS, send_due
from simsa.web.programmes.models import Event, Invitation, Role, Round, SentLetter
from simsa.web.programmes.services import check_events, end_role, hand_over, invite, withdraw_invitation
from tests.web.panel.rounds import prepared
from tests.web.people import PASSWORD, account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db
BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def round_(db) -> Round:
    return prepared()


def offered(round_: Round, name: str = "kim", kind: str = "entrant", code: str = "a1") -> Invitation:
    return invite(round_.programme, round_, kind, f"{name}@example.kr", code)


def test_whoever_is_invited_opens_an_account_and_has_the_role(round_):
    offered(round_)
    (link,) = links_of_letters()
    client = Client()
    assert "kim@example.kr" in client.get(link).content.decode()
    answer = client.post(link, {"name": "김", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/ko/office/")
    assert re.search(r"\ba1\b", client.get("/ko/office/").content.decode())
    person = User.objects.get(email="kim@example.kr")
    role = Role.objects.get(person=person)
    assert (role.round, role.kind, role.code, role.until) == (round_, "entrant", "a1", None)
    assert person.check_password(PASSWORD)
    assert check_events(round_) == round_.events.count()
    told = " ".join(Event.objects.filter(round=round_).values_list("payload", flat=True))
    assert person.actor in told
    assert "kim" not in told  # people stand in a record by number alone
    assert "김" not in told


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890123"])
def test_weak_password_opens_nothing(round_, password):
    offered(round_)
    (link,) = links_of_letters()
    assert Client().post(link, {"name": "김", "password": password}).status_code == 200
    assert not User.objects.filter(email="kim@example.kr").exists()
    assert not Role.objects.filter(kind="entrant").exists()


def test_whoever_has_an_account_signs_in_and_accepts(round_):
    account("kim")
    offered(round_)
    (link,) = links_of_letters()
    stranger = Client()
    assert f"/ko/account/login/?next={link}" in stranger.get(link).content.decode()
    assert stranger.post(link, {"name": "x", "password": PASSWORD}).status_code == 200  # no second account, no login
    assert not Role.objects.filter(kind="entrant").exists()
    assert signed_in("kim").post(link).status_code == 302
    assert Role.objects.get(kind="entrant").person == account("kim")


def test_invitation_is_for_its_address_alone(round_):
    offered(round_)
    (link,) = links_of_letters()
    page = signed_in("lee").post(link)
    assert "lee@example.kr" in page.content.decode()
    assert not Role.objects.filter(kind="entrant").exists()


def test_link_works_once_and_not_for_ever(round_):
    offered(round_)
    (link,) = links_of_letters()
    Client().post(link, {"name": "김", "password": PASSWORD})
    assert signed_in("kim").post(link).status_code == 410
    late, gone = offered(round_, "late"), offered(round_, "gone")
    links = links_of_letters()[1:]
    Invitation.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    withdraw_invitation(gone, actor="test")
    for each in (*links, f"{link[:-4]}xyz/"):
        assert Client().get(each).status_code == 410
        assert Client().post(each, {"name": "x", "password": PASSWORD}).status_code == 410
    assert Role.objects.filter(kind="entrant").count() == 1


def test_newer_invitation_takes_the_place_of_the_older(round_):
    offered(round_)
    offered(round_)
    older, newer = links_of_letters()
    assert (Client().get(older).status_code, Client().get(newer).status_code) == (410, 200)


@pytest.mark.parametrize(
    ("kind", "code"), [("entrant", ""), ("entrant", "zz"), ("officer", "a1"), ("nobody", ""), ("reviewer", "a1")]
)
def test_role_acts_for_whom_it_must(round_, kind, code):
    with pytest.raises(ValidationError):
        invite(round_.programme, round_, kind, "kim@example.kr", code)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("kind", ["entrant", "reviewer", "observer", "voter"])
def test_role_that_belongs_to_a_round_is_not_of_the_programme(round_, kind):
    with pytest.raises(ValidationError):
        invite(round_.programme, None, kind, "kim@example.kr", "a1" if kind == "entrant" else "")


def test_handing_over(round_):
    role = with_role("kim", round_, "entrant", "a1")
    form = {"email": "lee@example.kr", "reason": "부서 이동"}
    assert signed_in("kim").post(f"/ko/office/roles/{role.pk}/hand-over/", form).status_code == 302
    role.refresh_from_db()
    assert role.until is None  # until the colleague takes it
    (link,) = links_of_letters()
    Client().post(link, {"name": "이", "password": PASSWORD})
    role.refresh_from_db()
    new = Role.objects.get(until=None, code="a1")
    assert (role.until is not None, role.end_reason, new.follows, new.person.name) == (True, "부서 이동", role, "이")
    assert not re.search(r"\ba1\b", signed_in("kim").get("/ko/office/").content.decode())
    verbs = list(round_.events.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["person.invited", "role.ended", "role.given"]
    assert check_events(round_) == round_.events.count()


@pytest.mark.parametrize(
    "form", [{"email": "kim@example.kr", "reason": "x"}, {"email": "lee@example.kr", "reason": " "}]
)
def test_handing_over_needs_somebody_else_and_a_reason(round_, form):
    role = with_role("kim", round_, "entrant", "a1")
    assert signed_in("kim").post(f"/ko/office/roles/{role.pk}/hand-over/", form).status_code == 200
    assert not Invitation.objects.exists()


def test_nobody_hands_over_what_is_not_theirs(round_):
    role = with_role("kim", round_, "entrant", "a1")
    with_role("boss", round_, "officer")
    for name in ("lee", "boss"):
        answer = signed_in(name).post(
            f"/ko/office/roles/{role.pk}/hand-over/", {"email": "x@example.kr", "reason": "x"}
        )
        assert answer.status_code == 404
    assert not Invitation.objects.exists()


def test_role_that_has_ended_meanwhile_is_not_handed_over(round_):
    role = with_role("kim", round_, "entrant", "a1")
    hand_over(role, "lee@example.kr", "부서 이동", actor="test")
    (link,) = links_of_letters()
    end_role(role, "잘못 부여", actor="test")
    assert Client().post(link, {"name": "이", "password": PASSWORD}).status_code == 410
    assert not User.objects.filter(email="lee@example.kr").exists()  # nothing half done
    with pytest.raises(ValidationError):
        hand_over(role, "lee@example.kr", "부서 이동", actor="test")


def test_last_officer_stays(round_):
    first, second = with_role("kim", round_, "officer"), with_role("lee", round_, "officer")
    end_role(first, "전보", actor="test")
    with pytest.raises(ValidationError):
        end_role(second, "전보", actor="test")


def test_officer_of_a_round_may_go_where_the_programme_has_one(round_):
    alone = with_role("kim", round_, "officer")
    with pytest.raises(ValidationError):
        end_role(alone, "전보", actor="test")
    with_role("boss", round_.programme, "officer")
    end_role(alone, "전보", actor="test")
    alone.refresh_from_db()
    assert alone.until is not None


def test_officer_invites_ends_and_withdraws_on_the_page(round_):
    with_role("boss", round_, "officer")
    role = with_role("kim", round_, "entrant", "a1")
    client, page = signed_in("boss"), f"/ko/office/rounds/{round_.slug}/people/"
    wrong = client.post(page, {"email": "lee@example.kr", "kind": "entrant", "code": "zz"})
    assert wrong.status_code == 200
    assert not Invitation.objects.exists()
    assert client.post(page, {"email": "Lee@Example.KR", "kind": "entrant", "code": "a2"}).status_code == 302
    offer = Invitation.objects.get()
    assert offer.email == "lee@example.kr"
    shown = client.get(page).content.decode()
    assert "lee@example.kr" in shown
    assert "kim@example.kr" in shown
    client.post(f"/ko/office/invitations/{offer.pk}/withdraw/")
    client.post(f"/ko/office/people/{role.pk}/end/", {"reason": ""})
    role.refresh_from_db()
    assert role.until is None
    client.post(f"/ko/office/people/{role.pk}/end/", {"reason": "휴직"})
    role.refresh_from_db()
    offer.refresh_from_db()
    assert role.end_reason == "휴직"
    assert offer.withdrawn_at is not None


def test_many_are_invited_at_once_or_none(round_):
    with_role("boss", round_, "officer")
    with_role("has", round_, "entrant", "a1")
    client, page = signed_in("boss"), f"/ko/office/rounds/{round_.slug}/people/"
    wrong = client.post(page, {"kind": "entrant", "lines": "a1, kim@example.kr\nzz, lee@example.kr\na2 park"})
    said = wrong.content.decode()
    assert "2" in said
    assert "zz" in said
    assert "a2 park" in said
    assert not Invitation.objects.exists()
    lines = "a1\tkim@example.kr\n\na2; 이담당; lee@example.kr\na1,has@example.kr\n"
    for expected in (2, 2):  # the second time nobody is left
        assert client.post(page, {"kind": "entrant", "lines": lines}).status_code == 302
        assert Invitation.objects.count() == expected
    assert client.post(page, {"kind": "entrant", "lines": " \n"}).status_code == 200


def test_forgotten_person_leaves_their_work_behind(round_):
    role = with_role("kim", round_, "entrant", "a1")
    client = signed_in("kim")
    assert client.get("/ko/office/").status_code == 200
    forget_person(role.person)
    assert client.get("/ko/office/").status_code == 302  # signed out
    role.refresh_from_db()
    assert role.person.email == f"forgotten-{role.person.pk}@invalid"
    assert not Client().login(email="kim@example.kr", password=PASSWORD)
    assert check_events(round_) == round_.events.count()


def test_second_factor_comes_before_work(round_, settings):
    settings.SECOND_FACTOR = "required"
    with_role("boss", round_, "officer")
    with_role("kim", round_, "entrant", "a1")
    answer = signed_in("boss").get("/ko/office/rounds/small/people/")
    assert (answer.status_code, answer.url) == (302, "/ko/account/")
    assert signed_in("boss").get("/ko/account/").status_code == 200
    assert signed_in("kim").get("/ko/office/").status_code == 200


def test_letter_is_sent_once(round_):
    offered(round_)
    assert len(mail.outbox) == 0
    assert (send_due(), send_due(), len(mail.outbox)) == (1, 0, 1)
    letter = SentLetter.objects.get()
    assert (letter.status, letter.attempts, letter.body) == ("sent", 1, "")  # the link in it is a secret
    assert "/office/invitations/" in mail.outbox[0].body


def test_letter_is_tried_again_later_and_then_given_up(round_, monkeypatch):
    offered(round_)
    monkeypatch.setattr(f"{BACKEND}.open", lambda _self: (_ for _ in ()).throw(OSError("no server")))
    pauses = []
    for _ in range(ATTEMPTS):
        assert send_due() == 0
        letter = SentLetter.objects.get()
        pauses.append(letter.due - timezone.now())
        assert "no server" in letter.error
        SentLetter.objects.update(due=timezone.now())
    assert (letter.status, letter.attempts) == ("failed", ATTEMPTS)
    assert pauses[0] < pauses[1] < pauses[2]
    assert send_due() == 0


def test_letter_that_a_process_had_when_it_stopped_is_not_sent_twice(round_, monkeypatch):
    offered(round_)

    def stopped(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{BACKEND}.send_messages", stopped)
    with pytest.raises(KeyboardInterrupt):
        send_due()
    monkeypatch.undo()
    assert send_due() == 0
    assert SentLetter.objects.get().status == "sending"
