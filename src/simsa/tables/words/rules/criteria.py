"""Criteria in sentences: what the panel marks, and what is scored from reported numbers."""

from __future__ import annotations

from simsa.rules import Rules
from simsa.tables.words.rules.indicators import indicator_line, source_lines
from simsa.tables.words.rules.merging import by_sentence, merged
from simsa.tables.words.rules.scales import meaning_line, scale_line


def criteria_lines(rules: Rules, language: str) -> list[str]:
    """How each criterion is marked or scored; those of which the same is said stand together."""
    said = by_sentence(rules.leaves, language, lambda node: [scale_line(node, language)])
    said += by_sentence(rules.leaves, language, lambda node: [meaning_line(node, language)])
    said += by_sentence(rules.indicators, language, lambda node: [indicator_line(node, language)])
    lines = [f"{names}: {sentence}" for names, sentence in merged(said, language) if sentence]
    lines += source_lines(rules, language)
    lines += [
        f"{node.name.text(language)}: {node.description.text(language)}" for node in rules.criteria if node.description
    ]
    return lines
