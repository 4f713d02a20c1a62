"""Forms of the parts of a rules file. A form edits exactly the values that were changed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.rules import Problem, RulesError, parse
from simsa.rules.nodes import ROOT
from simsa.tables.words import rule_fault_words
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.sections import Part, Section, tables_of

_STEP = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


def name_of(path: Path) -> str:
    """The place as `simsa.rules` names it, which is the field's name: `criterion[2].scale.min`."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def path_of(name: str) -> Path:
    """The place that a fault of the rules names."""
    found: list[str | int] = []
    for key, number in _STEP.findall(name):
        found += [key, int(number) - 1] if number else [key]
    return tuple(found)


def faults_of(text: str) -> list[Problem]:
    """What is wrong with the rules; nothing if they can be frozen."""
    try:
        parse(text)
    except RulesError as error:
        return list(error.problems)
    return []


class PartForm(forms.Form):
    """The fields of one table. Always bound: to what was sent, or to what stands in the text."""

    def __init__(self, document: Document, part: Part, at: Path, data: Mapping[str, Any] | None = None) -> None:
        self.part, self.at = part, at
        self.own: dict[Path, str] = {}
        shown = [(editor, editor.shown(document, at)) for editor in part.editors]
        self.editors = [editor for editor, values in shown if values is not None]
        for _editor, values in shown:
            self.own.update(values or {})
        initial = {name_of(path): text for path, text in self.own.items()}
        sent = data is not None
        data = initial if data is None else data
        super().__init__(data, initial=initial)
        for editor in self.editors:
            for path, field in editor.fields(document, at).items():
                name, stands = name_of(path), self.own[path]
                self.fields[name] = _with_unknown(field, stands)
                if sent and data.get(name) == stands:
                    field.validators = []  # only what is changed is judged here
        self.only_in_text = [editor.label for editor, values in shown if values is None]
        if not sent:
            self.full_clean()
            self._errors = forms.utils.ErrorDict()  # what stands there is judged by the rules, not by the form

    @property
    def title(self) -> str:
        if not self.part.several or self.part.aside:
            return str(self.part.title)
        return f"{self.part.title} {int(self.at[-1]) + 1}"

    @property
    def place(self) -> str:
        """The table as buttons name it: `group[2]`."""
        return name_of(self.at)

    @property
    def number(self) -> int:
        """From 0."""
        return int(self.at[-1]) if self.part.several else 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = self._given()
        for editor in self.editors:
            for path, what in editor.faults(self.at, given).items():
                self.add_error(name_of(path), what)
        return cleaned

    def edited(self, document: Document) -> Document:
        """The document with what was changed in this form. EditError where only the text can change it."""
        changed = {path for path in self.own if self._given()[path] != self.own[path]}
        for editor in self.editors:
            document = editor.written(document, self.at, self._given(), changed)
        return document

    @property
    def says_something(self) -> bool:
        """Whether any field is filled, or has a fault."""
        return bool(self.errors or any(self.own.values()))

    def field_of(self, problem: Problem) -> str | None:
        """The field that a fault of the rules is about: its key, one around it, or the first inside."""
        names = [name_of(path) for path in self.own]
        exact = [name for name in names if name == problem.key]
        around = [name for name in names if problem.key.startswith(f"{name}.")]
        inside = [name for name in names if name.startswith(f"{problem.key}.") and problem.key != self.place]
        return next(iter([*exact, *around, *inside]), None)

    def is_about(self, problem: Problem) -> bool:
        """Whether a fault of the rules lies in the table that the form is of."""
        return path_of(problem.key)[: len(self.at)] == self.at

    def _given(self) -> dict[Path, str]:
        """What was sent; a field that was not sent stays as it is."""
        return {
            path: str(self.cleaned_data.get(name) or "") if (name := name_of(path)) in self.data else stands
            for path, stands in self.own.items()
        }


@dataclass
class SectionForms:
    """All forms of a section, or of one table of it (`only`)."""

    document: Document
    section: Section
    data: Mapping[str, Any] | None = None
    only: Path | None = None

    @cached_property
    def forms(self) -> list[PartForm]:
        return [
            PartForm(self.document, part, at, self.data)
            for part in self.section.parts
            for at in tables_of(self.document, part)
            if (at == self.only if self.only is not None else self._is_offered(part))
        ]

    @property
    def addable(self) -> list[Part]:
        """The parts of which one more can be made here."""
        if self.only is not None:
            return []
        return [part for part in self.section.parts if part.several and part.fresh and self._is_offered(part)]

    def is_valid(self) -> bool:
        return not any(form.errors for form in self.forms)

    def edited(self) -> Document:
        """EditError where only the text can change it."""
        document = self.document
        for form in self.forms:
            document = form.edited(document)
        return document

    def show(self, problems: list[Problem]) -> list[Problem]:
        """Show faults of the rules at their fields, or at their table; those that belong to no form here remain."""
        rest = []
        for problem in problems:
            here = [form for form in self.forms if form.is_about(problem)]
            at_field = next((form for form in here if form.field_of(problem)), None)
            if at_field is not None:
                at_field.add_error(at_field.field_of(problem), said(problem))
            elif here:
                here[0].add_error(None, said(problem))
            else:
                rest.append(problem)
        return rest

    def _is_offered(self, part: Part) -> bool:
        if part.path == ("each_group",):
            return part.path[0] in self.document.data
        return part.path != ("group",) or "each_group" not in self.document.data


def added(document: Document, part: Part) -> Document:
    """With one more table of a part, at the end. EditError where only the text can add one."""
    count = document.count(part.path)
    taken = {key for _table, key in _tables(document, part.path)}
    number = next(n for n in range(count + 1, 2 * count + 2) if f"{part.path[-1]}-{n}" not in taken)
    fresh = {key: value.replace("#", str(number)) if isinstance(value, str) else value for key, value in part.fresh}
    return document.insert(part.path, count, fresh)


def added_criterion(document: Document, parent: str) -> Document:
    """With one more criterion below another, behind those that are there, and marked as the last of them."""
    tables = _tables(document, ("criterion",))
    taken = {key for _table, key in tables}
    fresh: dict[str, Any] = {"id": next(f"c{n}" for n in range(1, len(tables) + 2) if f"c{n}" not in taken)}
    if parent != ROOT:
        fresh["parent"] = parent
    combine = next((table.get("combine") for table, key in tables if key == parent), None)
    if isinstance(combine, dict) and combine.get("method") == "weighted_sum":
        fresh["weight"] = 0
    marked = [table for table, _key in tables if isinstance(table.get("scale"), dict)]
    siblings = [table for table in marked if table.get("parent", ROOT) == parent]
    like = siblings[-1] if siblings else {"scale": {"min": 0, "max": 10, "step": 1}}
    fresh |= {key: like[key] for key in ("scale", "panel") if key in like}
    below = [n for n, (table, _key) in enumerate(tables) if _is_below(tables, table, parent)]
    return document.insert(("criterion",), max(below, default=len(tables) - 1) + 1, fresh)


def said(problem: Problem) -> str:
    """A fault in the language of the page, without the place, which is where it is shown."""
    return rule_fault_words(problem, get_language() or "ko")


def _tables(document: Document, path: Path) -> list[tuple[dict[str, Any], str]]:
    """The tables of a kind, and their identifiers as text."""
    tables = document.value(path)
    found = tables if isinstance(tables, list) else []
    return [(table, str(table.get("id", ""))) for table in found if isinstance(table, dict)]


def _is_below(tables: list[tuple[dict[str, Any], str]], table: dict[str, Any], parent: str) -> bool:
    """Whether a criterion is `parent` or below it."""
    by_id = {key: one for one, key in tables}
    for _step in tables:
        if table.get("id") == parent:
            return True
        above = by_id.get(str(table.get("parent", ROOT)))
        if above is None or table.get("id") == ROOT:
            return False
        table = above
    return False


def _with_unknown(field: forms.Field, value: str) -> forms.Field:
    """A choice also offers what stands in the text, where it is none of its own."""
    field.template_name = "office/value.html"
    if isinstance(field, forms.ChoiceField) and value not in {key for key, _label in field.choices}:
        field.choices = [*field.choices, (value, _("as in the text: %(value)s") % {"value": value})]
    return field
