"""Who is behind an entry, and who is on the panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simsa.engine.inputs import Entries, Reviewers


@dataclass(frozen=True)
class Entrant:
    """Who is behind an entry: its names by language, where it is, and further fields."""

    id: str
    name: Mapping[str, str]
    group: str
    region: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "ko") -> str:
        """The name in a language, or in any there is."""
        return _in_language(self.name, language, self.id)


@dataclass(frozen=True)
class Reviewer:
    """A member of the panel: names by language, and the fields that conflict rules compare."""

    id: str
    name: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: str = "ko") -> str:
        return _in_language(self.name, language, self.id)


def as_entries(entrants: Sequence[Entrant]) -> Entries:
    """The entries as the engine takes them."""
    return Entries(tuple(entrant.id for entrant in entrants), tuple(entrant.group for entrant in entrants))


def as_reviewers(panel: Sequence[Reviewer]) -> Reviewers:
    """The panel as the engine takes it, with the fields of the first reviewer."""
    names = panel[0].fields if panel else ()
    return Reviewers(
        tuple(reviewer.id for reviewer in panel),
        {name: tuple(reviewer.fields[name] for reviewer in panel) for name in names},
    )


def _in_language(names: Mapping[str, str], language: str, otherwise: str) -> str:
    return names.get(language) or names.get("en") or next(iter(names.values()), otherwise)
