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

from simsa.rules import RulesError, from_canonical
from simsa.rules.canonical import LARGEST
from tests.record.changed_rules import at, drawn
from tests.rules.complete import RULES

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


@pytest.mark.parametrize("number", [300, pytest.param(30_000, marks=pytest.mark.long)])
def test_rules_that_are_changed_are_refused_by_both_or_by_neither(modules: Page, number: int) -> None:
    assert not any(compared(modules, [rules.canonical for rules in RULES]))
    found = compared(modules, drawn(number, Random(number)))
    assert 0.5 * number < sum(found) < 0.98 * number


def with_value(path: str, value: Any, n: int = 1) -> bytes:
    content = json.loads(RULES[n].canonical)
    *above, last = (int(key) if key.isdigit() else key for key in path.split("/"))
    at(content, tuple(above))[last] = value
    return rfc8785.dumps(content)


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


SCALE = {"min": "0", "max": "4611686018427387903", "step": "1"}
GROUP = {"id": "g", "name": {"by_language": {"": "g"}}}


@pytest.mark.parametrize(
    ("sound", "unsound"),
    [
        (long_name(LARGEST), long_name(LARGEST + 1)),
        (nested(20), nested(21)),
        (with_value("criteria/2/scale/max", "11"), with_value("criteria/2/scale/max", "10.25")),
        (with_value("criteria/2/scale", {**SCALE, "max": "461168601842738790"}), with_value("criteria/2/scale", SCALE)),
        (with_value("groups", [{**GROUP, "quota": {"share": "1"}}]), with_value("groups", [GROUP])),
        (
            with_value("groups", [{**GROUP, "quota": {"best": True}, "id": "*"}]),
            with_value("groups", [{**GROUP, "quota": {"best": True}, "id": one} for one in ("*", "g")]),
        ),
        (with_value("time_zone", "Mars/Base"), with_value("time_zone", "Mars Base")),
        (with_value("criteria/1/weight", "0"), with_value("criteria/1/weight", "-0.1")),
        (with_value("criteria/2/panel/minimum", 3), with_value("criteria/2/panel/minimum", 2)),
        (with_value("rank_by", "idea"), with_value("rank_by", "ideas")),
        (with_value("criteria/0/round/places", 12), with_value("criteria/0/round/places", 13)),
    ],
    ids=range(11),
)
def test_both_draw_the_line_at_one_place(modules: Page, sound: bytes, unsound: bytes) -> None:
    assert compared(modules, [sound, unsound]) == [False, True]
