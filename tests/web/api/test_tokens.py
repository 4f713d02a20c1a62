"""Tokens: shown once, kept as a digest, for one role in one round, and over when anything that they rest on is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from simsa.web.api.models import ApiToken
from simsa.web.api.services import LONGEST, create_token, revoke_token
from simsa.web.programmes.models import Role, Round
from simsa.web.programmes.services import check_events, end_role, open_round
from tests.rules.small import SMALL
from tests.web.panel.rounds import prepared
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(db: None) -> Round:
    return prepared()


@pytest.fixture
def role(round_) -> Role:
    return with_role("kim", round_, "officer")


def made(role: Role, round_: Round, *, days: int = 30, writes: bool = False) -> str:
    return create_token(role, round_, "test", days=days, writes=writes, actor=role.person.actor)


def asks(secret: str, path: str = "rounds/small", **more: str):
    return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}", **more})


def test_secret_is_kept_nowhere(round_, role):
    secret = made(role, round_)
    assert asks(secret).json()["slug"] == "small"
    kept = str(list(ApiToken.objects.values())) + " ".join(round_.events.values_list("payload", flat=True))
    assert secret not in kept
    assert secret.removeprefix("simsa_") not in kept
    assert ApiToken.objects.get().used_at is not None
    assert check_events(round_) == round_.events.count()


@pytest.mark.parametrize("secret", ["", "simsa_", "simsa_x", "x" * 10_000, "é"])
def test_anything_else_is_no_token(round_, role, secret):
    made(role, round_)
    answer = asks(secret)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_session_is_no_token(round_, role):
    assert signed_in(role).get("/api/v1/rounds").status_code == 401


def test_token_ends_with_what_it_rests_on(round_, role):
    with_role("lee", round_, "officer")
    one, two, three, four = (made(role, round_, days=n) for n in (1, 2, 3, 4))
    revoke_token(ApiToken.objects.first(), actor="person/1")
    assert [asks(secret).status_code for secret in (one, two, three, four)] == [200, 200, 200, 401]
    ApiToken.objects.update(created_at=timezone.now() - timedelta(days=1, hours=12))
    ApiToken.objects.filter(name="test").last()
    oldest = ApiToken.objects.order_by("pk").first()
    ApiToken.objects.filter(pk=oldest.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [asks(secret).status_code for secret in (one, two)] == [401, 200]
    account("kim", is_active=False)
    assert asks(two).status_code == 401
    account("kim", is_active=True)
    assert asks(two).status_code == 200
    end_role(role, "fertig", actor="person/1")
    assert asks(two).status_code == 401
    assert [event.verb for event in round_.events.all() if event.verb.startswith("token.")] == [
        *["token.created"] * 4,
        "token.revoked",
    ]


def test_person_may_do_more_than_the_token(round_):
    """Who runs the installation and has another role besides: the token has neither."""
    role = with_role("kim", round_, "observer")
    with_role("kim", round_, "officer")
    account("kim", is_staff=True, is_superuser=True)
    secret = made(role, round_)
    assert asks(secret, "rounds/small/progress").status_code == 200
    assert asks(secret, "rounds/small/entries").status_code == 403
    assert asks(secret, "rounds/small/reviewers").status_code == 403


def test_token_is_for_one_round(round_):
    other = open_round(SMALL.replace('id = "small"', 'id = "second"\nprogramme = "small"'))
    role = with_role("kim", round_.programme, "officer")
    secret = made(role, other)
    assert [one["slug"] for one in asks(secret, "rounds").json()["items"]] == ["second"]
    assert asks(secret).status_code == 404
    with pytest.raises(ValidationError):
        made(role, open_round(SMALL.replace('"small"', '"third"')))
    with pytest.raises(ValidationError):
        made(with_role("lee", round_, "officer"), other)


def test_second_factor_comes_first(round_, role, settings):
    secret = made(role, round_)
    settings.SECOND_FACTOR = "required"
    assert asks(secret).status_code == 401


@pytest.mark.parametrize("days", [0, LONGEST + 1])
def test_token_lasts_a_year_at_most(round_, role, days):
    with pytest.raises(ValidationError):
        made(role, round_, days=days)


def test_by_page(round_, role):
    client = signed_in(role)
    at = f"/ko/office/roles/{role.pk}/tokens/"
    assert "API" in client.get("/ko/office/").content.decode()
    page = client.post(at, {"name": "통계", "round": round_.pk, "days": "7"})
    (secret,) = re.findall(r"simsa_[\w-]{43}", page.content.decode())
    assert page.headers["Cache-Control"] == "no-store"
    assert asks(secret).status_code == 200
    assert secret not in client.get(at).content.decode()
    token = ApiToken.objects.get()
    assert not token.writes
    for stranger in (signed_in("park"), signed_in(with_role("lee", round_, "officer"))):
        assert stranger.get(at).status_code == 404
        assert stranger.post(f"/ko/office/tokens/{token.pk}/revoke/").status_code == 404
    assert asks(secret).status_code == 200
    client.post(f"/ko/office/tokens/{token.pk}/revoke/")
    assert asks(secret).status_code == 401
