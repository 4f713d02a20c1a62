"""Rules read back from their canonical form: the same rules again, and nothing that no rules file can say."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.rules import RulesError, from_canonical, model, nodes, parse
from simsa.rules.advice import advice
from tests.draws import draws
from tests.rules.complete import RULES, places
from tests.rules.drawn import rules_texts
from tests.rules.small import SMALL, changed


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.id)
def test_the_same_rules_come_back(rules: model.Rules) -> None:
    again = from_canonical(rules.canonical)
    assert again == rules
    assert again.hash == rules.hash


@settings(max_examples=draws(150), deadline=None)
@given(rules_texts())
def test_drawn_rules_come_back(text: str) -> None:
    rules = parse(text)
    assert from_canonical(rules.canonical) == rules


def parts(value: Any) -> Iterator[Any]:
    """Every frozen part of rules."""
    if is_dataclass(value):
        yield value
        for field in fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)


def test_these_rules_use_everything_that_rules_can_say() -> None:
    """Or the round trip would pass by what is new."""
    said = {
        (type(part), field.name)
        for rules in RULES
        for part in parts(rules)
        for field in fields(part)
        if getattr(part, field.name) != field.default
    }
    known = {**vars(nodes), **vars(model)}
    kinds = [kind for kind in known.values() if isinstance(kind, type) and is_dataclass(kind)]
    assert len(kinds) > 15
    assert {(kind, field.name) for kind in kinds for field in fields(kind)} <= said


TEXTS_OF_HARM = ("", "*", "a", "total", "-1", "0", "1/3", "1.50", "9" * 29, "9" * 5000, "e\u0301", "\x1b[2J", "한" * 70)
OTHERS = (None, True, False, 0, 1, -1, 2, 13, 10**9, 2**53 - 1, [], {}, [[]], [{}], {"kind": "value"}, {"value": "1"})
HOSTILE = st.sampled_from((*TEXTS_OF_HARM, *OTHERS)).map(deepcopy)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """The content of a canonical form with one or two things changed, added, taken away, or repeated."""
    content = json.loads(draw(st.sampled_from(RULES)).canonical)
    for _ in range(draw(st.integers(1, 2))):
        *above, last = draw(st.sampled_from([path for path in places(content) if path]))
        owner = content
        for key in above:
            owner = owner[key]
        change = draw(st.sampled_from(["set", "add", "remove", "repeat"]))
        if change == "set":
            owner[last] = draw(HOSTILE)
        elif change == "remove":
            del owner[last]
        elif isinstance(owner, list):
            owner.append(owner[last] if change == "repeat" else draw(HOSTILE))
        else:
            name = draw(st.sampled_from(["kind", "value", "count", "round", "minimum", "parent", "points", "a\u0301"]))
            owner[name] = owner[last] if change == "repeat" else draw(HOSTILE)
    return content


@settings(max_examples=draws(900), deadline=None)
@given(damaged())
def test_what_is_damaged_is_refused_or_is_other_rules(content: Any) -> None:
    data = rfc8785.dumps(content)
    try:
        rules = from_canonical(data)
    except RulesError as error:
        refused: RulesError | None = error
    else:
        refused = None
        assert rules.canonical == data
    assert refused is None or all(found.key and found.what for found in refused.problems)
    assert "\x1b" not in str(refused)


@settings(max_examples=draws(300), deadline=None)
@given(st.sampled_from(RULES), st.data())
def test_other_bytes_are_never_the_same_rules(rules: model.Rules, data: st.DataObject) -> None:
    changed_bytes = bytearray(rules.canonical)
    at = data.draw(st.integers(0, len(changed_bytes)))
    changed_bytes[at : at + data.draw(st.integers(0, 1))] = data.draw(
        st.sampled_from([b"", b" ", b"0", b"-", b'"', b"\\u0041", b"\xff", b"9", b","])
    )
    try:
        found = from_canonical(bytes(changed_bytes))
    except RulesError:
        return
    assert (found.hash == rules.hash) == (changed_bytes == rules.canonical)


def set_at(path: str, value: Any, rules: model.Rules = RULES[0]) -> bytes:
    content = owner = json.loads(rules.canonical)
    *above, last = [int(key) if key.isdigit() else key for key in path.split("/")]
    for key in above:
        owner = owner[key]
    owner[last] = value
    return rfc8785.dumps(content)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("simsa_rules", 2, "simsa_rules: is 2"),
        ("criteria/2/panel/drop_low", -1, "criterion[3].panel.drop_low: is -1"),
        ("criteria/2/panel/drop_low", 10**10, "criterion[3].panel.drop_low: is 10000000000"),
        ("criteria/3/panel/drop_low", 1, "criterion[4].panel.drop_low: is not a known key"),
        ("criteria/2/scale/step", "0", "criterion[3].scale.step: is 0"),
        ("criteria/2/scale/step", "1/3", "criterion[3].scale.step: is '1/3'"),
        ("criteria/2/scale/max", "-1", "criterion[3].scale.max: is -1, not above min 0"),
        ("criteria/1/round/places", 10**9, "criterion[2].round.places: is 1000000000 (from 0 to 12)"),
        ("criteria/1/round/mode", "up", "criterion[2].round.mode: is 'up'"),
        ("criteria/1/weight", "-1", "criterion[2].weight: is '-1'"),
        ("criteria/1/weight", "2.50", "file: is not the canonical form"),
        ("criteria/1/weight", 2, "file: is not the canonical form"),
        ("criteria/1/parent", None, "criterion[2].parent: is nothing"),
        ("criteria/1/factor/by_group", None, "criterion[2].factor.by_group: is nothing"),
        ("criteria/1/factor", {}, "criterion[2].factor: has none of its keys"),
        ("criteria/4/indicator/points_min", "x", "criterion[5].indicator.points.min: is 'x'"),
        ("criteria/5/indicator/best", "0", "criterion[6].indicator.best: and worst do not make a line"),
        ("groups/0/quota/count", 1, "group[1].quota: has count and share at once"),
        ("groups/0/quota", {}, "group[1].quota: has none of its keys"),
        ("groups/0/id", "*", "group[1].id: '*' is not an identifier"),
        ("groups", [], "group: is missing"),
        ("name", {"by_language": {}}, "round.name: is not a name"),
        ("id", "a" * 65, "round.id"),
        ("time_zone", "../../etc/passwd", "round.time_zone"),
        ("missing/recused", {"kind": "value"}, "missing.recused: is 'value'"),
        ("schedule/moments/call", "2024-01-01", "file: is not the canonical form"),
        ("schedule/moments/call", "2024-02-30T00:00:00", "schedule.call: is '2024-02-30T00:00:00'"),
        ("schedule/moments/call", "2024-01-01T09:00:00+09:00", "schedule.call: is 2024-01-01T09:00:00+09:00"),
        ("conflicts/0/reviewer", 3, "conflict[1].reviewer: is a whole number"),
        ("panel/kinds/0/values", ["b", "a"], "file: is not the canonical form"),
        ("language", "ko\u0301", "round.language: holds text that is not in Unicode NFC"),
        ("new", 1, "new: is not a known key"),
        ("new\x1b[2J", 1, r"new\x1b[2J: is not a known key"),
    ],
)
def test_hostile_values_are_refused_with_their_place(path: str, value: Any, expected: str) -> None:
    with pytest.raises(RulesError) as refused:
        from_canonical(set_at(path, value))
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("time_zone", "Mars/Base", "round.time_zone: 'Mars/Base' is not a time zone"),
        ("id", "a\u200bb", r"round.id: 'a\u200bb' is not an identifier"),
        ("criteria/1/weight", "2", "criterion[1]: the weights of its children add up to 9.5"),
        ("schedule/moments/call", "2024-04-01T00:00:00", "schedule.deadline: is before call"),
        ("thresholds/0/at_least", "101", "threshold[1].at_least: is 101, and 'jobs' comes to 100 at most"),
    ],
)
def test_what_authors_are_told_does_not_bind_rules_that_were_frozen(path: str, value: Any, expected: str) -> None:
    """Least of all what is told by the machine: its time zones, its Unicode."""
    rules = from_canonical(set_at(path, value))
    assert rules.canonical == set_at(path, value)
    (problem,) = advice(rules)
    assert str(problem).startswith(expected)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"9" * 5000,
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"id":"\\ud800"}',
        b'{"\\ud800":1}',
        b'{"id":NaN}',
        b'{"id":1.5}',
        b" " + RULES[1].canonical,
        RULES[1].canonical.replace(b'"id"', b'"\\u0069d"', 1),
        RULES[1].canonical[:-1] + b',"id":"small"}',
        RULES[1].canonical.replace(b"Small", b"S" * 300_000),
    ],
    ids=range(16),
)
def test_what_is_not_canonical_is_refused_in_short_lines(data: bytes) -> None:
    with pytest.raises(RulesError, match=r"^rules: \d+ problems?(\n  \S+: .{1,250})+\Z"):
        from_canonical(data)


@pytest.mark.parametrize(
    "data",
    [
        rfc8785.dumps({f"k{n}": 0 for n in range(20_000)}),
        rfc8785.dumps({"criteria": [{}] * 60_000}),
        set_at("thresholds", [{"at_least": "0", "criterion": f"x{n}"} for n in range(4_000)]),
    ],
    ids=["keys", "criteria", "references"],
)
def test_of_very_many_faults_a_hundred_are_named(data: bytes) -> None:
    with pytest.raises(RulesError) as refused:
        from_canonical(data)
    assert len(refused.value.problems) == 100


def test_a_rules_file_says_nothing_that_would_not_come_back() -> None:
    with pytest.raises(RulesError, match=r"line 11, group\[1\]\.name: holds text that is not in Unicode NFC"):
        parse(changed('id = "a"\n', 'id = "a"\nname = "e\\u0301"\n'))
    with pytest.raises(RulesError, match="bytes in canonical form"):
        parse(changed("Small round", "S" * 300_000))
    assert parse(changed('"0.4"', "0.4" + "0" * 60)).hash == parse(SMALL).hash
    longest = parse(changed('id = "idea"', f'id = "idea"\nat_most = ".{"9" * 28}"'))
    assert from_canonical(longest.canonical) == longest
    with pytest.raises(RulesError, match=r"criterion\[2\]\.at_most"):
        parse(changed('id = "idea"', f'id = "idea"\nat_most = ".{"9" * 29}"'))
