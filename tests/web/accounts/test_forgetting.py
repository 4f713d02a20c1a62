"""Forgetting a person: nothing says any more who they were, and all that they did stays."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from simsa.web.accounts.models import User
from simsa.web.entries.services import submit_entry
from simsa.web.programmes.models import Event, Role, Round, SentLetter
from simsa.web.programmes.services import check_events, forget_account, hand_over, invite
from tests.web.panel.rounds import prepared
from tests.web.people import PASSWORD, account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(db: None) -> Round:
    return prepared()


@pytest.fixture
def staff() -> Client:
    return signed_in(account("staff", is_staff=True))


def mentions(*words: str) -> set[str]:
    """The tables in which any of the words stands."""
    found = set()
    for model in apps.get_models():
        texts = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model.objects.values_list(*texts) if texts else ():
            if any(word in str(text) for text in row for word in words):
                found.add(model._meta.label)
    return found


def test_nothing_says_who_it_was_and_the_work_stays(round_, staff):
    invite(round_.programme, round_, "entrant", "minwon@example.kr", "a1", language="ko")
    (link,) = links_of_letters()
    kim = Client()
    kim.post(link, {"name": "김민원", "password": PASSWORD})
    person = User.objects.get(email="minwon@example.kr")
    assert mentions("minwon@example.kr", "김민원") == {
        "accounts.User", "account.EmailAddress", "programmes.Invitation", "programmes.SentLetter",
    } | ({"sessions.Session"} & mentions("minwon@example.kr"))  # fmt: skip
    submit_entry(round_.entries.get(entrant__code="a1"), with_missing=True, actor=person.actor)
    events = list(Event.objects.values_list("pk", "verb", "actor"))
    page = f"/ko/office/accounts/{person.pk}/"
    assert staff.get("/ko/office/accounts/", {"q": "Minwon@example.kr "}).url == page
    assert staff.get("/ko/office/accounts/", {"q": "nobody@example.kr"}).status_code == 200
    assert "김민원" in staff.get(page).content.decode()
    for wrong in ({"reason": "퇴직", "email": "other@example.kr"}, {"reason": " ", "email": "minwon@example.kr"}):
        assert staff.post(page, wrong).status_code == 200
        assert mentions("minwon@example.kr")
    assert staff.post(page, {"reason": "퇴직", "email": "minwon@example.kr"}).status_code == 302
    assert mentions("minwon@example.kr", "김민원") == set()
    assert kim.get("/ko/account/").status_code == 302
    assert staff.get(page).status_code == 404
    assert [event for event in events if event not in set(Event.objects.values_list("pk", "verb", "actor"))] == []
    assert Event.objects.order_by("pk").last().verb == "role.ended"
    assert check_events(round_) == round_.events.count()
    entry = round_.entries.get(entrant__code="a1")
    assert entry.submissions.count() == 1
    role = Role.objects.get(person=person)
    assert (role.end_reason, role.ended_by) == ("퇴직", account("staff").actor)


def test_what_was_handed_over_is_the_colleagues(round_, staff):
    role = with_role("kim", round_, "entrant", "a1")
    hand_over(role, "lee@example.kr", "부서 이동", actor="test")
    (link,) = links_of_letters()
    lee = Client()
    lee.post(link, {"name": "이", "password": PASSWORD})
    forget_account(account("kim"), "퇴직", actor="test")
    new = Role.objects.get(until=None, code="a1")
    assert (new.follows, new.person.email) == (role, "lee@example.kr")
    assert lee.get(f"/ko/entries/{round_.entries.get(entrant__code='a1').pk}/").status_code == 200


def test_last_officer_and_oneself_are_not_forgotten(round_, staff):
    with_role("boss", round_, "officer")
    page = f"/ko/office/accounts/{account('boss').pk}/"
    assert staff.post(page, {"reason": "퇴직", "email": "boss@example.kr"}).status_code == 200
    own = f"/ko/office/accounts/{account('staff').pk}/"
    assert staff.post(own, {"reason": "x", "email": "staff@example.kr"}).status_code == 200
    assert not User.objects.filter(forgotten_at__isnull=False).exists()
    assert Role.objects.filter(until__isnull=False).count() == 0


def test_address_can_be_invited_again(round_):
    with_role("kim", round_, "entrant", "a1")
    forget_account(account("kim"), "퇴직", actor="test")
    invite(round_.programme, round_, "entrant", "kim@example.kr", "a2")
    (link,) = links_of_letters()
    Client().post(link, {"name": "새 사람", "password": PASSWORD})
    assert User.objects.get(email="kim@example.kr").forgotten_at is None
    assert SentLetter.objects.filter(to="kim@example.kr").count() == 1


@pytest.mark.parametrize("browser_page", [{"width": "phone"}], indirect=True)
def test_pages_look_right(transactional_db, browser_page, axe, screenshot):
    from tests.web.programmes.test_office_browser import enter

    enter(browser_page, account("staff", is_staff=True))
    with_role("kim", prepared(), "entrant", "a1")
    browser_page.goto("/ko/office/accounts/?q=nobody@example.kr")
    axe(browser_page)
    screenshot(browser_page, "accounts")
    browser_page.locator("#q").fill("kim@example.kr")
    browser_page.locator("main form button").click()
    browser_page.wait_for_url("**/office/accounts/*/")
    axe(browser_page)
    screenshot(browser_page, "forget")
