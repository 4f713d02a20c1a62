"""Who sees what of whom: which words can be said, what is refused, and that what was seen once is seen from then on."""

from __future__ import annotations

import pytest

from simsa.rules import RulesError, Sight, from_canonical, parse
from simsa.rules.sight import WHEN
from tests.rules.small import OFFICIAL, SMALL, changed

FIRST = {
    "reviewer.entrant": "always",
    "reviewer.marks": "scoring",
    "reviewer.reviewers": "scoring",
    "reviewer.comments": "scoring",
    **{f"observer.{what}": "meeting" for what in ("reviewers", "marks", "comments")},
    **{f"entrant.{what}": "closed" for what in ("reviewers", "marks", "comments")},
}
"""From when on each may be seen at the earliest."""
TWO = "[panel]\nsheets_per_entry = 2\n"
ONE = "[panel]\nsheets_per_entry = 1\n"


def sight(lines: dict[str, str], before: str = "", text: str = SMALL) -> str:
    """Rules with these lines, `role.key` by word."""
    sections: dict[str, list[str]] = {}
    for place, word in lines.items():
        role, key = place.split(".")
        sections.setdefault(role, []).append(f'{key} = "{word}"')
    written = "\n".join(f"[sight.{role}]\n" + "\n".join(said) for role, said in sections.items())
    return changed("[missing]", f"{before}\n{written}\n\n[missing]", text)


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(RulesError) as refused:
        parse(text)
    return [(problem.key, problem.what) for problem in refused.value.problems]


@pytest.mark.parametrize("place", FIRST)
def test_words_from_the_earliest_on_can_be_said(place):
    role, key = place.split(".")
    for word in WHEN:
        text = sight({place: word})
        never = word == "never" and place == "reviewer.entrant"  # a receipt names the entry
        if WHEN.index(word) < WHEN.index(FIRST[place]) or never:
            assert faults(text) == [(f"sight.{place}", f"is '{word}'")]
        else:
            assert parse(text).sight.since(role, key) == word


def test_what_is_usual_is_left_out_of_the_canonical_form():
    usual = {place: "always" if place == "reviewer.entrant" else "never" for place in FIRST}
    assert parse(sight(usual)).hash == parse(changed("[missing]", "[sight]\n[missing]")).hash == parse(SMALL).hash
    assert parse(SMALL).sight == Sight()
    other = parse(sight({"reviewer.entrant": "announced", "entrant.marks": "closed"}))
    assert b'"sight":{"entrant":{"marks":"closed"},"reviewer":{"entrant":"announced"}}' in other.canonical
    assert from_canonical(other.canonical) == other


@pytest.mark.parametrize(
    "text", ["[sight.voter]\n", "[sight.entrant]\nentrant = 'always'\n", "[entries]\nblind = true\n"]
)
def test_what_there_is_no_key_for_is_refused(text):
    assert [what for _key, what in faults(changed("[missing]", f"{text}\n[missing]"))] == ["is not a known key"]


@pytest.mark.parametrize(
    ("before", "decides"),
    [
        (OFFICIAL.removesuffix("[missing]"), "calibration.official"),
        ('[lottery]\nconfidence = "0.9"\n', "lottery"),
        ('[panel]\nsheets_per_entry = 3\n[adaptive]\nheld_back = "0.4"\n', "adaptive"),
    ],
)
@pytest.mark.parametrize("what", ["marks", "comments"])
def test_sheets_that_are_counted_as_made_alone_are_made_alone(before, decides, what):
    [(key, said)] = faults(sight({f"reviewer.{what}": "scoring"}, before))
    assert (key, decides in said) == (f"sight.reviewer.{what}", True)
    parse(sight({f"reviewer.{what}": "meeting", "reviewer.reviewers": "scoring"}, before))


@pytest.mark.parametrize(
    ("role", "few", "enough"), [("reviewer", TWO, ""), ("entrant", ONE, TWO), ("observer", ONE, TWO)]
)
def test_names_beside_marks_do_not_say_whose_they_are(role, few, enough):
    text = changed('trimmed_mean", drop_high = 1, drop_low = 1', 'mean"')
    said = {f"{role}.reviewers": "announced", f"{role}.marks": "announced"}
    assert [key for key, _what in faults(sight(said, few, text))] == [f"sight.{role}.marks"]
    parse(sight(said, enough, text))
    parse(sight({f"{role}.marks": "announced", f"{role}.comments": "closed"}, few, text))


@pytest.mark.parametrize(
    ("meeting", "marks", "told"),
    [
        ("spread = 3", "meeting", []),
        ("spread = 3", "scoring", []),
        ("spread = 3", "closed", ["sight.reviewer.marks"]),
        ("spread = 3", "never", ["sight.reviewer.marks"]),
        ('marks = "change"', "never", ["sight.reviewer.marks"]),
        ('marks = "stay"', "never", []),
        ('criterion = "idea"\nspread = 10', "meeting", []),
        ('criterion = "idea"\nspread = "10.5"', "meeting", ["meeting.spread"]),
    ],
)
def test_who_meets_on_marks_sees_them_and_they_can_lie_so_far_apart(meeting, marks, told):
    text = sight({"reviewer.marks": marks}, f"[meeting]\n{meeting}\n")
    assert ([key for key, _what in faults(text)] if told else parse(text).meeting is not None) == (told or True)
