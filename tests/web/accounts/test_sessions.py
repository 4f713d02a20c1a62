"""Letters, sessions, and that nobody learns from the way in who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from simsa.web.accounts.periodic import PERIODIC
from tests.web.accounts.letters import letters
from tests.web.people import PASSWORD, account, signed_in

pytestmark = pytest.mark.django_db
NEW = "another long password 2"


def entered(password: str = PASSWORD, who: str = "kim") -> Client:
    """A client that has signed in by the form."""
    client = Client()
    client.post("/ko/account/login/", {"login": f"{who}@example.kr", "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/ko/account/").status_code == 200


LETTERS = {
    "password": ("account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}),
    "address": ("account/address/", {"action_add": "", "email": "new@example.kr"}),
    "reset": ("account/password/reset/", {"email": "kim@example.kr"}),
}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", LETTERS)
def test_letters_are_in_the_language_of_who_gets_them(name, language):
    """Not in that of the page, and with neither the name of the account nor another's host in them."""
    person = account("kim", language=language)
    person.name = "Kim Minwon"
    person.save()
    client = entered()
    path, form = LETTERS[name]
    other = {"ko": "en", "en": "ko"}[language]
    answer = client.post(f"/{other}/{path}", form, headers={"Host": "localhost"})
    if answer.status_code == 302 and "/again/" in answer.url:
        client.post(answer.url, {"password": PASSWORD})
    (letter,) = letters()
    korean = bool(re.search("[가-힣]{2}", letter.body.replace("심사", "")))
    assert korean is (language == "ko")
    assert bool(re.search("[가-힣]", letter.subject)) is korean
    assert "Kim Minwon" not in letter.subject + letter.body
    assert "testserver" not in letter.body
    assert "localhost" not in letter.body
    assert "&quot;" not in letter.body
    assert "http://127.0.0.1:8000" in letter.body
    assert "\n\n\n\n" not in letter.body


def test_page_that_forgot_a_password_tells_nothing():
    """The same page for everybody, and the same work: what depends on the account is done in the background."""
    account("kim")
    answers, queries = [], []
    for address in ("kim@example.kr", "nobody@example.kr", "KIM@example.kr"):
        client = Client()
        answer = client.post("/ko/account/password/reset/", {"email": address})
        answers.append((answer.status_code, answer.url, client.get(answer.url).content.count(b"\n")))
        assert len(mail.outbox) == 0
        queries.append(DBTaskResult.objects.filter(task_path__endswith="reset_password").count())
    assert len(set(answers)) == 1
    assert queries == [1, 2, 3]
    assert [letter.to for letter in letters()] == [["kim@example.kr"], ["kim@example.kr"]]


def test_link_of_a_reset_is_nowhere_in_the_database():
    account("kim")
    Client().post("/ko/account/password/reset/", {"email": "kim@example.kr"})
    waiting = str(list(DBTaskResult.objects.values()))
    (letter,) = letters()
    (key,) = re.findall(r"/key/(\S+)/", letter.body)
    assert key not in waiting


def test_way_in_says_the_same_of_who_is_there_and_who_is_not(monkeypatch):
    """And takes the same work: a password is hashed in both cases."""
    account("kim")
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *given: hashed.append(1) or encode(self, *given))
    pages = []
    for who in ("kim", "nobody"):
        hashed.clear()
        page = Client().post("/ko/account/login/", {"login": f"{who}@example.kr", "password": "wrong"})
        text = re.sub(r'(name="csrfmiddlewaretoken" value|value)="[^"]*"', "", page.content.decode())
        pages.append((page.status_code, text, len(hashed)))
    assert pages[0] == pages[1]


def test_address_of_somebody_else_is_not_told_to_be_taken():
    account("kim", language="en")
    account("lee")
    client = entered(who="lee")
    answers = []
    for address in ("kim@example.kr", "free@example.kr"):
        answer = client.post("/ko/account/address/", {"action_add": "", "email": address})
        if answer.status_code == 302 and "/again/" in answer.url:
            answer = client.post(answer.url, {"password": PASSWORD})
        shown = client.get("/ko/account/address/").content.decode()
        answers.append((answer.status_code, address in shown))
        EmailAddress.objects.filter(email="free@example.kr").delete()
    assert answers[0][0] == answers[1][0]
    told = {letter.to[0]: letter for letter in letters()}
    assert "Confirm" in told["kim@example.kr"].subject
    (link,) = re.findall(r"8000(/\S+/confirm/\S+)", told["kim@example.kr"].body)
    entered().post(link)  # whoever owns the address opens the link all the same
    assert [account(name).email for name in ("kim", "lee")] == ["kim@example.kr", "lee@example.kr"]
    assert EmailAddress.objects.get(email="kim@example.kr", verified=True).user == account("kim")


def test_too_many_wrong_passwords_close_the_way_for_a_while():
    account("kim")
    for _ in range(5):
        entered("wrong")
    assert not is_in(entered())


def test_calling_the_site_by_another_port_opens_no_further_tries():
    account("kim")
    for number in range(6):
        client = Client(headers={"host": f"127.0.0.1:{8000 + number}"})
        client.post("/ko/account/login/", {"login": "Kim@example.kr", "password": "wrong" if number < 5 else PASSWORD})
    assert not is_in(client)


def test_who_is_behind_a_proxy_is_known_by_their_own_address(settings):
    """Whoever tries too often locks themselves out, not everybody behind the same proxy."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    account("kim")
    for number in range(12):
        form = {"login": f"n{number}@example.kr", "password": "wrong"}
        Client().post("/ko/account/login/", form, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    client = Client()
    form = {"login": "kim@example.kr", "password": PASSWORD}
    client.post("/ko/account/login/", form, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    assert not is_in(client)
    client.post("/ko/account/login/", form, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert is_in(client)


def test_new_password_ends_every_other_session():
    account("kim")
    here, there = entered(), entered()
    assert is_in(there)
    answer = here.post("/ko/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_reset_ends_every_session():
    account("kim")
    here = entered()
    Client().post("/ko/account/password/reset/", {"email": "kim@example.kr"})
    (link,) = re.findall(r"8000(/\S+/key/\S+)", letters()[0].body)
    client = Client()
    form = client.get(link).url
    client.post(form, {"password1": NEW, "password2": NEW})
    assert not is_in(here)
    assert is_in(entered(NEW))
    assert "reset" in Client().get(link).content.decode()  # the link is used up


def test_session_lasts_a_day_and_reading_does_not_lengthen_it():
    account("kim")
    client = entered()
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == ""  # it also ends with the browser
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    session = Session.objects.get(session_key=cookie.value)
    assert abs(session.expire_date - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=5))
    assert is_in(client)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=6)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_in(client)


def test_signing_out_leaves_nothing_behind():
    account("kim")
    client = entered()
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    assert client.get("/ko/account/logout/").status_code == 200  # a link alone signs nobody out
    assert is_in(client)
    answer = client.post("/ko/account/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not is_in(stolen)
    assert not Session.objects.exists()


def test_pages_of_people_are_kept_for_nobody_else():
    assert signed_in("kim").get("/ko/account/").headers["Cache-Control"] == "private, no-cache"


def test_sign_in_begins_a_new_session():
    """Whoever has put their own cookie into somebody's browser does not come in with them."""
    account("kim")
    client = Client()
    client.get("/ko/account/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    client.post("/ko/account/login/", {"login": "kim@example.kr", "password": PASSWORD})
    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_first_account_is_made_by_a_command(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="Root@Example.kr", interactive=False, verbosity=0)
    assert is_in(entered(who="root"))


def test_letters_and_sessions_that_are_over_are_forgotten():
    account("kim")
    entered()
    Client().post("/ko/account/password/reset/", {"email": "kim@example.kr"})
    over = timezone.now() - timedelta(days=2)
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=over)
    Session.objects.update(expire_date=over)
    others = DBTaskResult.objects.exclude(task_path__contains="accounts").count()
    entered()
    Client().post("/ko/account/password/reset/", {"email": "kim@example.kr"})
    for work in PERIODIC:
        work.run()
    assert Session.objects.count() == 1
    assert DBTaskResult.objects.exclude(task_path__contains="accounts").count() == others
    assert [waiting.status for waiting in DBTaskResult.objects.filter(task_path__contains="accounts")] == ["READY"]
