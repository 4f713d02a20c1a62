"""Faults of rules in Korean: whatever the rules can say of a fault is known, and what is put in stays."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import simsa.rules
from simsa.rules import Problem, RulesError, parse
from simsa.tables.words import rule_fault_words
from simsa.tables.words.languages import translator
from simsa.tables.words.rules.faults import KINDS, KNOWN
from tests.rules.small import SMALL, changed

SOURCES = sorted(Path(simsa.rules.__file__).parent.glob("*.py"))
SAID_IN = {"what", "allowed", "hint", "bounds", "where"}
"""Variables that hold what is said, or a part of it that depends."""


def templates(node: ast.AST) -> Iterator[str]:
    """The texts that an expression can be, with `{}` for what is put in."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values)
        case ast.IfExp(body=body, orelse=orelse):
            yield from templates(body)
            yield from templates(orelse)


def said_by_the_rules() -> set[str]:
    found: set[str] = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="note") | ast.Name(id="Problem"), args=[_key, *said]):
                    found.update(text for one in said for text in templates(one))
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in SAID_IN:
                    found.update(templates(value))
    return found - {""}


def test_whatever_the_rules_say_is_known() -> None:
    known = {re.sub(r"%\(\w\)s", "{}", template) for template in KNOWN}
    unknown = {
        text for text in said_by_the_rules() - known if " " in text and not text.startswith(("each_group", "{}["))
    }
    assert unknown == set()


def test_every_text_has_the_same_places_in_korean() -> None:
    korean = translator("ko").gettext
    for template in (*KNOWN, *KINDS):
        assert sorted(re.findall(r"%\(\w\)s", korean(template))) == sorted(re.findall(r"%\(\w\)s", template))


@pytest.mark.parametrize(
    ("old", "new", "korean"),
    [
        ("quota = 1", "quota = -1", "현재 값은 -1입니다 (0 이상)"),
        ("quota = 1", "quota = 9", "9이지만 평가군은 4곳입니다 (평가군 규모 이하)"),
        ("quota = 1", "quota = 1\nquotas = 2", "알 수 없는 항목입니다 (혹시 quota입니까?)"),
        (
            'weight = "0.4"',
            'weight = "0.5"',
            "하위 지표의 가중치 합이 1.1입니다(idea 0.5 + work 0.6)",
        ),
        ("size = 4", 'size = "4"', "현재 값은 문자열입니다 (정수)"),
        ('criterion = "work"', 'criterion = "none"', "'none'는 평가지표가 아닙니다 (쓸 수 있는 것: total, idea, work)"),
    ],
)
def test_faults_read_as_officials_write(old: str, new: str, korean: str) -> None:
    with pytest.raises(RulesError) as refused:
        parse(changed(old, new, SMALL))
    problem = refused.value.problems[0]
    assert rule_fault_words(problem, "ko").startswith(korean)
    assert rule_fault_words(problem, "en").startswith(problem.what)


def test_unknown_text_stays_as_it_is() -> None:
    assert rule_fault_words(Problem("key", "said by nobody yet", ""), "ko") == "said by nobody yet"
