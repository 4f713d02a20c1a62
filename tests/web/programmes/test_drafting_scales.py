"""The marks of a criterion in its form: numbers in even steps, or levels, and from one to the other."""

from __future__ import annotations

import pytest

from simsa.rules import parse
from simsa.web.programmes.drafting.arranging import added_criterion
from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.forms import PartForm, SectionForms, faults_of, name_of
from simsa.web.programmes.drafting.scales import ANCHORS_OF, LEVELS_OF, USUAL
from simsa.web.programmes.drafting.sections import BY_SLUG, only_in_text
from tests.rules.complete import LEVELLED
from tests.rules.small import SMALL

IDEA = ("criterion", 1)
WHOLE, LEAST, MOST, STEP = (name_of((*IDEA, "scale", *key)) for key in ((), ("min",), ("max",), ("step",)))


def sent(document: Document, **changed: str) -> SectionForms:
    """The forms of the criterion as they come back with some fields changed, whose names end so."""
    section, only = BY_SLUG["criteria"], IDEA
    shown = {
        name_of(path): text
        for form in SectionForms(document, section, None, only).forms
        for path, text in form.own.items()
    }
    names = {"whole": WHOLE, "least": LEAST, "most": MOST, "step": STEP}
    return SectionForms(document, section, shown | {names[key]: text for key, text in changed.items()}, only)


@pytest.mark.parametrize("kind", [*USUAL, "levels"])
def test_levels_take_the_place_of_numbers_and_the_other_way_round(kind: str) -> None:
    forms = sent(Document(SMALL), whole=kind)
    assert forms.is_valid(), [form.errors for form in forms.forms]
    levelled = forms.edited()
    assert faults_of(levelled.text) == []
    assert [level.value for level in parse(levelled.text).leaves[0].scale.levels][:2] == [100, 90]  # type: ignore[union-attr]
    assert only_in_text(levelled) == []
    back = sent(levelled, whole="steps", least="0", most="10", step="0.5")
    assert back.is_valid()
    assert parse(back.edited().text) == parse(SMALL)


def test_numbers_without_a_word_mean_steps_and_beside_levels_nothing() -> None:
    bare = Document(SMALL).drop((*IDEA, "scale"))
    forms = sent(bare, least="0", most="10", step="0.5")
    assert forms.is_valid()
    assert parse(forms.edited().text) == parse(SMALL)
    wrong = sent(Document(SMALL), whole="levels", most="20")
    assert not wrong.is_valid()
    emptied = sent(Document(SMALL), whole="")
    assert emptied.is_valid()
    assert emptied.edited().value((*IDEA, "scale")) is ABSENT


def test_rows_are_offered_where_they_belong() -> None:
    document = Document(LEVELLED)
    section = SectionForms(document, BY_SLUG["criteria"])
    offered = {(block.part.title, block.place[1]) for block in section.blocks if block.may_add and block.part.rows}
    assert {(ANCHORS_OF.title, 1), (LEVELS_OF.title, 2)} <= offered
    assert not {(ANCHORS_OF.title, 2), (LEVELS_OF.title, 1)} & offered
    form = PartForm(document, LEVELS_OF, ("criterion", 2, "scale", "levels", 1))
    assert form.own[("criterion", 2, "scale", "levels", 1, "id")] == "A+"


def test_new_criterion_has_the_levels_of_the_last_and_not_its_anchors() -> None:
    made = added_criterion(Document(LEVELLED), "total")
    assert made.value(("criterion", 3, "scale")) == made.value(("criterion", 2, "scale"))
    anchored = Document(SMALL).put(("criterion", 2, "scale", "anchors"), [{"at": 10, "name": "x"}])
    assert added_criterion(anchored, "total").value(("criterion", 3, "scale")) == Document(SMALL).value(
        (*IDEA, "scale")
    )
