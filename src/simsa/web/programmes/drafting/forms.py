"""Forms of the parts of a rules file. A form edits exactly the values that were changed in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.rules import Problem, RulesError, parse
from simsa.tables.words import rule_fault_words
from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.parts import Part, Section, places_of, tables_at, text_path
from simsa.web.programmes.drafting.places import Path

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
        self.stands_at = text_path(document, part, at)
        moves = part.several and not part.keyed
        self.above = self.number - 1 if moves and self.number else None
        self.below = self.number + 1 if moves and self.number + 1 < document.count(at[:-1]) else None
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
            for path, shown_in in editor.fields(document, at).items():
                name, stands = name_of(path), self.own[path]
                self.fields[name] = _with_unknown(shown_in, stands)
                if sent and data.get(name) == stands:
                    shown_in.validators = []  # only what is changed is judged here
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
        given, changed = self._given()
        for editor in self.editors:
            for path, what in editor.faults(self.at, given, changed).items():
                self.add_error(name_of(path), what)
        return cleaned

    def edited(self, document: Document) -> Document:
        """The document with what was changed in this form. EditError where only the text can change it."""
        given, changed = self._given()
        for editor in self.editors:
            document = editor.written(document, self.at, given, changed)
        return document

    @property
    def name_given(self) -> str | None:
        """The name that a row is to have; None where no field shows it, or it is at fault already."""
        path = (*self.at, "name")
        return None if name_of(path) in self.errors else self._given()[0].get(path)

    @property
    def says_something(self) -> bool:
        """Whether any field is filled, or has a fault."""
        return bool(self.errors or any(self.own.values()))

    def field_of(self, problem: Problem) -> str | None:
        """The field that a fault of the rules is about: its key, one around it, or the first inside."""
        names = [name_of(path) for path in self.own]
        if self.part.keyed:
            # The rules name the row. What stands behind the name is at fault where no field would take it.
            return next((name for name in reversed(names) if not self._takes(name)), next(iter(names), None))
        exact = [name for name in names if name == problem.key]
        around = [name for name in names if problem.key.startswith(f"{name}.")]
        inside = [name for name in names if name.startswith(f"{problem.key}.") and problem.key != self.place]
        return next(iter([*exact, *around, *inside]), None)

    def is_about(self, problem: Problem) -> bool:
        """Whether a fault of the rules lies in the table that the form is of."""
        if self.part.keyed:
            return problem.key == name_of(self.stands_at)
        return path_of(problem.key)[: len(self.at)] == self.at

    def _takes(self, name: str) -> bool:
        """Whether a field takes what stands in it."""
        try:
            return bool(self.fields[name].clean(self.data.get(name)))
        except forms.ValidationError:
            return False

    def _given(self) -> tuple[dict[Path, str], set[Path]]:
        """What was sent, and where it is another thing than stands; a field that was not sent stays as it is."""
        given = {
            path: str(self.cleaned_data.get(name) or "") if (name := name_of(path)) in self.data else stands
            for path, stands in self.own.items()
        }
        return given, {path for path, stands in self.own.items() if given[path] != stands}


@dataclass
class Block:
    """The forms of a part at one place, and the faults of the whole: too few tables, or in no order."""

    part: Part
    place: Path
    forms: list[PartForm]
    may_add: bool
    told: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As buttons name it: `panel.kind`."""
        return name_of(self.place)

    def mark_clashes(self) -> None:
        """Of rows with names: no two may have the same, nor one that another row has until now."""
        rows = self.forms if self.part.keyed else []
        taken = Counter(form.stands_at[-1] for form in rows)
        for form in rows:
            name = form.name_given
            taken[form.stands_at[-1]] -= 1
            if name is not None and taken[name] > 0:
                form.add_error(name_of((*form.at, "name")), _("Another row has this name."))
            taken[form.stands_at[-1] if name is None else name] += 1


@dataclass
class SectionForms:
    """All forms of a section, or of one table of it (`only`)."""

    document: Document
    section: Section
    data: Mapping[str, Any] | None = None
    only: Path = ()

    @cached_property
    def blocks(self) -> list[Block]:
        found = [self._block(part, place) for part in self.section.parts for place in places_of(self.document, part)]
        return [block for block in found if block.forms or block.may_add]

    def _block(self, part: Part, place: Path) -> Block:
        tables = [at for at in tables_at(self.document, part, place) if at[: len(self.only)] == self.only]
        forms = [PartForm(self.document, part, at, self.data) for at in tables]
        is_free = part.several or self.document.value(place) is ABSENT
        may_add = part.fresh is not None and is_free and place[: len(self.only)] == self.only
        return Block(part, place, forms, may_add and part.offered(self.document, place))

    @property
    def forms(self) -> list[PartForm]:
        return [form for block in self.blocks for form in block.forms]

    def is_valid(self) -> bool:
        for block in self.blocks:
            block.mark_clashes()
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
            whole = next((one for one in self.blocks if one.part.several and one.name == problem.key), None)
            if at_field is not None:
                at_field.add_error(at_field.field_of(problem), said(problem))
            elif whole is not None:
                whole.told.append(said(problem))
            elif here:
                here[0].add_error(None, said(problem))
            else:
                rest.append(problem)
        return rest


def said(problem: Problem) -> str:
    """A fault in the language of the page, without the place, which is where it is shown."""
    return rule_fault_words(problem, get_language() or "ko")


def _with_unknown(field: forms.Field, value: str) -> forms.Field:
    """A choice also offers what stands in the text, where it is none of its own."""
    field.template_name = "office/value.html"
    if isinstance(field, forms.ChoiceField) and value not in {key for key, _label in field.choices}:
        field.choices = [*field.choices, (value, _("as in the text: %(value)s") % {"value": value})]
    return field
