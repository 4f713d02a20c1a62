"""Editors of what is of one of several kinds: what a missing value does, how many are selected, a factor."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.web.programmes.drafting.document import ABSENT, Document
from simsa.web.programmes.drafting.editors import NOT_SAID, Editor, Number, Numbers, OpenChoice, count_field, is_line
from simsa.web.programmes.drafting.places import Path


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

    def faults(self, at: Path, given: Mapping[Path, str], _changed: set[Path]) -> dict[Path, str]:
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
                if not text or not isinstance(mode, str):
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
            count: count_field(gettext_lazy("How many"), ""),
            share: Number((), gettext_lazy("Share, e.g. 0.1")).field(Document("")),
            rounding: OpenChoice(label=gettext_lazy("Rounding of the share"), required=False, choices=modes),
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

    def faults(self, at: Path, given: Mapping[Path, str], _changed: set[Path]) -> dict[Path, str]:
        whole, *parts, _rounding, _best = self.paths(at)
        needed = {path: _("Say how many.") for path in parts if path[-1] == given[whole]}
        return {path: said for path, said in needed.items() if not given[path]}


class FactorOf(Editor):
    """A multiplier: one number, one for each group, or a reported field. Those of groups are rows of their own."""

    def paths(self, at: Path) -> list[Path]:
        whole = (*at, *self.key)
        return [whole, *((*whole, key) for key in ("value", "field", "allowed", "by_group"))]

    def shown(self, document: Document, at: Path) -> dict[Path, str] | None:
        whole, number, field, allowed, _by_group = self.paths(at)
        shown = {whole: "", number: "", field: "", allowed: ""}
        match document.value(whole):
            case {"by_group": dict(), **rest} if not rest:
                return {**shown, whole: "by_group"}
            case {"field": str(name), **rest} if is_line(name) and rest.keys() <= {"allowed"}:
                values = Numbers((), "").text(rest.get("allowed", []))
                return None if values is None else {**shown, whole: "field", field: name, allowed: values}
            case found:
                text = "" if found is ABSENT else Number((), "").text(found)
                return None if text is None else {**shown, whole: "value" if text else "", number: text}

    def fields(self, document: Document, at: Path) -> dict[Path, forms.Field]:
        whole, number, field, allowed, _by_group = self.paths(at)
        kinds = [
            ("", NOT_SAID),
            ("value", gettext_lazy("one number")),
            ("by_group", gettext_lazy("a number for each group")),
            ("field", gettext_lazy("a number that entries report")),
        ]
        return {
            whole: forms.ChoiceField(label=self.label, required=False, choices=kinds),
            number: Number((), gettext_lazy("Factor: the number")).field(document),
            field: forms.CharField(label=gettext_lazy("Factor: the reported field"), required=False),
            allowed: Numbers((), gettext_lazy("Factor: allowed numbers, apart by commas")).field(document),
        }

    def written(self, document: Document, at: Path, given: Mapping[Path, str], changed: set[Path]) -> Document:
        whole, number, field, allowed, _by_group = paths = self.paths(at)
        if not changed & set(paths):
            return document
        before = document.value(whole)
        had = before if isinstance(before, dict) else {}
        match given[whole] or self._meant(at, given, changed):
            case "value":
                return document.put(whole, Number((), "").value(given[number], before))
            case "by_group" if "by_group" in had:
                return document
            case "by_group":
                each = Number((), "").value(given[number] or "1", before)
                return document.put(whole, {"by_group": dict.fromkeys(group_ids(document), each)})
            case "field":
                named = (field, given[field]) if "field" in had else (whole, {"field": given[field]})
                document = document.put(*named)
                if given[allowed]:
                    return document.put(allowed, Numbers((), "").value(given[allowed], document.value(allowed)))
                return document.drop(allowed) if allowed in changed else document
        return document.drop(whole)

    def _meant(self, at: Path, given: Mapping[Path, str], changed: set[Path]) -> str:
        """What was filled in where nobody chose anything."""
        whole, number, field, *_rest = self.paths(at)
        if whole in changed:
            return ""
        return "value" if given[number] else "field" if given[field] else ""

    def faults(self, at: Path, given: Mapping[Path, str], changed: set[Path]) -> dict[Path, str]:
        whole, number, field, allowed, _by_group = self.paths(at)
        needed: dict[Path, str] = {}
        used: set[Path] = set()
        match given[whole] or self._meant(at, given, changed):
            case "value":
                needed, used = {number: _("Write the number.")}, {number}
            case "field":
                needed, used = {field: _("Name the field.")}, {field, allowed}
            case "by_group" if whole in changed:
                used = {number}
        idle = _("This does not belong to the kind of factor that is chosen.")
        found = {path: idle for path in changed & {number, field, allowed} - used if given[path]}
        return found | {path: what for path, what in needed.items() if not given[path]}


def group_ids(document: Document) -> list[str]:
    """The groups that there are."""
    return document.identifiers(("group",))
