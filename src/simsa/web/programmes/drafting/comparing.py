"""What is different between two texts of rules: in plain sentences, and line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from simsa.rules import RulesError, parse
from simsa.tables.words import rules_words


@dataclass(frozen=True)
class Sentences:
    """A part of the rules in words: what is no longer said, and what is said anew."""

    title: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def in_words(before: str, after: str, language: str) -> list[Sentences] | None:
    """Part by part what changed; None while one of them has faults."""
    try:
        old, new = (rules_words(parse(text), language) for text in (before, after))
    except RulesError:
        return None
    said = [{section.key: section for section in sections} for sections in (old, new)]
    found = []
    for key in dict.fromkeys([*said[1], *said[0]]):
        lines = [sections[key].lines if key in sections else () for sections in said]
        title = (said[1].get(key) or said[0][key]).title
        gone = tuple(line for line in lines[0] if line not in lines[1])
        come = tuple(line for line in lines[1] if line not in lines[0])
        if gone or come:
            found.append(Sentences(title, gone, come))
    return found


def line_by_line(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that differ, with three around them: (`+`, `-`, ` ` or `@`, line)."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=3)
    return [(line[0], line[1:] if line[0] in "+- " else line) for line in list(lines)[2:]]
