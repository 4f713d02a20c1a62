"""Every text of the site is there in good Korean, and the tool that says so notices each way in which it may not be."""

from __future__ import annotations

import dataclasses

import pytest
from tools import messages

SITE, FLOORS = messages.DOMAINS


@pytest.fixture
def domain(tmp_path, monkeypatch):
    """A small domain of its own: one module, one template, one catalogue."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    (tmp_path / "code.py").write_text('_("One")\nngettext("%(n)s file", "%(n)s files", 2)\npgettext("verb", "Open")\n')
    (tmp_path / "page.html").write_text(
        "{% load i18n %}\n  <p title=\"{% translate 'Two' %}\">\n"
        "    {% blocktranslate with name=user %}Dear {{ name }},\n    it's done{% endblocktranslate %}</p>\n"
    )
    return dataclasses.replace(
        SITE, catalogue=tmp_path / "ko/LC_MESSAGES/t.po", python=("*.py",), templates=("*.html",)
    )


def translate(domain, **texts):
    catalogue = messages.read(domain)
    for message in messages.texts(catalogue):
        message.string = texts.get(messages.key(message)[1].split()[0], "번역")
    domain.catalogue.write_bytes(messages.rendered(catalogue))


def test_site_is_complete_in_korean():
    assert messages.check(SITE) == []


def test_floors_are_complete_in_korean():
    if not FLOORS.catalogue.exists():
        pytest.skip("the command line and the reports have no catalogue yet")
    assert messages.check(FLOORS) == []


def test_texts_of_python_and_templates_are_found(domain):
    found = {messages.key(message) for message in messages.collect(domain) if message.id}
    assert found == {
        ("", "One"),
        ("", "%(n)s file"),
        ("verb", "Open"),
        ("", "Two"),
        ("", "Dear %(name)s,\n    it's done"),
    }


def test_each_kind_of_gap_is_named(domain):
    assert [line.split(": ")[1] for line in messages.check(domain)] == ["missing"] * 5
    messages.update(domain)
    assert [line.split(": ")[1] for line in messages.check(domain)] == ["untranslated"] * 5
    translate(domain, **{"Dear": "%(name)s 님", "%(n)s": "파일 %(n)s개"})
    assert messages.check(domain) == []
    translate(domain, **{"Dear": "%(nome)s 님", "%(n)s": "파일 %(n)s개"})
    (broken,) = messages.check(domain)
    assert broken.startswith("django: broken: ")
    translate(domain, **{"Dear": "%(name)s 님", "%(n)s": "파일 %(n)s개"})
    (domain.catalogue.parents[2] / "code.py").write_text('_("One")\n')
    assert sorted(messages.check(domain)) == ["django: obsolete: '%(n)s file'", "django: obsolete: 'Open' (verb)"]
    messages.update(domain)
    assert messages.check(domain) == []


def test_update_keeps_the_bytes_of_what_is_up_to_date():
    before = SITE.catalogue.read_bytes()
    assert messages.rendered(messages.read(SITE)) == before
