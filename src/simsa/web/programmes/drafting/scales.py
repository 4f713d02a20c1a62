"""The marks of a criterion: numbers in even steps, or levels with names. Levels and anchors are rows of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.web.programmes.drafting.composite import Named
from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.editors import NOT_SAID, Choices, Editor, Number, Words, without
from simsa.web.programmes.drafting.parts import EACH, Part
from simsa.web.programmes.drafting.places import Path

STEPS, LEVELS = "steps", "levels"
EVEN = ("min", "max", "step")
USUAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "outstanding": (("탁월", "Outstanding"), ("우수", "Good"), ("보통", "Fair"), ("미흡", "Poor")),
    "sabcd": (("S", ""), ("A", ""), ("B", ""), ("C", ""), ("D", "")),
    "soo": (("수", ""), ("우", ""), ("미", ""), ("양", ""), ("가", "")),
}
"""Levels that are much used: the identifier, and an English name where it needs one."""
KINDS: Choices = [
    ("", NOT_SAID),
    (STEPS, gettext_lazy("numbers in even steps")),
    (LEVELS, gettext_lazy("levels with names")),
    *(
        (key, format_lazy(gettext_lazy("levels: {levels}"), levels=" · ".join(name for name, _english in usual)))
        for key, usual in USUAL.items()
    ),
]


class ScaleOf(Editor):
    """From where to where numbers go and in which steps; or levels, with some to begin with."""

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, *((*whole, key) for key in EVEN)]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, *even = self.paths(at)
        value = document.value(whole)
        if value is ABSENT:
            return dict.fromkeys(self.paths(at), "")
        if not isinstance(value, dict) or (LEVELS in value and len(value) > 1):
            return None
        if LEVELS in value:
            return {whole: LEVELS, **dict.fromkeys(even, "")}
        texts = {path: Number((), "").text(value[path[-1]]) if path[-1] in value else "" for path in even}
        told = {path: text for path, text in texts.items() if text is not None}
        return {whole: STEPS, **told} if len(told) == len(even) else None

    def fields(self, document: Document, at: Path) -> dict[Path, forms.Field]:
        whole, *even = self.paths(at)
        labels = (gettext_lazy("Lowest mark"), gettext_lazy("Highest mark"), gettext_lazy("Step"))
        kinds = KINDS if document.value((*whole, LEVELS)) is ABSENT else KINDS[:3]
        return {
            whole: forms.ChoiceField(label=self.label, required=False, choices=kinds),
            **{path: Number((), label).field(document) for path, label in zip(even, labels, strict=True)},
        }

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, *even = self.paths(at)
        if not changed & {whole, *even}:
            return document
        kind = self._kind(at, given, changed)
        there = document.value(whole)
        if not kind:
            return document.drop(whole)
        if kind != STEPS:
            return document if isinstance(there, dict) and LEVELS in there else document.put(whole, _levels(kind))
        if not isinstance(there, dict) or LEVELS in there:
            numbers = {str(path[-1]): Number((), "").value(given[path], None) for path in even if given[path]}
            return document.put(whole, numbers)
        for path in set(even) & changed:
            value = document.value(path)
            document = (
                document.put(path, Number((), "").value(given[path], value))
                if given[path]
                else without(document, path, at)
            )
        return document

    def faults(self, at: Path, given: Mapping[Path, str], changed: set[Path]) -> dict[Path, str]:
        _whole, *even = self.paths(at)
        if self._kind(at, given, changed) == STEPS:
            return {}
        idle = _("This does not belong to the kind of marks that is chosen.")
        return {path: idle for path in even if path in changed and given[path]}

    def _kind(self, at: Path, given: Mapping[Path, str], changed: set[Path]) -> str:
        """What is chosen, or meant where numbers were filled in and nothing was chosen."""
        whole, *even = self.paths(at)
        meant = STEPS if whole not in changed and any(given[path] for path in even) else ""
        return given[whole] or meant


def _levels(kind: str) -> dict[str, Any]:
    usual = USUAL.get(kind, (("A", ""), ("B", "")))
    values = range(100, 100 - 10 * len(usual), -10)
    return {
        LEVELS: [
            {"id": key, **({"name": {"ko": key, "en": english}} if english else {}), "value": value}
            for (key, english), value in zip(usual, values, strict=True)
        ]
    }


def _is_even(document: Document, place: Path) -> bool:
    scale = document.value(place[:-1])
    return isinstance(scale, dict) and LEVELS not in scale


def _has_levels(document: Document, place: Path) -> bool:
    return isinstance(document.value(place), list)


_NAME, _DESCRIPTION = (
    Named(("name",), gettext_lazy("Name")),
    Named(("description",), gettext_lazy("Meaning"), prose=True),
)
ANCHORS_OF = Part(
    ("criterion", EACH, "scale", "anchors"),
    gettext_lazy("What the marks mean"),
    (Number(("at",), gettext_lazy("Mark")), _NAME, _DESCRIPTION),
    several=True,
    fresh=(),
    offered=_is_even,
    help=gettext_lazy("Shown to reviewers beside the marks; of all marks, or of some."),
    rows=True,
)
LEVELS_OF = Part(
    ("criterion", EACH, "scale", LEVELS),
    gettext_lazy("Levels"),
    (
        Words(("id",), gettext_lazy("Level")),
        Number(("value",), gettext_lazy("Counts as")),
        _NAME,
        _DESCRIPTION,
    ),
    several=True,
    fresh=(),
    offered=_has_levels,
    help=gettext_lazy(
        "Reviewers choose a level by its short name, and tables of sheets write it. From the best to the worst, or the "
        "other way round; the numbers need not be evenly apart."
    ),
    rows=True,
)
