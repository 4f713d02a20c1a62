"""People with roles, for tests: accounts that are signed in, and what a letter said."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client

from simsa.web.accounts.models import User
from simsa.web.accounts.services import open_account
from simsa.web.programmes.letters import send_due
from simsa.web.programmes.models import Programme, Role, Round
from simsa.web.programmes.services import give_role

PASSWORD = "a long password 1"


def account(name: str, **facts: object) -> User:
    """The account of NAME@example.kr, opened if it is not there."""
    found = User.objects.filter(email=f"{name}@example.kr").first()
    person = found or open_account(f"{name}@example.kr", PASSWORD, name=name)
    for field, value in facts.items():
        setattr(person, field, value)
    person.save()
    return person


def with_role(name: str, where: Round | Programme, kind: str, code: str = "") -> Role:
    """A role for the account of a name."""
    programme, round_ = (where, None) if isinstance(where, Programme) else (where.programme, where)
    return give_role(programme, round_, kind, account(name), code)


def signed_in(person: User | Role | str) -> Client:
    """A client that is signed in as somebody."""
    client = Client()
    known = account(person) if isinstance(person, str) else person.person if isinstance(person, Role) else person
    client.force_login(known, backend="simsa.web.accounts.sessions.Accounts")
    return client


def links_of_letters() -> list[str]:
    """The addresses in letters that were sent, by path; first sends what waits."""
    send_due()
    return [link for letter in mail.outbox for link in re.findall(r"https?://[^/\s]+(/\S+)", letter.body)]
