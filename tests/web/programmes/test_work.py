"""*My work* leads everybody to what their role is for, in one round or in all of a programme."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from simsa.web.programmes.models import Draft, Round
from simsa.web.programmes.services import begin_draft, open_round
from tests.rules.small import SMALL
from tests.web.panel.rounds import prepared
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def rounds() -> list[Round]:
    """Two of one programme, and one of another."""
    second = SMALL.replace('id = "small"', 'id = "second"\nprogramme = "small"', 1)
    second = second.replace("Small round", "Second round")
    other = SMALL.replace('id = "small"', 'id = "other"', 1)
    return [prepared(), open_round(second), open_round(other)]


@pytest.fixture
def draft(rounds) -> Draft:
    text = SMALL.replace('id = "small"', 'id = "third"\nprogramme = "small"', 1)
    return begin_draft(rounds[0].programme, "third", text, by=account("boss"))


def links(client: Client) -> list[tuple[str, str]]:
    """Address and text of every link to work, but for that of a role's tokens."""
    page = client.get("/en/office/").content.decode()
    found = re.findall(r'<li><a href="([^"]+)"><strong>([^<]+)</strong>', page)
    return [(address, text) for address, text in found if not address.endswith("/tokens/")]


@pytest.mark.parametrize("kind", ["auditor", "officer"])
def test_a_role_for_a_whole_programme_leads_to_each_of_its_rounds(rounds, draft, kind):
    client = signed_in(with_role("kim", rounds[0].programme, kind))
    found = links(client)
    assert [client.get(address).status_code for address, _text in found] == [200] * len(found)
    addresses = " ".join(address for address, _text in found)
    assert all(f"/{slug}/" in addresses for slug in ("small", "second"))
    assert "/other/" not in addresses
    assert (f"/drafts/{draft.pk}/" in addresses) == (kind == "auditor")  # officers find it with their programme
    assert len({text for _address, text in found}) == len(found)  # each says of which round it is


def test_an_auditor_of_one_round_is_led_there_alone(rounds, draft):
    client = signed_in(with_role("kim", rounds[1], "auditor"))
    found = links(client)
    assert found
    assert all("/second/" in address for address, _text in found)
    assert [client.get(address).status_code for address, _text in found] == [200] * len(found)
