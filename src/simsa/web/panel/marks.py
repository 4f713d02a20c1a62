"""Marks as they are kept: by leaf, a decimal as text or the word for why there is none; checked against the rules."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from simsa.rules import AmbiguousError, Criterion, Level, Levels, Missing, Rules, decimal_or_none, decimal_text

MISSING = {missing.value for missing in Missing}

_usual: dict[str, dict[str, set[str]]] = {}
"""Marks in their shortest form that were found to be allowed, by hash of the rules and leaf: most sheets hold no
others, and exact arithmetic on six marks takes longer than the commit of a sheet."""


def checked(rules: Rules, marks: Mapping[str, str]) -> dict[str, str]:
    """Marks in their shortest form, one for every leaf. ValidationError by leaf: absent, unknown, off the scale."""
    usual = _usual.get(rules.hash, {})
    if usual and usual.keys() == marks.keys() and all(mark in usual[key] for key, mark in marks.items()):
        return {key: marks[key] for key in usual}
    leaves = {leaf.id: leaf for leaf in rules.leaves}
    errors = {key: [_("There is no such criterion in the rules.")] for key in marks if key not in leaves}
    clean: dict[str, str] = {}
    for key, leaf in leaves.items():
        try:
            clean[key] = _mark(leaf, marks.get(key, ""))
        except AmbiguousError:
            errors[key] = [_("This is the name of one level and the value of another.")]
        except ValueError:
            errors[key] = [off_scale(leaf)]
    if errors:
        raise ValidationError(errors)
    found = _usual.setdefault(rules.hash, {key: set() for key in leaves})
    for key, mark in clean.items():
        found[key].add(mark)
    return clean


def _mark(leaf: Criterion, text: str) -> str:
    if text in MISSING:
        return text
    mark = None if leaf.scale is None else leaf.scale.meant(text, decimal_or_none(text))
    if mark is None:
        raise ValueError(text)
    return decimal_text(mark)


def level_of(leaf: Criterion, text: str) -> Level | None:
    """The level that a text means, where the leaf has levels."""
    if not isinstance(leaf.scale, Levels):
        return None
    try:
        mark = leaf.scale.meant(text, decimal_or_none(text))
    except AmbiguousError:
        return None
    return None if mark is None else leaf.scale.at(mark)


def spelt(leaf: Criterion, text: str) -> str:
    """A mark as reviewers know it: the level's name for its value, any other text as it is."""
    level = level_of(leaf, text)
    return text if level is None else level.id


def off_scale(leaf: Criterion) -> str:
    """What to give instead of something that is no mark of a leaf."""
    assert leaf.scale is not None  # a leaf that the panel marks has one: the rules were checked
    if isinstance(leaf.scale, Levels):
        levels = ", ".join(level.id for level in leaf.scale.levels)
        return _("Choose one of %(levels)s, or say why there is no mark.") % {"levels": levels}
    scale = {name: decimal_text(getattr(leaf.scale, name)) for name in ("min", "max", "step")}
    return _("Give a mark from %(min)s to %(max)s in steps of %(step)s, or say why there is none.") % scale
