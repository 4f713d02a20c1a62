"""Names in a file matched to the entries of a round: as written, by declared prefixes, by declared changes of name.

Nothing is guessed. A name that fits nobody, or more than one, is reported with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .mapping import Matching
from .table import nearest, tidy_name

_HINTS = 50  # looking for the nearest name is slow where there are many


@dataclass(frozen=True)
class Found:
    """`entry` is the id, or None and `why` says why not; with an id, `why` is the reason of a change of name."""

    entry: str | None
    why: str = ""
    hint: str = ""


class Matcher:
    """Finds entries by name. `known`: name -> ids of the entries that have it."""

    def __init__(self, matching: Matching, known: Mapping[str, tuple[str, ...]]) -> None:
        self._id = matching.id
        self._hints = _HINTS
        self._known = {tidy_name(name): ids for name, ids in known.items()}
        self._ids = {entry for ids in known.values() for entry in ids}
        self._changes = {change.name: change for change in matching.changes}
        self._prefixes = dict(matching.prefixes)
        self._found: dict[str, Found] = {}

    def find(self, name: str) -> Found:
        name = tidy_name(name)
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def _look_up(self, name: str) -> Found:
        change = self._changes.get(name)
        if change is not None:
            if change.today is None:
                return Found(None, change.reason)
            found = self._one(tidy_name(change.today), change.today)
            return Found(found.entry, change.reason) if found.entry else found
        first, _, rest = name.partition(" ")
        spellings = [name, *(f"{prefix} {rest}".strip() for prefix in self._prefixes.get(first, ()))]
        matches = {entry for spelling in spellings for entry in self._known.get(spelling, ())}
        if len(matches) == 1:
            return Found(matches.pop())
        return self._several(matches) if matches else self._nobody(spellings)

    def _one(self, name: str, today: str) -> Found:
        ids = {today} if today in self._ids else set(self._known.get(name, ()))
        if len(ids) == 1:
            return Found(ids.pop())
        return self._several(ids) if ids else self._nobody([name])

    def _several(self, ids: set[str]) -> Found:
        what = f"{len(ids)} entries are called so: {', '.join(sorted(ids))}"
        return Found(None, what, f"say which in [[match.{self._id}.renamed]]")

    def _nobody(self, spellings: list[str]) -> Found:
        self._hints -= 1
        near = nearest(spellings[-1], self._known) if self._hints >= 0 else None
        hint = f"the nearest is {near!r}; if it is meant, say so in [[match.{self._id}.renamed]]" if near else ""
        return Found(None, "no entry is called so", hint)
