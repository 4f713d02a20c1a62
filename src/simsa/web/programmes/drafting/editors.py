"""How one thing that rules say is shown in a form, and written back into the text.

An editor knows one key (or a few that belong together), which fields show it, and which edit of the document each
change is. It shows only what it can show without loss: of anything else it says so, and the text alone has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.rules import exact_text, parse_decimal
from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.places import Path

Label = str | Promise
Choices = Sequence[tuple[str, Label]]
_DIGITS = 100  # before or behind the point: more is no number that a field can show
NOT_SAID = gettext_lazy("(not said)")


@dataclass(frozen=True)
class Editor:
    """One key, `key` from the table that a form is of."""

    key: tuple[str, ...]
    label: Label
    help: Label = ""

    def paths(self, at: Path) -> list[Path]:
        """All keys that it shows, whether they are there or not."""
        return [(*at, *self.key)]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        """What its fields hold, by path; None for what only the text can show."""
        value = document.value((*at, *self.key))
        text = "" if value is ABSENT else self.text(value)
        return None if text is None else {(*at, *self.key): text}

    def fields(self, document: Document, at: Path) -> dict[Path, forms.Field]:
        """Its fields, by path."""
        return {(*at, *self.key): self.field(document)}

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        """The document with what was `changed` among its fields."""
        path = (*at, *self.key)
        if path not in changed:
            return document
        if given[path]:
            return document.put(path, self.value(given[path], document.value(path)))
        return without(document, path, at)

    def faults(self, _at: Path, _given: Mapping[Path, str], _changed: set[Path]) -> dict[Path, str]:
        """What is missing among its fields, by path."""
        return {}

    def text(self, value: Any) -> str | None:
        """A value as its field shows it; None if it cannot."""
        return value if is_line(value) else None

    def value(self, text: str, _before: Any) -> Any:
        """What stands in the text for what was entered; `_before` stood there."""
        return text

    def field(self, _document: Document) -> forms.Field:
        return forms.CharField(label=self.label, help_text=self.help, required=False, strip=True)


class Words(Editor):
    """A text."""


class Prose(Editor):
    """A text of one line or several."""

    def text(self, value: Any) -> str | None:
        return value if is_prose(value) else None

    def field(self, _document: Document) -> forms.Field:
        return prose_field(self.label, self.help)


class Number(Editor):
    """An exact decimal, in the manner in which it was written: as a number, or as text."""

    def text(self, value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, Decimal):
            return format(value, "f") if abs(value.adjusted()) <= _DIGITS else None
        return value if is_line(value) else None

    def value(self, text: str, before: Any) -> Any:
        shortest = exact_text(parse_decimal(text))
        return shortest if isinstance(before, str) else Decimal(shortest) if "." in shortest else int(shortest)

    def field(self, _document: Document) -> forms.Field:
        return forms.CharField(
            label=self.label,
            help_text=self.help,
            required=False,
            validators=[_is_decimal],
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )


class Count(Editor):
    """A whole number."""

    def text(self, value: Any) -> str | None:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else None

    def value(self, text: str, _before: Any) -> Any:
        return int(text)

    def field(self, _document: Document) -> forms.Field:
        return count_field(self.label, self.help)


@dataclass(frozen=True)
class Choice(Editor):
    """One of several words; `choices` may depend on what else the document says."""

    choices: Choices | Callable[[Document], Choices] = ()

    def field(self, document: Document) -> forms.Field:
        choices = self.choices(document) if callable(self.choices) else self.choices
        return OpenChoice(label=self.label, help_text=self.help, required=False, choices=[("", NOT_SAID), *choices])


class Flag(Editor):
    """Yes or no; not said is another thing, and mostly means no."""

    def text(self, value: Any) -> str | None:
        return ("true" if value else "false") if isinstance(value, bool) else None

    def value(self, text: str, _before: Any) -> Any:
        return text == "true"

    def field(self, _document: Document) -> forms.Field:
        choices = [("", NOT_SAID), ("true", gettext_lazy("yes")), ("false", gettext_lazy("no"))]
        return forms.ChoiceField(label=self.label, help_text=self.help, required=False, choices=choices)


class Moment(Editor):
    """A local date and time."""

    def text(self, value: Any) -> str | None:
        local = isinstance(value, datetime) and value.tzinfo is None and not value.microsecond
        return value.isoformat(timespec="seconds" if value.second else "minutes") if local else None

    def value(self, text: str, _before: Any) -> Any:
        return datetime.fromisoformat(text)

    def field(self, _document: Document) -> forms.Field:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any", "max": "9999-12-31T23:59:59"})
        return forms.CharField(
            label=self.label, help_text=self.help, required=False, validators=[_is_moment], widget=widget
        )


class Day(Editor):
    """A date."""

    def text(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None

    def value(self, text: str, _before: Any) -> Any:
        return date.fromisoformat(text)

    def field(self, _document: Document) -> forms.Field:
        widget = forms.DateInput(attrs={"type": "date", "max": "9999-12-31"})
        return forms.CharField(
            label=self.label, help_text=self.help, required=False, validators=[_is_day], widget=widget
        )


class Texts(Editor):
    """A list of texts, apart by commas."""

    def text(self, value: Any) -> str | None:
        plain = isinstance(value, list) and all(is_line(item) and item and "," not in item for item in value)
        return ", ".join(value) if plain else None

    def value(self, text: str, _before: Any) -> Any:
        return _apart(text)


class Numbers(Editor):
    """A list of exact decimals, apart by commas; those that stay are written as they were."""

    def text(self, value: Any) -> str | None:
        shown = [Number((), "").text(item) for item in value] if isinstance(value, list) else [None]
        plain = [text for text in shown if text and "," not in text]
        return ", ".join(plain) if len(plain) == len(shown) else None

    def value(self, text: str, before: Any) -> Any:
        had = list(before) if isinstance(before, list) else []
        as_before = {Number((), "").text(item): item for item in had}
        manner = had[0] if had else None
        return [as_before.get(one, Number((), "").value(one, manner)) for one in _apart(text)]

    def field(self, _document: Document) -> forms.Field:
        return forms.CharField(label=self.label, help_text=self.help, required=False, validators=[_are_decimals])


class OpenChoice(forms.ChoiceField):
    """Also lets stand what stands in the text, known or not: the rules say what is wrong with it."""

    def valid_value(self, value: str) -> bool:
        return True


def _apart(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def is_line(value: Any) -> bool:
    """Whether a field of one line can hold a text, and sends it back as it is."""
    return isinstance(value, str) and value == value.strip() and not any(c < " " or c == "\x7f" for c in value)


def is_prose(value: Any) -> bool:
    """Whether a field of several lines can hold a text, and sends it back as it is."""
    return isinstance(value, str) and is_line(value.replace("\n", "|")) and value == value.strip()


def without(document: Document, path: Path, at: Path) -> Document:
    """Without a key, and without the tables around it (up to that of the form) in which nothing is left."""
    document = document.drop(path)
    while len(path := path[:-1]) > len(at) and document.value(path) == {}:
        document = document.drop(path)
    return document


class _ProseField(forms.CharField):
    """Browsers end lines in their own way."""

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value or "").replace("\r\n", "\n"))


def prose_field(label: Label, help_text: Label = "") -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 2})
    return _ProseField(label=label, help_text=help_text, required=False, widget=widget)


def count_field(label: Label, help_text: Label) -> forms.Field:
    return forms.RegexField(
        r"^[0-9]{1,9}$",
        label=label,
        help_text=help_text,
        required=False,
        error_messages={"invalid": gettext_lazy("Write a whole number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def _is_decimal(text: str) -> None:
    try:
        parse_decimal(text)
    except ValueError:
        raise forms.ValidationError(_("Write a decimal, e.g. 0.25.")) from None


def _are_decimals(text: str) -> None:
    for one in _apart(text):
        _is_decimal(one)


def _is_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError(_("Write a date, e.g. 2024-07-01.")) from None


def _is_moment(text: str) -> None:
    try:
        local = datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        local = False
    if not local or len(text) <= len("2024-07-01"):  # a day alone would be midnight, which nobody wrote
        raise forms.ValidationError(_("Write date and time, e.g. 2024-07-01T18:00."))
