"""Editors of a table that takes any names, `[constants]`: each row is a name, and what stands behind it.

A row is known by its number in the text, because a name may be anything, and may itself be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django import forms
from django.utils.translation import gettext as _

from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.editors import Editor, OpenChoice, Words, is_line
from simsa.web.programmes.drafting.places import Path


def row_path(document: Document, at: Path) -> Path:
    """Where row `at` stands in the text: `("constants", 1)` is `("constants", "rate")`. The row must be there."""
    *table, number = at
    assert isinstance(number, int)
    return (*table, next(islice(document.value(tuple(table)), number, None)))


@dataclass(frozen=True)
class KeyOf(Editor):
    """The name of a row; one of `names`, where the document has any."""

    names: Callable[[Document], list[str]] | None = None

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        name = str(row_path(document, at)[-1])
        return {(*at, *self.key): name} if name and is_line(name) else None

    def field(self, document: Document) -> forms.Field:
        names = self.names(document) if self.names else []
        if not names:
            return super().field(document)
        return OpenChoice(label=self.label, required=False, choices=[(name, name) for name in names])

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        path = (*at, *self.key)
        return document.rename(row_path(document, at), given[path]) if path in changed else document

    def faults(self, at: Path, given: Mapping[Path, str], _changed: set[Path]) -> dict[Path, str]:
        path = (*at, *self.key)
        return {} if given[path] else {path: _("Write a name, or remove the row.")}


@dataclass(frozen=True)
class ValueOf(Editor):
    """What stands behind the name of a row, in the manner of `editor`."""

    editor: Editor = field(default_factory=lambda: Words((), ""))

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        text = self.editor.text(document.value(row_path(document, at)))
        return None if text is None else {(*at, *self.key): text}

    def field(self, document: Document) -> forms.Field:
        shown_in = self.editor.field(document)
        shown_in.label = self.label
        return shown_in

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        path = (*at, *self.key)
        if path not in changed:
            return document
        row = row_path(document, at)
        return document.put(row, self.editor.value(given[path], document.value(row)))

    def faults(self, at: Path, given: Mapping[Path, str], changed: set[Path]) -> dict[Path, str]:
        path = (*at, *self.key)
        return {path: _("Write what it is, or remove the row.")} if path in changed and not given[path] else {}
