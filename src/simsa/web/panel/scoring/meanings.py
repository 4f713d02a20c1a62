"""What marks are called and mean: the levels of a criterion, or the anchors of its scale."""

from __future__ import annotations

from dataclasses import dataclass

from simsa.rules import Levels, Scale, decimal_text


@dataclass(frozen=True)
class Meaning:
    """A mark as exact text, what is shown for it (`sign`: a level's id, else the mark), and what it means.

    `name` is empty where it says no more than the sign; `chosen`: it is the mark of the sheet.
    """

    mark: str
    sign: str
    name: str
    description: str
    chosen: bool


def meanings(scale: Scale | Levels, mark: str, language: str) -> tuple[Meaning, ...]:
    """All levels in the order of the rules, or the marks that have an anchor from the lowest."""
    if isinstance(scale, Levels):
        told = [(one.value, one.id, one.name, one.description) for one in scale.levels]
    else:
        told = [(one.at, decimal_text(one.at), one.name, one.description) for one in scale.anchors]
    found = []
    for value, sign, name, description in told:
        called, at = name.text(language), decimal_text(value)
        means = description.text(language) if description else ""
        found.append(Meaning(at, sign, "" if called == sign else called, means, at == mark))
    return tuple(found)
