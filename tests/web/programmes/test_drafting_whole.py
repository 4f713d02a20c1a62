"""Forms for all that rules can say: what the parser asks for is in one of them, and it reads what they say."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import load, parse
from simsa.rules.reader import Table
from simsa.web.programmes.drafting.arranging import added, added_criterion, removed
from simsa.web.programmes.drafting.document import ABSENT, Document, EditError
from simsa.web.programmes.drafting.forms import PartForm, SectionForms, faults_of, name_of, path_of
from simsa.web.programmes.drafting.literals import key_text, literal
from simsa.web.programmes.drafting.parts import Part, places_of, tables_at, tables_of, text_path
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.sections import SECTIONS, only_in_text
from tests.draws import draws
from tests.rules.complete import EXAMPLES, TEXTS
from tests.rules.drawn import rules_texts
from tests.web.programmes.test_document import parent, paths

PARTS = [part for section in SECTIONS for part in section.parts]
WHOLE = [*TEXTS, *(path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*/rules.toml")))]
"""Together they say everything that rules can say: tests/rules/test_canonical.py sees to it."""
IN_THE_TEXT = {
    ("simsa_rules",): "the version of the format: an officer has nothing to choose, and the site writes it itself",
}


def shown_in(document: Document) -> Iterator[Path]:
    """Each place that a form of the document is about, whether something stands there or not."""
    for part in PARTS:
        yield from places_of(document, part)
        for at in tables_of(document, part):
            yield text_path(document, part, at)
            yield from (path for editor in part.editors for path in editor.paths(at))


@pytest.mark.parametrize("text", WHOLE)
def test_each_key_that_the_parser_asks_for_is_in_a_form(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tables: list[Table] = []
    begin = Table.__init__

    def noted(table: Table, *args: Any) -> None:
        begin(table, *args)
        tables.append(table)

    monkeypatch.setattr(Table, "__init__", noted)
    parse(text)
    asked = {(*path_of(table.path), key) for table in tables for key in table.seen if key}
    shown = {path[:length] for path in shown_in(Document(text)) for length in range(1, len(path) + 1)}
    assert len(asked) > 20
    assert asked - shown == set(IN_THE_TEXT)


@pytest.mark.parametrize("text", WHOLE)
def test_nothing_that_rules_say_is_in_the_text_alone(text: str) -> None:
    assert only_in_text(Document(text)) == []


@pytest.mark.parametrize("text", WHOLE)
def test_each_word_that_the_parser_takes_can_be_chosen(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, tuple[str, ...]] = {}
    choose = Table.choice

    def noted(table: Table, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        taken[table.place(key)] = allowed
        return choose(table, key, allowed, default)

    monkeypatch.setattr(Table, "choice", noted)
    parse(text)
    document = Document(text)
    offered = {
        name: {key for key, _label in field.choices} - {""}
        for part in PARTS
        for at in tables_of(document, part)
        for name, field in PartForm(document, part, at).fields.items()
        if hasattr(field, "choices")
    }
    assert taken
    assert {name: offered.get(name) for name in taken} == {name: set(allowed) for name, allowed in taken.items()}


def by_forms(goal: Document) -> Document:
    """What somebody writes who has `goal` on paper, and in front of them the forms of an empty draft."""
    document = Document("simsa_rules = 1\n").put(("round", "language"), goal.value(("round", "language")))
    for part in PARTS:
        for place in places_of(goal, part):
            for at in tables_at(goal, part, place):
                document, here = with_table(document, goal, part, place, at)
                paper = PartForm(goal, part, at)
                sent = {name_of((*here, *path[len(at) :])): text for path, text in paper.own.items()}
                form = PartForm(document, part, here, sent)
                assert form.is_valid(), form.errors
                document = form.edited(document)
    return document


def with_table(document: Document, goal: Document, part: Part, place: Path, at: Path) -> tuple[Document, Path]:
    """The draft with table `at` of the goal, and where that is."""
    if part.keyed:
        name = goal.keys(place)[at[-1]]  # type: ignore[call-overload]
        if name not in document.keys(place):
            document = added(document, part, place)
            return document, (*place, len(document.keys(place)) - 1)
        return document, (*place, document.keys(place).index(name))
    if part.several:
        while document.count(place) <= int(at[-1]):
            made = added_criterion(document, "total") if place == ("criterion",) else added(document, part, place)
            document = made
    elif part.is_optional and document.value(at) is ABSENT:
        document = added(document, part, place)
    return document, at


@settings(max_examples=draws(15), deadline=None)
@given(st.one_of(st.sampled_from(WHOLE), rules_texts()))
def test_what_is_written_in_forms_is_what_is_written_by_hand(text: str) -> None:
    assert parse(by_forms(Document(text)).text) == parse(text)


def test_example_is_read_as_its_file() -> None:
    path = EXAMPLES / "proactive" / "rules.toml"
    assert parse(by_forms(Document(path.read_text(encoding="utf-8"))).text).hash == load(path).hash


STRANGE = (
    3,
    True,
    "",
    "x",
    [],
    {},
    [{}],
    [1],
    [[]],
    {"a": 1},
    {"by_group": 3},
    {"field": 1},
    date(2024, 1, 31),
    Decimal("0.5"),
)


@settings(max_examples=draws(150), deadline=None)
@given(st.data(), st.sampled_from(WHOLE))
def test_whatever_stands_in_the_text_forms_and_buttons_stand_it(data: st.DataObject, text: str) -> None:
    content = copy.deepcopy(Document(text).data)
    for _time in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths(content)))
        parent(content, path)[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(STRANGE)))
    document = Document("".join(f"{key_text(key)} = {literal(value)}\n" for key, value in content.items()))
    faults = faults_of(document.text)
    only_in_text(document)
    for section in SECTIONS:
        every = SectionForms(document, section)
        every.show(faults)
        sent = {name_of(path): shown for form in every.forms for path, shown in form.own.items()}
        back = SectionForms(document, section, sent)
        assert back.is_valid()
        assert back.edited() == document
        for block in every.blocks:
            with contextlib.suppress(EditError):
                if block.may_add:
                    assert added(document, block.part, block.place) != document
            for form in block.forms:
                with contextlib.suppress(EditError):
                    if block.part.several or block.part.is_optional:
                        assert removed(document, block.part, form.at) != document
