"""What somebody tries counts in every process of the site, and only for a while."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from simsa.web.accounts.models import Counted
from simsa.web.accounts.periodic import forget_counts
from tests.web.accounts.codes import code_of
from tests.web.people import PASSWORD, account
from tests.web.processes import environment

TRIES = """
import json, sys
import django
from django.conf import settings
django.setup()
from django.test import Client
tries, settings.PASSWORD_HASHERS, settings.MFA_TOTP_TOLERANCE = json.loads(sys.argv[1])
for steps in tries:
    client = Client(headers={"host": "127.0.0.1"})
    for address, form in steps:
        answer = client.post(address, form)
    print(answer.status_code, answer.headers.get("Location", ""))
"""
LOGIN, FACTOR = "/ko/account/login/", "/ko/account/factors/authenticate/"


def elsewhere(*tries: list[tuple[str, dict[str, str]]]) -> list[str]:
    """What another process of the site answers at last to each of several clients."""
    command = [sys.executable, "-c", TRIES, json.dumps([tries, settings.PASSWORD_HASHERS, settings.MFA_TOTP_TOLERANCE])]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.splitlines()


def entering(who: str, password: str) -> tuple[str, dict[str, str]]:
    return LOGIN, {"login": f"{who}@example.kr", "password": password}


@pytest.mark.django_db(transaction=True)
def test_limits_and_used_codes_count_in_all_processes(tmp_path, monkeypatch, settings):
    monkeypatch.setenv("SIMSA_HOME", str(tmp_path))
    settings.MFA_TOTP_TOLERANCE = 1  # a code holds for as long as a slow test takes
    account("kim")
    person, secret = account("lee"), generate_totp_secret()
    TOTP.activate(person, secret)
    code = {"code": code_of(secret)}
    connection.close()
    *wrong, factor = elsewhere(*[[entering("kim", "wrong")]] * 5, [entering("lee", PASSWORD), (FACTOR, code)])
    assert (wrong, factor) == (["200 "] * 5, "302 /ko/office/")
    client = Client(headers={"host": "127.0.0.1"})
    assert client.post(*entering("kim", PASSWORD)).status_code == 200
    assert client.post(*entering("lee", PASSWORD)).url.startswith(FACTOR)
    assert client.post(FACTOR, code).status_code == 200
    assert client.post(FACTOR, {"code": code_of(secret, 1)}).status_code == 302


@pytest.mark.django_db
def test_what_is_kept_ends_and_is_forgotten():
    shared = caches["shared"]
    assert shared.get("a", 1) == 1
    assert (shared.add("a", [1.5]), shared.add("a", [2.5]), shared.get("a")) == (True, False, [1.5])
    shared.set("a", [2.5], 60)
    shared.set("b", "y", None)
    assert (shared.get("a"), shared.get("b")) == ([2.5], "y")
    assert Counted.objects.exclude(key__contains="a:").count() == 2  # keys name networks and codes
    Counted.objects.filter(expires_at__lt=timezone.now() + timedelta(minutes=2)).update(expires_at=timezone.now())
    assert shared.get("a") is None
    assert (shared.add("a", 1), shared.delete("a"), shared.delete("a")) == (True, True, False)
    shared.set("a", 1, -1)
    forget_counts()
    assert (Counted.objects.count(), shared.get("b")) == (1, "y")
