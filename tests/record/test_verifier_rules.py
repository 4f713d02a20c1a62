"""Which rules are refused: the same by both verifiers, and as the format says."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import rfc8785
from playwright.sync_api import Page

from simsa.rules import RulesError, from_canonical, parse
from simsa.rules.canonical import LARGEST
from simsa.rules.sight import WHEN
from tests.record.changed_rules import FORMULAS, at, drawn
from tests.rules.complete import RULES, TEXTS, VOTES
from tests.rules.small import changed

BY_NUMBERS = RULES[len(TEXTS) - 1]
REFUSED = """(texts) => texts.map((text) => {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  try { new module_rules.Rules(module_json.parseCanonical(bytes, "rules"), "rules"); return null; }
  catch (error) { if (error instanceof module_faults.Fault) return error.message; throw error; }
})"""


def refused(data: bytes) -> str | None:
    try:
        from_canonical(data)
    except RulesError as error:
        return str(error)
    return None


def compared(modules: Page, variants: Sequence[bytes]) -> list[bool]:
    """Whether each is refused, by both."""
    told = modules.evaluate(REFUSED, [base64.b64encode(data).decode() for data in variants])
    here = [refused(data) for data in variants]
    differing = [
        (data.decode()[:3000], mine, theirs)
        for data, mine, theirs in zip(variants, here, told, strict=True)
        if (mine is None) != (theirs is None)
    ]
    assert differing == []
    return [mine is not None for mine in here]


@pytest.mark.parametrize("number", [300, pytest.param(6_000, marks=pytest.mark.long)])
def test_rules_that_are_changed_are_refused_by_both_or_by_neither(modules: Page, number: int) -> None:
    assert not any(compared(modules, [rules.canonical for rules in RULES]))
    found = compared(modules, drawn(number, Random(number)))
    assert 0.5 * number < sum(found) < 0.98 * number


def with_value(path: str, value: Any, n: int = 1) -> bytes:
    content = json.loads(RULES[n].canonical)
    *above, last = (int(key) if key.isdigit() else key for key in path.split("/"))
    at(content, tuple(above))[last] = value
    return rfc8785.dumps(content)


def formula(text: str) -> bytes:
    content = json.loads(BY_NUMBERS.canonical)
    content["criteria"][-1]["indicator"]["formula"] = text
    return rfc8785.dumps(content)


def test_formulas_are_read_alike(modules: Page) -> None:
    """Each spelling that might be taken for another, or for none."""
    found = compared(modules, [formula(text) for text in FORMULAS])
    constants = [
        {"__proto__": "1"},
        {"constructor": "1"},
        {"한": "1"},
        {"min": "1"},
        {"a b": "1"},
        {"": "1"},
        {"a": "x"},
        {},
    ]
    computed = [rfc8785.dumps({**json.loads(BY_NUMBERS.canonical), "constants": one}) for one in constants]
    assert compared(modules, computed) == [False] * 3 + [True] * 5
    assert 0.3 * len(found) < sum(found) < 0.7 * len(found)


STEPS = [{"at": "50", "points": "1"}]
GRADES = {"method": "percentile", "field": "a", "counts": "worse", "steps": STEPS, "boundary": "above"}


@pytest.mark.parametrize(
    ("changed", "unsound"),
    [
        ({}, False),
        ({"base": "1", "round": {"places": 1}}, False),
        ({"steps": STEPS * 2}, True),
        ({"steps": [], "boundary": None}, True),
        ({"boundary": None}, True),
        ({"points_max": "5"}, True),
        ({"counts": None}, True),
        ({"method": "rank", "counts": None}, True),
        ({"steps": None, "boundary": None, "base": "1"}, True),
        ({"steps": None, "boundary": None, "points_max": "5"}, False),
        ({"method": "step", "counts": None}, False),
        ({"method": "step", "counts": None, "formula": "a + b"}, True),
    ],
)
def test_steps_go_with_numbers_and_with_percentiles(modules: Page, changed: dict[str, Any], unsound: bool) -> None:
    content = json.loads(BY_NUMBERS.canonical)
    content["criteria"][1]["indicator"] = {key: one for key, one in (GRADES | changed).items() if one is not None}
    assert compared(modules, [rfc8785.dumps({**content, "units": {"a": "b"}})]) == [unsound]


def nested(levels: int) -> bytes:
    content = json.loads(RULES[1].canonical)
    inner = {"combine": {"method": "mean"}, "name": {"by_language": {"": "n"}}}
    names = ["total", *(f"n{n}" for n in range(1, levels))]
    content["criteria"][0] |= {"combine": {"method": "mean"}}
    between = [{**inner, "id": name, "parent": above} for above, name in pairwise(names)]
    idea = {**content["criteria"][1], "parent": names[-1]}
    content |= {"criteria": [content["criteria"][0], *between, idea], "tie_breaks": [{"lot": True}]}
    return rfc8785.dumps(content)


def long_name(size: int) -> bytes:
    rest = len(with_value("name/by_language", {"": ""}))
    return with_value("name/by_language", {"": "S" * (size - rest)})


NAME = {"by_language": {"": "g"}}
GROUP = {"id": "g", "name": NAME, "quota": {"count": 1}}
SCALE = {"min": "0", "max": "10", "step": "1"}
LOT = {"lot": True}
CRITERION = json.loads(RULES[1].canonical)["criteria"][0]


def scale(**changed: str) -> bytes:
    return with_value("criteria/2/scale", {**SCALE, **changed})


def groups(*changed: dict[str, Any]) -> bytes:
    return with_value("groups", [{**GROUP, **one} for one in changed])


SOUND = {
    "the largest file": long_name(LARGEST),
    "the deepest tree": nested(20),
    "the longest scale": scale(max="46116860184273879", step="0.01"),
    "a share of all": groups({"quota": {"share": "1"}}),
    "each group": groups({"id": "*"}),
    "no such zone": with_value("time_zone", "Mars/Base"),
    "no weight": with_value("criteria/1/weight", "0"),
    "weights that do not add up": with_value("criteria/1/weight", "2"),
    "a quota above the size": groups({"size": 2, "quota": {"count": 10**9}, "reserve": 10**9}),
    "a threshold of no group": with_value(
        "thresholds", [{"criterion": "total", "at_least": "99", "groups": ["nobody"]}]
    ),
    "a floor that says nothing of it": groups({"award_floor": "99"}),
    "one question twice": with_value("tie_breaks", [{"criterion": "work"}, {"criterion": "work"}, LOT]),
    "a leaf that ranks": with_value("rank_by", "idea"),
    "the finest rounding": with_value("criteria/0/round/places", 12),
    "caps of nothing": with_value("adjustment_caps", {"bonus": "0"}),
    "as many as are dropped, and one": with_value("criteria/2/panel/minimum", 3),
}
UNSOUND = {
    "too large a file": long_name(LARGEST + 1),
    "too deep a tree": nested(21),
    "too long a scale": scale(max="46116860184273880", step="0.01"),
    "no scale": scale(max="0"),
    "min above max": scale(min="11"),
    "no step": scale(step="0"),
    "a step that misses max": scale(step="3"),
    "a number of 31 characters": scale(max="1" + "0" * 30),
    "a share of more": groups({"quota": {"share": "1.1"}}),
    "a share of nothing": groups({"quota": {"share": "0"}}),
    "two quotas": groups({"quota": {"count": 1, "share": "0.5"}}),
    "no quota": groups({"quota": {}}),
    "too large a count": groups({"quota": {"count": 10**9 + 1}}),
    "too large a reserve": groups({"reserve": 10**12}),
    "no group": groups(),
    "two groups of one id": groups({}, {}),
    "each group, and one": groups({"id": "*"}, {}),
    "no id": groups({"id": ""}),
    "no zone": with_value("time_zone", "Mars Base"),
    "no language": with_value("language", "fr"),
    "no name": with_value("name/by_language/en", ""),
    "less than no weight": with_value("criteria/1/weight", "-2"),
    "as many as are dropped": with_value("criteria/2/panel/minimum", 2),
    "drops of a mean": with_value("criteria/1/panel", {"method": "mean", "drop_high": 5, "minimum": 6}),
    "panels above each other": with_value("criteria/0/panel", {"method": "mean"}),
    "too fine a rounding": with_value("criteria/0/round/places", 13),
    "no criterion that ranks": with_value("rank_by", "nothing"),
    "no lot": with_value("tie_breaks", [{"criterion": "work"}]),
    "a lot before the last": with_value("tie_breaks", [LOT, LOT]),
    "limits that cross": with_value("criteria/0", {**CRITERION, "at_least": "5", "at_most": "1"}),
    "a parent that is nowhere": with_value("criteria/1/parent", "x"),
    "a circle": with_value("criteria/1/parent", "idea"),
    "the root below another": with_value("criteria/0/parent", "idea"),
    "something else": with_value("zzz", 1),
}


def test_both_draw_the_line_where_the_format_does(modules: Page) -> None:
    found = compared(modules, [*SOUND.values(), *UNSOUND.values()])
    named = dict(zip([*SOUND, *UNSOUND], found, strict=True))
    assert named == {name: name in UNSOUND for name in named}
    assert len(named) == len(SOUND) + len(UNSOUND)


ANCHOR = {"at": "5", "name": NAME}
LEVELS = [{"id": "A+", "name": NAME, "value": "9.5"}, {"id": "수", "name": NAME, "value": "-1"}]


def level(**changed: Any) -> dict[str, Any]:
    return {key: one for key, one in {**LEVELS[0], **changed}.items() if one is not None}


@pytest.mark.parametrize(
    ("marks", "unsound"),
    [
        ({**SCALE, "anchors": [ANCHOR]}, False),
        ({**SCALE, "anchors": [ANCHOR, {**ANCHOR, "at": "6", "description": NAME}]}, False),
        ({**SCALE, "anchors": [ANCHOR, {**ANCHOR, "at": "4"}]}, True),
        ({**SCALE, "anchors": [ANCHOR, ANCHOR]}, True),
        ({**SCALE, "anchors": []}, True),
        ({**SCALE, "anchors": [{"at": "5"}]}, True),
        ({**SCALE, "anchors": [{**ANCHOR, "at": "4.5"}]}, True),
        ({**SCALE, "anchors": [{**ANCHOR, "at": "11"}]}, True),
        ({**SCALE, "step": "0", "anchors": [ANCHOR]}, True),
        ({"levels": LEVELS}, False),
        ({"levels": LEVELS[::-1]}, False),
        ({"levels": [*LEVELS, level(id="B", value="-2", description=NAME)]}, False),
        ({"levels": [*LEVELS, level(id="B", value="0")]}, True),
        ({"levels": [*LEVELS, level(id="B", value="-1")]}, True),
        ({"levels": [*LEVELS, level(value="-2")]}, True),
        ({"levels": LEVELS[:1]}, True),
        ({"levels": []}, True),
        ({"levels": LEVELS, "anchors": [ANCHOR]}, True),
        ({"levels": LEVELS, **SCALE}, True),
        ({"levels": [level(name=None), LEVELS[1]]}, True),
        ({"levels": [level(value=None), LEVELS[1]]}, True),
        ({"levels": [level(value="9.50"), LEVELS[1]]}, True),
        ({"levels": [level(value="46116860184273879.5"), level(id="B", value="0.01")]}, True),
        ({"levels": [level(value="46116860184273879"), level(id="B", value="0.01")]}, False),
        ({"levels": [level(value="0"), level(id="B", value="-46116860184273880")]}, False),
        ({"levels": [level(value="0.25"), level(id="B", value="-46116860184273880")]}, True),
        *(
            ({"levels": [level(id=key), LEVELS[1]]}, False)
            for key in ("!", "~", "95", "abstained", "\u00a1", "한" * 64)
        ),
        *(({"levels": [level(id=key), LEVELS[1]]}, True) for key in ("", "A B", "\u00a0", "\x7f", "한" * 65)),
    ],
)
def test_anchors_and_levels_are_read_alike(modules: Page, marks: dict[str, Any], unsound: bool) -> None:
    assert compared(modules, [with_value("criteria/2/scale", marks)]) == [unsound]


def test_a_vote_has_neither_anchors_nor_levels(modules: Page) -> None:
    content = json.loads(RULES[1].canonical)
    votes = [{**VOTE, "scale": marks} for marks in ({**SCALE, "anchors": [ANCHOR]}, {"levels": LEVELS})]
    assert compared(modules, [rfc8785.dumps({**content, "vote": vote}) for vote in votes]) == [True, True]


def test_words_of_who_sees_what_are_read_alike(modules: Page) -> None:
    content = json.loads(RULES[1].canonical)
    said = [
        {role: {key: word}}
        for role in ("reviewer", "entrant", "observer", "voter")
        for key in ("entrant", "reviewers", "marks", "comments")
        for word in (*WHEN, "", None)
    ]
    found = compared(modules, [rfc8785.dumps({**content, "sight": one}) for one in ({}, {"reviewer": {}}, *said)])
    # Of a reviewer 4 words of `entrant` and 4 of each other key beside the default, then 2 and 3 of each.
    assert len(found) - sum(found) == 4 * 4 + 3 * 2 + 3 * 3


VOTE = json.loads(parse(changed("[missing]", VOTES)).canonical)["vote"]


@pytest.mark.parametrize(
    ("changed_to", "unsound"),
    [
        ({}, False),
        ({"scale": {**SCALE, "max": "100"}}, False),
        ({"scale": {**SCALE, "max": "101"}}, True),
        ({"scale": None}, True),
        ({"ballot": "approval"}, True),
        ({"ballot": "approval", "scale": None}, False),
        ({"ballot": "approval", "scale": None, "choices": None}, False),
        ({"ballot": "approval", "scale": None, "points": ["1"]}, True),
        ({"ballot": "ranked", "scale": None}, True),
        ({"ballot": "ranked", "scale": None, "choices": None}, False),
        ({"ballot": "ranked", "scale": None, "choices": None, "points": ["3", "2", "1"]}, False),
        ({"ballot": "ranked", "scale": None, "choices": None, "points": ["3", "2"]}, True),
        ({"ballot": "ranked", "scale": None, "choices": None, "points": ["3", "1", "2"]}, True),
        ({"ballot": "ranked", "scale": None, "choices": None, "points": ["1", "0", "-1"]}, True),
        ({"ballot": "ranked", "scale": None, "choices": {"min": 1, "max": 101}}, False),
        ({"ballot": "ranked", "scale": None, "choices": {"min": 1, "max": 102}}, True),
        ({"choices": {"max": 3}}, True),
        ({"choices": {"min": 0}}, True),
        ({"choices": {"min": 1, "max": 3}}, True),
        ({"opens": VOTE["closes"]}, True),
        ({"opens": "2024-02-30T00:00:00"}, True),
        ({"voters": "all"}, True),
        ({"voters": None}, True),
    ],
)
def test_votes_are_read_alike(modules: Page, changed_to: dict[str, Any], unsound: bool) -> None:
    vote = {key: one for key, one in (VOTE | changed_to).items() if one is not None}
    assert compared(modules, [rfc8785.dumps({**json.loads(RULES[1].canonical), "vote": vote})]) == [unsound]


@pytest.mark.parametrize(
    ("meeting", "unsound"),
    [
        ({}, False),
        ({"criterion": "idea", "spread": "0.5", "marks": "change"}, False),
        ({"criterion": "total"}, True),
        ({"criterion": "nowhere"}, True),
        ({"criterion": ""}, True),
        ({"spread": "0"}, True),
        ({"spread": "-1"}, True),
        ({"spread": None}, True),
        ({"marks": "stay"}, True),
        ({"marks": "vary"}, True),
        ({"observers": "marks"}, True),
        ({"chair": "p"}, True),
    ],
)
def test_meetings_are_read_alike(modules: Page, meeting: dict[str, Any], unsound: bool) -> None:
    assert compared(modules, [rfc8785.dumps({**json.loads(RULES[1].canonical), "meeting": meeting})]) == [unsound]
