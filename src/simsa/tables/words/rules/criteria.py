"""Criteria in sentences: what the panel marks, and what is scored from reported numbers."""

from __future__ import annotations

from simsa.rules import Criterion, Rules
from simsa.tables.words.filling import fill
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import format_score
from simsa.tables.words.rules.indicators import indicator_line, source_lines
from simsa.tables.words.rules.merging import by_sentence, merged


def criteria_lines(rules: Rules, language: str) -> list[str]:
    """How each criterion is marked or scored; those of which the same is said stand together."""
    _ = translator(language).gettext
    said = by_sentence(rules.leaves, language, lambda node: [_scale(node, language)])
    said += by_sentence(rules.indicators, language, lambda node: [indicator_line(node, language)])
    lines = [f"{names}: {sentence}" for names, sentence in merged(said, language)]
    lines += source_lines(rules, language)
    lines += [
        f"{node.name.text(language)}: {node.description.text(language)}" for node in rules.criteria if node.description
    ]
    return lines


def _scale(leaf: Criterion, language: str) -> str:
    _ = translator(language).gettext
    scale = leaf.scale
    assert scale is not None
    low, high, step = (format_score(n, None, language) for n in (scale.min, scale.max, scale.step))
    return fill(_("marked by the panel from %(low)s to %(high)s in steps of %(step)s."), low=low, high=high, step=step)
