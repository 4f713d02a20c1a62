"""Rows, factors and parts that need not be there: written as an author would, and refused where they cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from simsa.rules import parse
from simsa.web.programmes.drafting.arranging import added, removed
from simsa.web.programmes.drafting.document import Document, EditError
from simsa.web.programmes.drafting.forms import SectionForms, faults_of, name_of, path_of
from simsa.web.programmes.drafting.parts import Part
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.sections import BY_SLUG, part_at
from tests.rules.complete import BY_NUMBERS, EVERYTHING_BUT_LOTS
from tests.rules.small import SMALL, changed


def sent(text: str, slug: str, **changes: str) -> SectionForms:
    """The forms of a section as they come back with some fields changed."""
    document = Document(text)
    shown = SectionForms(document, BY_SLUG[slug])
    data = {name_of(path): value for form in shown.forms for path, value in form.own.items()}
    assert changes.keys() <= data.keys(), sorted(data)
    return SectionForms(document, BY_SLUG[slug], {**data, **changes})


def after(text: str, slug: str, **changes: str) -> str:
    """The text after that."""
    back = sent(text, slug, **changes)
    assert back.is_valid(), [form.errors for form in back.forms]
    return back.edited().text


@pytest.mark.parametrize(
    ("slug", "changes", "old", "new"),
    [
        ("numbers", {"constants[1].value": "1301"}, 'rate = "1300.5"', 'rate = "1301"'),
        ("numbers", {"constants[1].name": "usd_rate"}, "rate =", "usd_rate ="),
        ("numbers", {"constants[2].name": "기준2", "constants[2].value": "4.5"}, '"기준" = 3', '"기준2" = 4.5'),
        ("numbers", {"units[2].value": "퍼센트"}, '"집행률(%)" = "%"', '"집행률(%)" = "퍼센트"'),
        ("numbers", {"units[1].name": "a.b"}, "spent =", '"a.b" ='),
        ("criteria", {"criterion[4].indicator.steps[2].at": "0.75"}, 'at = "0.5"', 'at = "0.75"'),
        ("criteria", {"criterion[4].indicator.steps[3].points": "4.5"}, "points = 4 }", "points = 4.5 }"),
        ("criteria", {"criterion[2].factor": "value", "criterion[2].factor.value": "1.6"}, None, "factor = 1.6"),
        ("criteria", {"criterion[2].factor.value": "1.6"}, None, "factor = 1.6"),
        ("criteria", {"criterion[2].factor": "by_group"}, None, "factor = { by_group = { a = 1 } }"),
        (
            "criteria",
            {"criterion[2].factor.field": "노력", "criterion[2].factor.allowed": "1, 0.5"},
            None,
            'factor = { field = "노력", allowed = [1, 0.5] }',
        ),
        ("adjustments", {"adjustment[1].round.mode": "down"}, "places = 2 }", 'places = 2, mode = "down" }'),
        ("adjustments", {"adjustment[1].formula": "late / 2"}, '"max(0, days - 3) / planned"', '"late / 2"'),
        ("adjustments", {"adjustment_caps.bonus": "3"}, "", "\n[adjustment_caps]\nbonus = 3\n"),
    ],
)  # fmt: skip
def test_rows_and_factors_write_what_an_author_would(slug: str, changes: Any, old: str | None, new: str) -> None:
    """`old` is None: a line behind the last of criterion 2."""
    text = after(BY_NUMBERS, slug, **changes)
    if old == "":
        assert text == BY_NUMBERS + new
    elif old is None:
        last = 'within = "round", better = "lower" }\n'
        assert text == changed(last, f"{last}{new}\n", BY_NUMBERS)
    else:
        assert text == changed(old, new, BY_NUMBERS)


def test_factors_change_their_kind() -> None:
    text = EVERYTHING_BUT_LOTS
    one = after(text, "criteria", **{"criterion[2].factor": "value", "criterion[2].factor.value": "2"})
    assert one == changed('{ by_group = { value = "1.5", kind = 1 } }', "2", text)
    field = after(text, "criteria", **{"criterion[1].factor.allowed": "2, 0.5"})
    assert field == changed('[2, "0.5", 1]', '[2, "0.5"]', text)
    none = after(text, "criteria", **{"criterion[4].factor": ""})
    assert none == changed("factor = -1\n", "", text)


def test_parts_are_added_and_taken_away() -> None:
    def at(name: str) -> tuple[Part, Path]:
        place = path_of(name)
        part = part_at(place[:-1] if isinstance(place[-1], int) else place)
        assert part is not None
        return part, place

    document = Document(BY_NUMBERS)
    assert added(document, *at("lottery")).text == BY_NUMBERS + '\n[lottery]\nconfidence = "0.9"\n'
    assert removed(added(document, *at("lottery")), *at("lottery")).text == BY_NUMBERS + "\n"
    assert added(document, *at("constants")).text == changed('"기준" = 3\n', '"기준" = 3\nc1 = 0\n', BY_NUMBERS)
    unit = changed('"집행률(%)" = "%"\n', '"집행률(%)" = "%"\nplanned = ""\n', BY_NUMBERS)
    assert added(document, *at("units")).text == unit
    assert removed(document, *at("constants[2]")).text == changed('"기준" = 3\n', "", BY_NUMBERS)
    step = ", { at = 8, points = 4 }"
    assert added(document, *at("criterion[4].indicator.steps")).text == changed(step, f"{step}, {{}}", BY_NUMBERS)
    assert removed(document, *at("criterion[4].indicator.steps[3]")).text == changed(step, "", BY_NUMBERS)
    one = "steps = [{ at = 0, points = 1 }]\n"
    assert removed(document, *at("criterion[5].indicator.steps[1]")).text == changed(one, "", BY_NUMBERS)
    for name in ("constants[3]", "constants[0]", "criterion[4].indicator.steps[4]", "adjustment[2]"):
        with pytest.raises(EditError):
            removed(document, *at(name))


def test_rules_for_each_group_and_for_named_groups_take_turns() -> None:
    document = Document(SMALL)
    groups, each = BY_SLUG["groups"].parts
    assert [block.may_add for block in SectionForms(document, BY_SLUG["groups"]).blocks] == [True]
    for _group in range(2):
        document = removed(document, groups, ("group", 0))
    assert [block.may_add for block in SectionForms(document, BY_SLUG["groups"]).blocks] == [True, True]
    document = added(document, each, ("each_group",))
    assert [(block.part, block.may_add) for block in SectionForms(document, BY_SLUG["groups"]).blocks] == [
        (each, False)
    ]
    assert parse(document.text).groups[0].id == "*"


@pytest.mark.parametrize(
    ("slug", "name", "value"),
    [
        ("numbers", "constants[1].value", "a lot"),
        ("numbers", "constants[1].value", ""),
        ("numbers", "constants[1].name", ""),
        ("numbers", "units[1].value", ""),
        ("criteria", "criterion[4].indicator.steps[1].at", "first"),
        ("adjustments", "adjustment[1].cap", "1e3"),
        ("adjustments", "adjustment_caps.bonus", "1,5"),
    ],
)
def test_what_no_row_can_hold_is_refused_at_its_field(slug: str, name: str, value: str) -> None:
    back = sent(BY_NUMBERS, slug, **{name: value})
    assert not back.is_valid()
    assert [field for form in back.forms for field in form.errors] == [name]


@pytest.mark.parametrize("changes", [{"constants[2].name": "rate"}, {"constants[1].name": "기준"}])
def test_two_rows_of_one_name_are_refused_at_the_second(changes: dict[str, str]) -> None:
    back = sent(BY_NUMBERS, "numbers", **changes)
    assert not back.is_valid()
    assert {field for form in back.forms for field in form.errors} >= changes.keys()
    swapped = {"constants[2].name": "rate", "constants[1].name": "기준"}
    assert not sent(BY_NUMBERS, "numbers", **swapped).is_valid()
    in_turn = after(BY_NUMBERS, "numbers", **{"constants[2].name": "rate", "constants[1].name": "won"})
    assert in_turn == BY_NUMBERS.replace("rate =", "won =").replace('"기준" =', "rate =")


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        ("criterion[3].factor", "value", "criterion[3].factor.value"),
        ("criterion[3].factor", "field", "criterion[3].factor.field"),
        ("criterion[3].factor.allowed", "1, two", "criterion[3].factor.allowed"),
        ("criterion[3].factor.allowed", "1, 2", "criterion[3].factor.allowed"),
    ],
)
def test_half_a_factor_is_refused_at_its_field(name: str, value: str, missing: str) -> None:
    back = sent(BY_NUMBERS, "criteria", **{name: value})
    assert not back.is_valid()
    assert [field for form in back.forms for field in form.errors] == [missing]


@pytest.mark.parametrize(
    ("slug", "old", "new", "at"),
    [
        ("numbers", 'rate = "1300.5"', "rates = 3", "constants[1].name"),
        ("numbers", 'rate = "1300.5"', 'rate = "?"', "constants[1].value"),
        ("numbers", 'spent = "백만원"', 'spent = ""', "units[1].value"),
        ("numbers", 'spent = "백만원"', 'sent = "백만원"', "units[1].name"),
        ("criteria", "{ at = 8, points = 4 }", "{ points = 4 }", "criterion[4].indicator.steps[3].at"),
        ("criteria", "{ at = 8, points = 4 }", "{ at = 0, points = 4 }", "criterion[4].indicator.steps"),
        ("criteria", 'steps = [{ at = 0, points = 1 }]\n', "", "criterion[5].indicator.steps"),
        ("criteria", 'counts = "middle"', 'counts = "most"', "criterion[2].indicator.counts"),
        ("adjustments", "cap = 2\n", "cap = -2\n", "adjustment[1].cap"),
        ("adjustments", 'formula = "max', 'formula = "maxx', "adjustment[1].formula"),
        ("ties", "[[tie_break]]\nlot = true\n", "", "tie_break"),
        ("entries", "[units]", '[entries]\nfiles = 500\n[units]', "entries.files"),
        ("entries", "[units]", '[[entries.exchange]]\ncurrency = "US"\n[units]', "entries.exchange[1].currency"),
    ],
)  # fmt: skip
def test_faults_of_rows_are_shown_where_they_are(slug: str, old: str, new: str, at: str) -> None:
    text = changed(old, new, BY_NUMBERS)
    every = SectionForms(Document(text), BY_SLUG[slug])
    every.show(faults_of(text))
    told = [field for form in every.forms for field in form.errors] + [one.name for one in every.blocks if one.told]
    assert at in told
