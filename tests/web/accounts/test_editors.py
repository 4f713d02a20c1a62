"""Wagtail manages nobody: its forms for people are gone, and its groups follow roles."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from simsa.web.programmes.models import Round
from simsa.web.programmes.services import end_role
from tests.rules.small import SMALL
from tests.web.panel.rounds import prepared
from tests.web.people import PASSWORD, account, signed_in, with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(db: None) -> Round:
    return prepared()


@pytest.fixture
def chief(round_: Round) -> Client:
    return signed_in(account("chief", is_staff=True, is_superuser=True))


@pytest.mark.parametrize(
    "path",
    [
        "users/", "users/new/", "users/edit/1/", "users/delete/1/", "users/history/1/", "users/results/", "groups/",
        "groups/new/", "groups/edit/1/", "bulk/accounts/user/delete/", "bulk/accounts/user/assign_role/",
        "bulk/accounts/user/set_active_state/", "password_reset/", "password_reset/done/",
        "password_reset/complete/", "password_reset/confirm/a/b/",
    ],
)  # fmt: skip
def test_no_address_of_wagtail_manages_people(chief, path):
    for client in (chief, signed_in("kim"), Client()):
        for method in (client.get, client.post):
            # What is not there is looked for in the language of the visitor.
            answer = method(f"/cms/{path}?id=1", follow=True)
            at_the_door = answer.request["PATH_INFO"] == "/ko/account/login/"
            assert at_the_door or answer.status_code == (404 if client is chief else 403)
            assert not (at_the_door and client is chief)


def test_menu_does_not_offer_it(chief):
    page = chief.get("/cms/").content.decode()
    assert "/cms/users/" not in page
    assert "/cms/groups/" not in page
    assert "/cms/sites/" in page
    assert 'href="/ko/account/"' in chief.get("/cms/account/").content.decode()


def test_account_page_changes_neither_address_nor_password(chief):
    page = chief.get("/cms/account/").content.decode()
    assert "notifications" in page
    assert "name_email" not in page
    assert "password-" not in page
    person = account("chief")
    form = {
        "name_email-email": "evil@example.kr", "name_email-first_name": "x", "password-old_password": PASSWORD,
        "password-new_password1": "another long 9", "password-new_password2": "another long 9",
        "theme-theme": "dark", "theme-density": "default", "theme-contrast": "system", "theme-keyboard_shortcuts": "on",
        "locale-preferred_language": "ko", "locale-current_time_zone": "Asia/Seoul",
    }  # fmt: skip
    chief.post("/cms/account/", form)
    person.refresh_from_db()
    assert person.email == "chief@example.kr"
    assert person.check_password(PASSWORD)


def test_door_of_wagtail_is_that_of_the_site():
    answer = Client().get("/cms/login/?next=/cms/pages/")
    assert (answer.status_code, answer.url) == (302, "/ko/account/login/?next=/cms/pages/")
    account("chief", is_superuser=True)
    form = {"username": "chief@example.kr", "password": PASSWORD}
    assert Client().post("/cms/login/", form).status_code == 405


def groups(name: str) -> set[str]:
    return set(account(name).groups.values_list("name", flat=True))


def test_editor_is_one_as_long_as_the_role_lasts(round_):
    other = prepared(SMALL.replace('id = "small"', 'id = "other"', 1))
    first, second = with_role("kim", round_, "editor"), with_role("kim", other, "editor")
    assert groups("kim") == {"Editors"}
    assert signed_in("kim").get("/cms/").status_code == 200
    end_role(first, "전보", actor="test")
    assert groups("kim") == {"Editors"}
    end_role(second, "전보", actor="test")
    assert groups("kim") == set()
    assert signed_in("kim").get("/cms/").status_code == 302


def test_officers_of_a_whole_programme_publish(round_):
    with_role("chief", round_.programme, "officer")
    with_role("clerk", round_, "officer")
    with_role("entrant", round_, "entrant", "a1")
    assert (groups("chief"), groups("clerk"), groups("entrant")) == ({"Moderators"}, set(), set())


def test_groups_that_somebody_else_has_arranged_are_left_alone(round_):
    account("kim").groups.add(Group.objects.create(name="Photographers"))
    end_role(with_role("kim", round_, "editor"), "x", actor="test")
    assert groups("kim") == {"Photographers"}
