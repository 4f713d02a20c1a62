"""The marks of the panel in sentences: from where to where, or which levels, and what they mean."""

from __future__ import annotations

from simsa.rules import Anchor, Criterion, Level, Levels
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import format_score


def scale_line(leaf: Criterion, language: str) -> str:
    """Which marks there are."""
    _ = translator(language).gettext
    scale = leaf.scale
    assert scale is not None
    if isinstance(scale, Levels):
        levels = ", ".join(_level(level, language) for level in scale.levels)
        return fill(_("marked by the panel with one of these levels: %(levels)s."), levels=levels)
    low, high, step = (format_score(n, None, language) for n in (scale.min, scale.max, scale.step))
    return fill(_("marked by the panel from %(low)s to %(high)s in steps of %(step)s."), low=low, high=high, step=step)


def meaning_line(leaf: Criterion, language: str) -> str:
    """What marks mean, as far as the rules say; empty where they say nothing."""
    _ = translator(language).gettext
    scale = leaf.scale
    assert scale is not None
    if isinstance(scale, Levels):
        said = [f"{level.id}: {level.description.text(language)}" for level in scale.levels if level.description]
    else:
        said = [_anchor(anchor, language) for anchor in scale.anchors]
    return fill(_("the marks mean: %(meanings)s."), meanings="; ".join(said)) if said else ""


def _level(level: Level, language: str) -> str:
    name = level.name.text(language)
    shown = level.id if name == level.id else f"{level.id} {name}"
    return f"{shown} ({format_score(level.value, None, language)})"


def _anchor(anchor: Anchor, language: str) -> str:
    said = f"{format_score(anchor.at, None, language)} {anchor.name.text(language)}"
    return said if anchor.description is None else f"{said}: {anchor.description.text(language)}"
