"""What a mapping may refer to: criteria of the rules, and its own [match] and [translate]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simsa.rules import Rules
from simsa.tables.mapping import Value


class Names:
    """What a mapping may refer to."""

    def __init__(self, rules: Rules, matches: Sequence[str], translators: Mapping[str, Value]) -> None:
        self.language = rules.language
        self.leaves = tuple(leaf.id for leaf in rules.leaves)
        self.criteria = tuple(rules.by_id)
        self.reported = tuple(sorted(rules.reported_fields))
        self.matches = tuple(matches)
        self.translators = translators
        named = [group.id for group in rules.groups if group.id != "*"]
        self.only_group = named[0] if len(named) == 1 == len(rules.groups) else None
