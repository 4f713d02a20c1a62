"""Editors of what is written in several ways: a name in one language or two, a number or a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.editors import (
    Editor,
    count_field,
    is_line,
    is_prose,
    prose_field,
)
from simsa.web.programmes.drafting.places import Path


@dataclass(frozen=True)
class Named(Editor):
    """A name in Korean and English; one text stands for both. In any other language it is in the text alone.

    `prose`: it may have several lines.
    """

    prose: bool = False

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, (*whole, "ko"), (*whole, "en")]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, korean, english = self.paths(at)
        fits = is_prose if self.prose else is_line
        match document.value(whole):
            case str() as one if fits(one):
                return {korean: "", english: "", (*whole, _language(document)): one}
            case dict() as names if all(fits(names.get(language, "")) for language in ("ko", "en")):
                return {korean: names.get("ko", ""), english: names.get("en", "")}
            case found:
                return {korean: "", english: ""} if found is ABSENT else None

    def fields(self, _document: Document, at: Path) -> dict[Path, forms.Field]:
        _whole, korean, english = self.paths(at)
        labels = (_("%(what)s, Korean") % {"what": self.label}, _("%(what)s, English") % {"what": self.label})
        return {
            path: prose_field(label) if self.prose else forms.CharField(label=label, required=False)
            for path, label in zip((korean, english), labels, strict=True)
        }

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, *both = self.paths(at)
        if not changed & set(both):
            return document
        names = document.value(whole)
        if isinstance(names, dict) and (any(given[path] for path in both) or names.keys() - {"ko", "en"}):
            for path in set(both) & changed:
                document = document.put(path, given[path]) if given[path] else document.drop(path)
            return document
        names = {str(path[-1]): given[path] for path in both if given[path]}
        if not names:
            return document.drop(whole)
        alone = names.get(_language(document)) if len(names) == 1 else None
        return document.put(whole, alone or names)


class Between(Editor):
    """A number, or from a least to a most."""

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, (*whole, "min"), (*whole, "max")]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, least, most = self.paths(at)
        value = document.value(whole)
        if isinstance(value, int) and not isinstance(value, bool):
            return {least: str(value), most: str(value)}
        if value is ABSENT:
            return {least: "", most: ""}
        if not isinstance(value, dict) or not value.keys() <= {"min", "max"}:
            return None
        if any(isinstance(limit, bool) or not isinstance(limit, int) for limit in value.values()):
            return None
        return {path: str(value.get(path[-1], "")) for path in (least, most)}

    def fields(self, _document: Document, at: Path) -> dict[Path, forms.Field]:
        _whole, least, most = self.paths(at)
        labels = (_("%(what)s, at least") % {"what": self.label}, _("%(what)s, at most") % {"what": self.label})
        return {path: count_field(label, "") for path, label in zip((least, most), labels, strict=True)}

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, *both = self.paths(at)
        if not changed & set(both):
            return document
        limits = {str(path[-1]): int(given[path]) for path in both if given[path]}
        if not limits:
            return document.drop(whole)
        if isinstance(document.value(whole), dict):
            for path in set(both) & changed:
                document = document.put(path, int(given[path])) if given[path] else document.drop(path)
            return document
        exactly = len(limits) == 2 and limits["min"] == limits["max"]
        return document.put(whole, limits["min"] if exactly else limits)


def _language(document: Document) -> str:
    """That of a text that stands for all languages."""
    return "en" if document.value(("round", "language")) == "en" else "ko"
