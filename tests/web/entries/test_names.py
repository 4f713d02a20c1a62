"""Entrants and programmes are called by their English names on English pages, by their Korean ones elsewhere."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from simsa.web.entries.services import EntryRow, import_entries, submit_entry
from simsa.web.programmes.models import Programme, Round, Stage
from simsa.web.programmes.services import advance, open_round
from tests.web.entries.test_desk import RULES, WHOLE, write
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db
CITY = {"ko": "수원시", "en": "Suwon"}
"""The entrant with a name in both languages; `고양시` has none in English."""

PAGES = ("office/", "entries/{entry}/", "rounds/desk/peers/", "rounds/desk/peers/{entry}/")
OFFICE = ("progress/", "cases/", "indicators/")


@pytest.fixture
def round_() -> Round:
    round_ = open_round(RULES.replace("[entries]", '[entries]\npeers = "view"'))
    import_entries(round_, [EntryRow("x", "a", "수원시", "Suwon"), EntryRow("y", "a", "고양시")])
    for entry in round_.entries.all():
        write(entry, **WHOLE)
        submit_entry(entry, with_missing=True, actor="test")
    Programme.objects.update(name_ko="종합 평가", name_en="Evaluation of all")
    return round_


def said(client: Client, language: str, address: str) -> str:
    page = client.get(f"/{language}/{address}")
    assert page.status_code == 200, address
    return re.sub("<[^>]*>", " ", page.content.decode())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_desk_and_peers(round_, language):
    advance(round_, Stage.SCORING)
    entrant = signed_in(with_role("kim", round_, "entrant", "x"))
    at = {"entry": round_.entries.get(entrant__code="x").pk}
    for address in PAGES:
        page = said(entrant, language, address.format(**at))
        assert CITY[language] in page, address
        assert CITY["ko" if language == "en" else "en"] not in page, address
    assert "고양시" in said(entrant, language, "rounds/desk/peers/")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_office(round_, language):
    officer = signed_in(with_role("boss", round_.programme, "officer"))
    for address in OFFICE:
        page = said(officer, language, f"office/rounds/desk/{address}")
        assert CITY[language] in page, address
        assert CITY["ko" if language == "en" else "en"] not in page, address
        assert "고양시" in page, address
    name = {"ko": "종합 평가", "en": "Evaluation of all"}[language]
    assert name in said(officer, language, "office/rounds/desk/")


def test_preview_of_an_import(round_):
    """What is shown follows the language of the page, and what is confirmed does not."""
    officer = signed_in(with_role("boss", round_.programme, "officer"))
    round_ = open_round(RULES.replace('id = "desk"', 'id = "next"\nprogramme = "desk"'))
    import_entries(round_, [EntryRow("x", "a", "수원시", "Suwon"), EntryRow("y", "a", "고양시")])
    rows = "code,group,name_ko,name_en\nx,a,수원시청,Suwon City\nz,a,광주시,Gwangju\n"
    lists = "office/rounds/next/lists/entries/"
    sent = {"file": SimpleUploadedFile("list.csv", rows.encode()), "removes": "on"}
    address = officer.post(f"/en/{lists}", sent).url
    shown = {language: officer.get(address.replace("/en/", f"/{language}/")).context["shown"] for language in CITY}
    names = {language: [one.name for one in (*seen.plan.added, *seen.plan.removed)] for language, seen in shown.items()}
    assert names == {"ko": ["광주시", "고양시"], "en": ["Gwangju", "고양시"]}
    confirmed = officer.post(address.replace("/en/", "/ko/") + "confirm/", {"state": shown["en"].plan.state})
    assert confirmed.url == f"/ko/{lists}"
    assert set(round_.entries.values_list("entrant__code", flat=True)) == {"x", "z"}
