"""Things of which the same is said, in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simsa.rules import Criterion
from simsa.tables.words.filling import listed


def by_sentence(
    nodes: Iterable[Criterion], language: str, sentences: Callable[[Criterion], list[str]]
) -> list[tuple[str, str]]:
    """Each criterion's name with all that is said of it."""
    return [(node.name.text(language), " ".join(sentences(node))) for node in nodes]


def merged(said: Iterable[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Names of which the same is said stand together, at the first of them."""
    names: dict[str, list[str]] = {}
    for name, sentence in said:
        names.setdefault(sentence, []).append(name)
    return [(listed(found, language), sentence) for sentence, found in names.items()]
