"""The calibration in words: every note, and severity."""

from __future__ import annotations

import pytest

from simsa.engine.calibration import Note, NoteCode
from simsa.tables import words
from tests.tables.words.forms import BOTH_FORMS, LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(NoteCode))
def test_every_note_of_the_calibration_is_said(language: str, code: NoteCode) -> None:
    data = {
        "component": "reviewer", "components": ("entrant", "residual"), "entrants": (0, 1), "blocks": 3,
        "groups": (1,), "reviewers": (5,), "reviewer": 0, "share": 0.1, "decrease": 1.5,
        "categories": (0, 3),
    }  # fmt: skip
    said = words.note_words(Note(code, data), language, groups=["가군", "나군"], entries=["가", "나"])
    assert said.endswith(".")
    assert not BOTH_FORMS.search(said)
    if code is NoteCode.EMPTY_GROUPS:
        assert "나군" in said
    if code is NoteCode.EMPTY_CATEGORIES:
        assert "1" in said
        assert "4" in said  # counted from 1
    if code is NoteCode.REVIEWERS_WITHOUT_SHEETS:
        assert "6" in said  # no name is known: counted from 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_given_is_not_said_to_be_estimated(language: str) -> None:
    note = Note(NoteCode.ZERO_VARIANCE, {"component": "residual"})
    given = words.note_words(note, language, given=True)
    assert given.startswith({"ko": "주어진 성분", "en": "By the components that were given"}[language])
    assert not BOTH_FORMS.search(given)
    assert given != words.note_words(note, language)


def test_severity() -> None:
    assert [words.severity_words(x) for x in (2.31, -0.46, 0.04)] == ["2.3점 엄격", "0.5점 관대", "평가단 평균 수준"]
