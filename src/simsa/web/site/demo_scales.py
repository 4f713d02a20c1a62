"""What marks mean in the round of the demo that is being scored: anchors, and levels at one criterion; all invented."""

from __future__ import annotations

from typing import Any

from simsa.web.programmes.drafting.document import Document

_NAMES = tuple(
    {"ko": korean, "en": english}
    for korean, english in (("미흡", "Poor"), ("보통", "Fair"), ("우수", "Good"), ("탁월", "Outstanding"))
)
_ANCHORS = {
    "promotion": (
        ("활용과 홍보의 실적이 드물다", "The schemes are seldom used, and seldom told of"),
        ("일부 부서가 제도를 활용하고, 홍보는 행사 위주이다", "Some departments use them; publicity is events"),
        ("여러 부서가 제도를 활용하고, 꾸준히 알린다", "Several departments use them and tell of them steadily"),
        ("모든 부서가 활용하고, 주민이 성과를 널리 안다", "Every department uses them, and residents know"),
    ),
    "incentives": (
        ("우대가 계획에 그친다", "Incentives are planned and not given"),
        ("표창 위주로 우대한다", "Mostly commendations"),
        ("인사·보수에 반영한다", "They count in careers or pay"),
        ("인사·보수에 제도로 정착되었다", "They are settled in careers and pay"),
    ),
    "effort": (
        ("통상의 업무이다", "Ordinary work"),
        ("어려움을 알고 관계자와 협의하였다", "Knew of the difficulty and consulted"),
        ("규정의 빈틈을 찾아 여러 기관과 풀었다", "Found a gap in the rules, solved it with other bodies"),
        ("위험을 감수하고 끝까지 책임졌다", "Took the risk, and responsibility to the end"),
    ),
    "outcome": (
        ("주민에게 달라진 것이 없다", "Nothing changed for residents"),
        ("일부 주민이 나아진 것을 안다", "Some residents notice"),
        ("수치로 나아진 것이 확인된다", "Numbers confirm that it is better"),
        ("다른 기관이 따라 하고 있다", "Other bodies do likewise"),
    ),
}
_AT = (40, 60, 80, 100)
_BY_LEVEL = "protection"
_LEVELS = (
    (55, "보호 수단이 없거나 쓰이지 않는다", "No protection, or none that is used"),
    (70, "면책·법률 지원 규정이 있다", "Immunity and legal support are in the rules"),
    (85, "면책·법률 지원이 실제로 쓰였다", "They were used"),
    (100, "담당자가 먼저 안내받고 끝까지 지원받았다", "Officials were told first, and supported to the end"),
)


def with_meanings(rules: Document) -> Document:
    """The rules with what marks mean."""
    for number, node in enumerate(rules.tables(("criterion",))):
        place = ("criterion", number, "scale")
        if node.get("id") in _ANCHORS:
            told = zip(_AT, _NAMES, _ANCHORS[node["id"]], strict=True)
            rules = rules.put((*place, "anchors"), [_meaning({"at": at}, name, *means) for at, name, means in told])
        elif node.get("id") == _BY_LEVEL:
            named = zip(_LEVELS, _NAMES, strict=True)
            ranked = [_meaning({"id": name["ko"], "value": value}, name, *means) for (value, *means), name in named]
            rules = rules.put(place, {"levels": ranked[::-1]})
    return rules


def _meaning(told: dict[str, Any], name: dict[str, str], korean: str, english: str) -> dict[str, Any]:
    return {**told, "name": name, "description": {"ko": korean, "en": english}}
