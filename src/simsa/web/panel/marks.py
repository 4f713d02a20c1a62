"""Marks as they are kept: by leaf, a decimal as text or the word for why there is none; checked against the rules."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from simsa.rules import Criterion, Missing, Rules, decimal_text, parse_decimal

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
        except ValueError:
            errors[key] = [_off_scale(leaf)]
    if errors:
        raise ValidationError(errors)
    found = _usual.setdefault(rules.hash, {key: set() for key in leaves})
    for key, mark in clean.items():
        found[key].add(mark)
    return clean


def _mark(leaf: Criterion, text: str) -> str:
    if text in MISSING:
        return text
    mark = parse_decimal(text)
    if leaf.scale is None or not leaf.scale.allows(mark):
        raise ValueError(text)
    return decimal_text(mark)


def _off_scale(leaf: Criterion) -> str:
    assert leaf.scale is not None  # a leaf that the panel marks has one: the rules were checked
    scale = {name: decimal_text(getattr(leaf.scale, name)) for name in ("min", "max", "step")}
    return _("Give a mark from %(min)s to %(max)s in steps of %(step)s, or say why there is none.") % scale
