"""How one thing that rules say is shown in a form, and written back into the text.

An editor knows one key (or a few that belong together), which fields show it, and which edit of the document each
change is. It shows only what it can show without loss: of anything else it says so, and the text alone has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
        return _without(document, path, at)

    def faults(self, _at: Path, _given: Mapping[Path, str]) -> dict[Path, str]:
        """What is missing among its fields, by path."""
        return {}

    def text(self, value: Any) -> str | None:
        """A value as its field shows it; None if it cannot."""
        return value if _is_line(value) else None

    def value(self, text: str, _before: Any) -> Any:
        """What stands in the text for what was entered; `_before` stood there."""
        return text

    def field(self, _document: Document) -> forms.Field:
        return forms.CharField(label=self.label, help_text=self.help, required=False, strip=True)


class Words(Editor):
    """A text."""


class Number(Editor):
    """An exact decimal, in the manner in which it was written: as a number, or as text."""

    def text(self, value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, Decimal):
            return format(value, "f")
        return value if _is_line(value) else None

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
        return _count(self.label, self.help)


@dataclass(frozen=True)
class Choice(Editor):
    """One of several words; `choices` may depend on what else the document says."""

    choices: Choices | Callable[[Document], Choices] = ()

    def field(self, document: Document) -> forms.Field:
        choices = self.choices(document) if callable(self.choices) else self.choices
        return _Choice(label=self.label, help_text=self.help, required=False, choices=[("", NOT_SAID), *choices])


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


class Texts(Editor):
    """A list of texts, apart by commas."""

    def text(self, value: Any) -> str | None:
        plain = isinstance(value, list) and all(_is_line(item) and item and "," not in item for item in value)
        return ", ".join(value) if plain else None

    def value(self, text: str, _before: Any) -> Any:
        return [item.strip() for item in text.split(",") if item.strip()]


class Named(Editor):
    """A name in Korean and English; one text stands for both."""

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, (*whole, "ko"), (*whole, "en")]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, korean, english = self.paths(at)
        match document.value(whole):
            case str() as one if _is_line(one):
                return {korean: "", english: "", (*whole, _language(document)): one}
            case dict() as names if names.keys() <= {"ko", "en"} and all(map(_is_line, names.values())):
                return {korean: names.get("ko", ""), english: names.get("en", "")}
            case found:
                return {korean: "", english: ""} if found is ABSENT else None

    def fields(self, _document: Document, at: Path) -> dict[Path, forms.Field]:
        _whole, korean, english = self.paths(at)
        labels = (_("%(what)s, Korean") % {"what": self.label}, _("%(what)s, English") % {"what": self.label})
        return {
            path: forms.CharField(label=label, required=False)
            for path, label in zip((korean, english), labels, strict=True)
        }

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, *both = self.paths(at)
        if not changed & set(both):
            return document
        if isinstance(document.value(whole), dict) and any(given[path] for path in both):
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
        return {path: _count(label, "") for path, label in zip((least, most), labels, strict=True)}

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


class Effect(Editor):
    """What a missing value does."""

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, (*whole, "value")]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, number = self.paths(at)
        match document.value(whole):
            case "leave_out" | "no_result" | "refuse" as kind:
                return {whole: kind, number: ""}
            case {"value": value, **rest} if not rest and (text := Number((), "").text(value)) is not None:
                return {whole: "value", number: text}
            case found:
                return {whole: "", number: ""} if found is ABSENT else None

    def fields(self, _document: Document, at: Path) -> dict[Path, forms.Field]:
        whole, number = self.paths(at)
        choices = [
            ("", NOT_SAID),
            ("leave_out", gettext_lazy("is left out")),
            ("no_result", gettext_lazy("no result")),
            ("refuse", gettext_lazy("the tally stops")),
            ("value", gettext_lazy("counts as this number:")),
        ]
        counts_as = Number((), _("%(what)s: the number") % {"what": self.label})
        return {
            whole: forms.ChoiceField(label=self.label, required=False, choices=choices),
            number: counts_as.field(Document("")),
        }

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, number = self.paths(at)
        if not changed & {whole, number}:
            return document
        if not given[whole]:
            return document.drop(whole)
        if given[whole] != "value":
            return document.put(whole, given[whole])
        value = Number((), "").value(given[number], document.value(number))
        if document.value(number) is not ABSENT:
            return document.put(number, value)
        return document.put(whole, {"value": value})

    def faults(self, at: Path, given: Mapping[Path, str]) -> dict[Path, str]:
        whole, number = self.paths(at)
        return {number: _("Write the number.")} if given[whole] == "value" and not given[number] else {}


class QuotaOf(Editor):
    """How many are selected: so many, a share, or the best alone."""

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, *((*whole, key) for key in ("count", "share", "rounding", "best"))]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, count, share, rounding, _best = self.paths(at)
        shown = {whole: "", count: "", share: "", rounding: ""}
        match document.value(whole):
            case bool():
                return None
            case int() as number:
                return {**shown, whole: "count", count: str(number)}
            case {"count": int() as number, **rest} if not rest and not isinstance(number, bool):
                return {**shown, whole: "count", count: str(number)}
            case {"best": True, **rest} if not rest:
                return {**shown, whole: "best"}
            case {"share": part, **rest} if rest.keys() <= {"rounding"}:
                text, mode = Number((), "").text(part), rest.get("rounding", "")
                if text is None or not isinstance(mode, str):
                    return None
                return {**shown, whole: "share", share: text, rounding: mode}
            case found:
                return shown if found is ABSENT else None

    def fields(self, _document: Document, at: Path) -> dict[Path, forms.Field]:
        whole, count, share, rounding, _best = self.paths(at)
        kinds = [
            ("", NOT_SAID),
            ("count", gettext_lazy("so many")),
            ("share", gettext_lazy("a share of the group")),
            ("best", gettext_lazy("the best alone")),
        ]
        modes = [
            ("", NOT_SAID),
            ("down", gettext_lazy("rounded down")),
            ("half_up", gettext_lazy("rounded half up")),
            ("up", gettext_lazy("rounded up")),
        ]
        return {
            whole: forms.ChoiceField(label=self.label, required=False, choices=kinds),
            count: _count(gettext_lazy("How many"), ""),
            share: Number((), gettext_lazy("Share, e.g. 0.1")).field(Document("")),
            rounding: _Choice(label=gettext_lazy("Rounding of the share"), required=False, choices=modes),
        }

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, count, share, rounding, _best = self.paths(at)
        if not changed & {whole, count, share, rounding}:
            return document
        before = document.value(whole)
        match given[whole]:
            case "count":
                number = int(given[count])
                return document.put(count if isinstance(before, dict) and "count" in before else whole, number)
            case "best":
                return document.put(whole, {"best": True})
            case "share":
                had = isinstance(before, dict) and "share" in before
                part = Number((), "").value(given[share], document.value(share) if had else "")
                if not had:
                    document = document.put(whole, {"share": part})
                document = document.put(share, part)
                return document.put(rounding, given[rounding]) if given[rounding] else document.drop(rounding)
        return document.drop(whole)

    def faults(self, at: Path, given: Mapping[Path, str]) -> dict[Path, str]:
        whole, *parts, _rounding, _best = self.paths(at)
        needed = {path: _("Say how many.") for path in parts if path[-1] == given[whole]}
        return {path: said for path, said in needed.items() if not given[path]}


class _Choice(forms.ChoiceField):
    """Also lets stand what stands in the text, known or not: the rules say what is wrong with it."""

    def valid_value(self, value: str) -> bool:
        return True


def _is_line(value: Any) -> bool:
    """Whether a field of one line can hold a text, and sends it back as it is."""
    return isinstance(value, str) and value == value.strip() and not any(c < " " or c == "\x7f" for c in value)


def _without(document: Document, path: Path, at: Path) -> Document:
    """Without a key, and without the tables around it (up to that of the form) in which nothing is left."""
    document = document.drop(path)
    while len(path := path[:-1]) > len(at) and document.value(path) == {}:
        document = document.drop(path)
    return document


def _language(document: Document) -> str:
    """That of a text that stands for all languages."""
    return "en" if document.value(("round", "language")) == "en" else "ko"


def _count(label: Label, help_text: Label) -> forms.Field:
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


def _is_moment(text: str) -> None:
    try:
        local = datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        local = False
    if not local:
        raise forms.ValidationError(_("Write date and time, e.g. 2024-07-01T18:00."))
