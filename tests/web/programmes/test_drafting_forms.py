"""Forms beside the text: every field shows what stands there, changes exactly that, and nothing else."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import load, parse
from simsa.web.programmes.drafting.arranging import added, added_criterion
from simsa.web.programmes.drafting.document import ABSENT, Document, EditError
from simsa.web.programmes.drafting.forms import PartForm, SectionForms, faults_of, name_of, path_of
from simsa.web.programmes.drafting.parts import tables_of
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.scales import LEVELS, USUAL
from simsa.web.programmes.drafting.sections import BY_SLUG, SECTIONS, only_in_text
from simsa.web.programmes.drafting.tree import tree_of
from tests.draws import draws
from tests.rules.complete import EXAMPLES, TEXTS
from tests.rules.small import SMALL, changed
from tests.web.programmes.test_document import written

EXAMPLE = (EXAMPLES / "proactive" / "rules.toml").read_text(encoding="utf-8")


def forms_of(document: Document) -> list[PartForm]:
    return [PartForm(document, part, at) for one in SECTIONS for part in one.parts for at in tables_of(document, part)]


def edit(text: str, slug: str, **changes: str) -> str:
    """The text after the forms of a section were sent back, with some fields changed. `__` for a dot."""
    document = Document(text)
    every = SectionForms(document, BY_SLUG[slug])
    data = {name_of(path): value for form in every.forms for path, value in form.own.items()}
    named = {key.replace("__", "."): value for key, value in changes.items()}
    assert set(named) <= set(data), sorted(data)
    back = SectionForms(document, BY_SLUG[slug], {**data, **named})
    assert back.is_valid(), [form.errors for form in back.forms]
    return back.edited().text


@settings(max_examples=draws(40), deadline=None)
@given(st.one_of(written(), st.sampled_from([EXAMPLE, *TEXTS])))
def test_forms_that_are_sent_back_as_they_are_change_no_byte(text: str) -> None:
    document = Document(text)
    for section in SECTIONS:
        every = SectionForms(document, section)
        data = {name_of(path): value for form in every.forms for path, value in form.own.items()}
        back = SectionForms(document, section, data)
        assert back.is_valid()
        assert back.edited().text == text


ENTERED = [
    "",
    "0",
    "7",
    "0.25",
    "2024-05-01T09:30",
    "2024-05-01",
    "이름, 둘",
    "1, 0.5",
    "-1",
    'a."b" # c',
    '두 줄:\n"둘째" \\ 줄',
]


@settings(max_examples=draws(200), deadline=None)
@given(st.data(), st.one_of(written(), st.sampled_from([EXAMPLE, *TEXTS])))
def test_a_field_edits_its_value_and_no_other(data: st.DataObject, text: str) -> None:
    """Whatever is entered into one field: data differ at that field's key alone, and no other line is touched."""
    document = Document(text)
    form = data.draw(st.sampled_from([form for form in forms_of(document) if form.own]))
    path = data.draw(st.sampled_from(sorted(form.own, key=name_of)))
    field = form.fields[name_of(path)]
    if hasattr(field, "choices"):
        value = data.draw(st.sampled_from([key for key, _label in field.choices]))
    else:
        value = data.draw(st.sampled_from(ENTERED))
    back = {name_of(one): shown for one, shown in form.own.items()}
    section = next(one for one in SECTIONS if form.part in one.parts)
    changed_forms = SectionForms(document, section, {**back, name_of(path): value})
    if not changed_forms.is_valid():
        assert value != form.own[path]
        return
    try:
        after = changed_forms.edited()
    except EditError:
        assert "#" in document.text  # a comment in the middle of the value, which nobody should lose
        return
    editor = next(one for one in form.editors if path in one.paths(form.at))
    again = PartForm(after, form.part, form.at)
    roots = {form.stands_at, again.stands_at} if form.part.keyed else {editor.paths(form.at)[0]}
    rests = [tomllib.loads(one, parse_float=Decimal) for one in (after.text, text)]
    for root in roots:
        rests = [without(rest, root) for rest in rests]
    assert rests[0] == rests[1]
    gone = [line for line in text.split("\n") if line not in after.text.split("\n")]
    places = [document.places.line(root) for root in roots]
    assert len(gone) <= (2 if any(places) else 0)
    value = LEVELS if value in USUAL else value  # levels to begin with, which stay levels
    assert again.own.get(path) == value or (value and path not in again.own) or kind_took_over(form, path)


def test_a_day_is_no_moment() -> None:
    """It would be midnight, which nobody wrote."""
    document, name = Document(EXAMPLE), "schedule.deadline"
    for value, holds in (("2024-05-01", False), ("2024-05-01T09:30", True)):
        for section in SECTIONS:
            shown = {
                name_of(path): text for form in SectionForms(document, section).forms for path, text in form.own.items()
            }
            if name in shown:
                assert SectionForms(document, section, {**shown, name: value}).is_valid() == holds
                break
        else:
            pytest.fail("no form has the deadline")


def kind_took_over(form: PartForm, path: Path) -> bool:
    """A number beside a choice (a quota's share, an effect's value) counts only where the choice says so."""
    return path[-1] in {"count", "share", "rounding", "value", "field", "allowed"}


def without(data: Any, path: Any) -> Any:
    """The data without what is at a path, and without tables that are empty then."""

    def cut(found: Any, left: Any) -> None:
        if not isinstance(found, dict | list) or (isinstance(found, dict) and left[0] not in found):
            return
        if len(left) == 1:
            del found[left[0]]
            return
        cut(found[left[0]], left[1:])
        if isinstance(found, dict) and found[left[0]] == {}:
            del found[left[0]]

    cut(data, path)
    return data


def test_whatever_no_form_shows_is_named_with_its_line() -> None:
    text = changed("[missing]", '[lottery]\nodds = "0.9"\n\n[constants]\nrate = [1]\n\n[missing]')
    text = text.replace('weight = "0.4"', 'weight = ["0.4"]  # no number').replace('en = "Small', 'fr = "Petit')
    shown = {name_of(path): line for path, line in only_in_text(Document(text))}
    lines = text.split("\n")
    assert set(shown) == {"lottery.odds", "constants.rate", "criterion[2].weight", "round.name.fr"}
    assert all(name.rpartition(".")[2] in lines[line - 1] for name, line in shown.items() if line)
    assert only_in_text(Document(SMALL)) == []


@pytest.mark.parametrize(
    ("slug", "changes", "old", "new"),
    [
        ("groups", {"group[2]__quota__count": "3"}, "quota = 2", "quota = 3"),
        ("groups", {"group[2]__quota": "best"}, "quota = 2", "quota = { best = true }"),
        (
            "groups",
            {"group[2]__quota": "share", "group[2]__quota__share": "0.1", "group[2]__quota__rounding": "up"},
            "quota = 2",
            'quota = { share = "0.1", rounding = "up" }',
        ),
        ("groups", {"group[1]__size": ""}, "size = 4\n", ""),
        ("groups", {"group[1]__name__en": "A"}, "quota = 1\n", 'quota = 1\nname = { en = "A" }\n'),
        ("round", {"round__name__en": "Tiny"}, 'en = "Small round"', 'en = "Tiny"'),
        ("round", {"round__name__en": ""}, ', en = "Small round"', ""),
        ("missing", {"missing__abstained": "no_result"}, 'abstained = "leave_out"', 'abstained = "no_result"'),
        (
            "missing",
            {"missing__recused": "value", "missing__recused__value": "0"},
            'recused = "leave_out"',
            "recused = { value = 0 }",
        ),
        ("ties", {"tie_break[1]__exact": "true"}, 'criterion = "work"\n', 'criterion = "work"\nexact = true\n'),
        ("criteria", {"criterion[2]__weight": "0.5"}, 'weight = "0.4"', 'weight = "0.5"'),
        ("criteria", {"criterion[3]__weight": "0.5"}, "weight = 0.6", "weight = 0.5"),
        ("criteria", {"criterion[1]__round__places": "3"}, "places = 2", "places = 3"),
    ],
)
def test_each_kind_of_field_writes_what_an_author_would(slug: str, changes: Any, old: str, new: str) -> None:
    assert edit(SMALL, slug, **changes) == changed(old, new)


def test_parts_that_were_not_there_come_and_go() -> None:
    text = edit(SMALL, "panel", panel__size__min="3", panel__size__max="3", panel__load__max="9")
    assert text == SMALL + "\n[panel]\nsize = 3\nload = { max = 9 }\n"
    dated = edit(SMALL, "schedule", schedule__deadline="2024-05-01T18:00")
    assert dated.endswith("\n[schedule]\ndeadline = 2024-05-01T18:00:00\n")
    document = Document(SMALL)
    for part in (BY_SLUG["conflicts"].parts[0], BY_SLUG["panel"].parts[1], BY_SLUG["groups"].parts[0]):
        document = added(document, part, part.path)
    rules = parse(document.text)
    assert (rules.conflicts[0].id, rules.panel.kinds[0].per_entry.max, rules.groups[2].id) == (
        "conflict-1",
        1,
        "group-3",
    )


def test_new_criterion_is_marked_below_its_parent() -> None:
    document = added_criterion(Document(SMALL), "total")
    assert [node.id for node in tree_of(document)] == ["total", "idea", "work", "c1"]
    made = parse(document.text).by_id["c1"]
    like = parse(SMALL).by_id["work"]
    assert (made.weight, made.scale, made.panel) == (0, like.scale, like.panel)
    root = tree_of(Document(SMALL))[0]
    assert (root.weighted, root.sum, root.wanted) == (True, "1", "1")
    assert tree_of(Document(changed('weight = "0.4"', 'weight = "?"')))[0].sum is None


@pytest.mark.parametrize(
    "tables",
    [
        "criterion = 3",
        "[[criterion]]\nid = 'a'\nparent = 'b'\n[[criterion]]\nid = 'b'\nparent = 'a'",
        "[[criterion]]\nid = []",
    ],
)
def test_tree_shows_also_what_is_no_tree(tables: str) -> None:
    assert len(tree_of(Document(tables))) == Document(tables).count(("criterion",))


def test_faults_are_shown_at_their_fields() -> None:
    text = changed("max = 10", "max = -1").replace("quota = 1", "quota = -1").replace('abstained = "leave_out"', "")
    problems = faults_of(text)
    document = Document(text)
    for slug, name in (
        ("groups", "group[1].quota.count"),
        ("criteria", "criterion[2].scale.max"),
        ("missing", "missing.abstained"),
    ):
        every = SectionForms(document, BY_SLUG[slug])
        every.show(problems)
        assert [field for form in every.forms for field in form.errors] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("criterion[2].weight", "a half"),
        ("criterion[2].weight", "1e5"),
        ("criterion[1].round.places", "-1"),
        ("criterion[2].missing.abstained", "value"),
    ],
)
def test_what_is_no_value_is_refused_at_its_field(name: str, value: str) -> None:
    document = Document(SMALL)
    at = path_of(name)[:2]
    shown = SectionForms(document, BY_SLUG["criteria"], only=at)
    data = {name_of(path): text for form in shown.forms for path, text in form.own.items()}
    back = SectionForms(document, BY_SLUG["criteria"], {**data, name: value}, at)
    assert not back.is_valid()
    assert [field for form in back.forms for field in form.errors] == [name if value != "value" else f"{name}.value"]


ODD = [
    ("idea", " idea "),
    ('ko = "작은 평가"', 'ko = "두\\n줄"'),
    ('weight = "0.4"', 'weight = "two fifths"'),
    ('method = "mean"', 'method = "as usual"'),
    ('abstained = "leave_out"', 'abstained = { value = " 1" }'),
    ("quota = 1", "quota = { count = true }"),
    ("[missing]", '[schedule]\ncall = 2024-01-01T09:00:00.5\ndeadline = "soon"\n[missing]'),
]


@pytest.mark.parametrize(("old", "new"), ODD)
def test_what_is_odd_in_the_text_stays_and_does_not_stand_in_the_way(old: str, new: str) -> None:
    """Whatever a field would send back otherwise than it stands is shown in the text alone; other fields still save."""
    text = changed(old, new)
    document = Document(text)
    for section in SECTIONS:
        shown = SectionForms(document, section)
        data = {name_of(path): value for form in shown.forms for path, value in form.own.items()}
        sent_back = {name: value.strip() for name, value in data.items()}
        back = SectionForms(document, section, sent_back)
        assert back.is_valid()
        assert back.edited().text == text
    assert edit(text, "groups", **{"group[2]__reserve": "2"}) == text.replace("reserve = 1", "reserve = 2")


def test_identifiers_that_are_none_break_no_button() -> None:
    for text in ("[[criterion]]\nid = []\n", "criterion = 1\n", "[[group]]\nid = {}\n", ""):
        document = Document(text)
        try:
            assert added_criterion(document, "total").count(("criterion",)) > document.count(("criterion",))
        except EditError:
            assert text.startswith("criterion = 1")
        more = added(document, BY_SLUG["groups"].parts[0], ("group",))
        assert more.count(("group",)) == document.count(("group",)) + 1


def test_names_of_places_lead_back() -> None:
    for path in [("criterion", 1, "scale", "min"), ("panel", "kind", 0, "id"), ("round", "name", "ko")]:
        assert path_of(name_of(path)) == path
    assert load(EXAMPLES / "proactive" / "rules.toml").id == Document(EXAMPLE).value(("round", "id"))
    assert Document(EXAMPLE).value(("round", "none")) is ABSENT


@pytest.mark.parametrize("number", ["1e999999999", "-1e-999999999"])
def test_a_number_of_endless_digits_is_left_to_the_text(number: str) -> None:
    text = SMALL.replace("weight = 0.6", f"weight = {number}")
    assert ("criterion", 2, "weight") in dict(only_in_text(Document(text)))
    assert edit(text, "groups", **{"group[2]__reserve": "2"}) == text.replace("reserve = 1", "reserve = 2")


def test_names_in_a_third_language_stay() -> None:
    text = changed('en = "Small round"', 'en = "Small round", fr = "Petit tour"')
    assert edit(text, "round", round__name__en="Tiny") == text.replace("Small round", "Tiny")
    bare = edit(text, "round", round__name__en="", round__name__ko="")
    assert Document(bare).value(("round", "name")) == {"fr": "Petit tour"}


def test_texts_of_several_lines_are_written_as_such() -> None:
    text = changed('id = "idea"\n', 'id = "idea"\ndescription = """\nOne line.\nAnother."""  # long\n')
    as_sent = {"criterion[2].description.ko": "한 줄\r\n두 줄", "criterion[2].description.en": ""}
    assert edit(text, "criteria", **as_sent) == changed("One line.\nAnother.", "한 줄\n두 줄", text)
    once_more = {"criterion[2].description.ko": "One line.\r\nAnother."}
    assert edit(text, "criteria", **once_more) == text
    fresh = edit(SMALL, "criteria", **{"criterion[2].description.ko": '"""'})
    assert Document(fresh).value(("criterion", 1, "description")) == '"""'
