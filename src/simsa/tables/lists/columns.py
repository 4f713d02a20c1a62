"""What a column of a list can say, and the headings by which it is recognised in Korean and in English."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simsa.rules import Rules

FIELD, REPORTED = "field:", "reported:"
"""How keys begin that stand for a text which conflict rules compare, and for a reported number."""

_UNHEARD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Target:
    """Something a column can say. `headings`: how such a column is called, the likeliest first."""

    key: str
    headings: tuple[str, ...]


_CODE = Target("code", ("code", "id", "entry", "코드", "기관코드", "대상기관코드", "행정구역코드", "행정기관코드"))
_ENTRIES = (
    _CODE,
    Target("group", ("group", "군", "평가군", "그룹", "평가그룹", "군구분", "구분", "유형")),
    Target(
        "name_ko",
        (
            *("name_ko", "full_name_ko", "기관명", "대상기관", "대상기관명", "한글명", "기관명(한글)", "국문명"),
            *("단체명", "자치단체명", "지자체명", "이름", "명칭", "기관", "name"),
        ),
    ),
    Target("name_en", ("name_en", "영문명", "영문기관명", "기관명(영문)", "영문이름", "English name")),
    Target("region", ("region", "지역", "시도", "시·도", "시도명", "권역", "광역")),
    Target("latitude", ("latitude", "lat", "위도")),
    Target("longitude", ("longitude", "lon", "lng", "경도")),
)
_REVIEWERS = (
    Target("code", ("code", "id", "reviewer", "코드", "위원코드", "위원번호", "평가위원코드", "번호")),
    Target("name", ("name", "name_ko", "이름", "성명", "위원명", "평가위원", "평가위원명", "name_en")),
)


def entry_targets(rules: Rules) -> tuple[Target, ...]:
    """What a list of entries can say: who they are, the fields that conflict rules compare, the numbers they report."""
    fields = [rule.entrant for rule in rules.conflicts if rule.entrant]
    reported = [_named(REPORTED, name) for name in sorted(rules.reported_fields.difference(rules.counted_fields))]
    return (*_ENTRIES, *_fields(fields, known=("region", "group")), *reported)


def reviewer_targets(rules: Rules) -> tuple[Target, ...]:
    """What a list of reviewers can say: who they are, and the fields that rules of conflicts and kinds compare."""
    fields = [rule.reviewer for rule in rules.conflicts if rule.reviewer]
    fields += [kind.reviewer for kind in rules.panel.kinds]
    headings = {"region": ("region", "지역", "시도", "연고지역", "거주지역")}
    return (*_REVIEWERS, *_fields(fields, headings=headings))


def recognise(header: Sequence[str], targets: Iterable[Target]) -> dict[str, str]:
    """What each column says, by its heading: column -> key, "" where it is not recognised. No key comes twice."""
    columns = {_heard(name): name for name in reversed(header)}
    found = dict.fromkeys(header, "")
    for target in targets:
        names = (columns.get(_heard(heading)) for heading in target.headings)
        column = next((name for name in names if name is not None and not found[name]), None)
        if column is not None:
            found[column] = target.key
    return found


def mapping_faults(mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that two columns are said to hold."""
    return tuple(key for key, times in Counter(mapping.values()).items() if key and times > 1)


def _fields(
    names: Iterable[str], known: Sequence[str] = (), headings: Mapping[str, tuple[str, ...]] | None = None
) -> list[Target]:
    return [
        Target(FIELD + name, (headings or {}).get(name, (name,))) for name in dict.fromkeys(names) if name not in known
    ]


def _named(kind: str, name: str) -> Target:
    return Target(kind + name, (name,))


def _heard(heading: str) -> str:
    """A heading as it is compared: capitals, blanks and signs do not count, nor how Hangul is composed."""
    return _UNHEARD.sub("", unicodedata.normalize("NFKC", heading).casefold())
