"""Drafts under the hands of officers: forms with the text beside, and the text itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.rules.nodes import ROOT
from simsa.web.programmes.access import permitted
from simsa.web.programmes.drafting.arranging import added, added_criterion, removed
from simsa.web.programmes.drafting.comparing import line_by_line
from simsa.web.programmes.drafting.criterion_parts import CRITERION
from simsa.web.programmes.drafting.document import Document, EditError
from simsa.web.programmes.drafting.editors import Number
from simsa.web.programmes.drafting.forms import SectionForms, faults_of, path_of, said
from simsa.web.programmes.drafting.parts import Part, Section
from simsa.web.programmes.drafting.places import Path
from simsa.web.programmes.drafting.sections import BY_SLUG, part_at
from simsa.web.programmes.drafting.tree import tree_of
from simsa.web.programmes.models import Draft
from simsa.web.programmes.office.draft_pages import about, draft_of, number_of, page_of
from simsa.web.programmes.services import ChangedMeanwhileError, StageError, save_draft

WEIGHTS = Section(
    "criteria",
    BY_SLUG["criteria"].title,
    (Part(("criterion",), CRITERION.title, (Number(("weight",), gettext_lazy("Weight")),), several=True),),
)
"""What the page of all criteria edits of each; the rest is on a page of its own."""
LONGEST = 200
"""Characters of what a button asks for."""


@permitted("programmes.edit_draft", draft_of)
def text(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """The text of the rules, to be edited as it is."""
    if request.method == "POST":
        given = request.POST.get("text", "").replace("\r\n", "\n")
        if _is_live(request):
            return _beside(request, draft, given)
        return _saved(request, draft, given, reverse("office:draft_text", args=[pk]))
    return render(request, "office/draft_text.html", {**about(request, draft), **_source(draft, draft.text)})


@permitted("programmes.edit_draft", draft_of)
def section(request: HttpRequest, draft: Draft, pk: int, section: str) -> HttpResponse:
    """The forms of one part of the rules, with the text beside."""
    if section not in BY_SLUG:
        raise Http404("no such part")
    shown = WEIGHTS if section == "criteria" else BY_SLUG[section]
    return _forms_page(request, draft, shown, reverse("office:draft_section", args=[pk, section]))


@permitted("programmes.edit_draft", draft_of)
def criterion(request: HttpRequest, draft: Draft, pk: int, number: int) -> HttpResponse:
    """All that can be said of one criterion."""
    here = reverse("office:draft_criterion", args=[pk, number])
    return _forms_page(request, draft, BY_SLUG["criteria"], here, only=("criterion", number - 1))


def _forms_page(request: HttpRequest, draft: Draft, shown: Section, here: str, only: Path = ()) -> HttpResponse:
    posted = request.method == "POST"
    document = Document(_base(draft, number_of(request, "version")) if posted else draft.text)
    if not document.is_toml:
        messages.error(request, _("The text is no TOML at present; mend it here first."))
        return redirect("office:draft_text", draft.pk)
    every = SectionForms(document, shown, request.POST if posted else None, only)
    if only and not every.forms:
        raise Http404("no such criterion")
    if not posted:
        rest = every.show(faults_of(draft.text))
        return render(request, "office/draft_section.html", _forms_context(request, draft, every, rest, here))
    if not every.is_valid():
        if _is_live(request):
            return _beside(request, draft, document.text, every, _("This cannot be read:"))
        context = _forms_context(request, draft, every, [], here)
        return render(request, "office/draft_section.html", {**context, "refused": True}, status=422)
    try:
        edited = _done_to(every.edited(), request.POST.get("do", "")).text
    except EditError as error:
        why = _("Only the text can change this (%(why)s). Nothing was saved.") % {"why": error}
        if _is_live(request):
            return _beside(request, draft, document.text, every, why)
        messages.error(request, why)
        return redirect(here)
    return _beside(request, draft, edited, every) if _is_live(request) else _saved(request, draft, edited, here)


def _forms_context(
    request: HttpRequest, draft: Draft, every: SectionForms, rest: list[Any], here: str
) -> dict[str, Any]:
    tree = tree_of(every.document) if every.section is WEIGHTS else None
    forms_by_number = {form.number: form for form in every.forms}
    return {
        **about(request, draft),
        **_source(draft, every.document.text, every.section, every.only),
        "section": every.section,
        "blocks": every.blocks,
        "tree": tree and [(node, forms_by_number[node.number]) for node in tree],
        "only": every.only,
        "elsewhere": len(rest),
        "here": here,
        "root": ROOT,
    }


def _done_to(document: Document, do: str) -> Document:
    """The document after what a button asked: `add:panel.kind`, `below:total`, `remove:group[2]`, `move:group[2]:0`."""
    verb, _colon, what = do[:LONGEST].partition(":")
    if verb == "below":
        return added_criterion(document, what)
    if verb == "add":
        place = path_of(what)
        part = part_at(place)
        if part is None or part.fresh is None:
            raise SuspiciousOperation("no such part")
        return added(document, part, place)
    if verb in {"remove", "move"}:
        name, _colon, to = what.partition(":")
        at = path_of(name)
        *place, number = at or ("",)
        if verb == "remove":
            one_of_several = isinstance(number, int)
            part = part_at(tuple(place) if one_of_several else at)
            if part is None or not (part.several if one_of_several else part.is_optional):
                raise SuspiciousOperation("no such table")
            return removed(document, part, at)
        if not isinstance(number, int) or not to.isdecimal():
            raise SuspiciousOperation("no such table")
        return document.move(tuple(place), number, int(to))
    return document


def _saved(request: HttpRequest, draft: Draft, given: str, here: str) -> HttpResponse:
    """Save and come back; or, where somebody else saved meanwhile, show both and lose nothing."""
    version = number_of(request, "version")
    try:
        saved = save_draft(draft, given, version=version, by=request.user)  # type: ignore[arg-type]
    except ChangedMeanwhileError as changed:
        base = _base(draft, version)
        context = {
            **about(request, changed.draft),
            "theirs": line_by_line(base, changed.draft.text),
            "mine": line_by_line(base, given),
            "text": given,
            "here": here,
        }
        return render(request, "office/draft_conflict.html", context, status=409)
    except StageError as error:
        messages.error(request, str(error))
        return redirect("office:draft", draft.pk)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(here)
    if saved.version == version:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved as version %(number)d.") % {"number": saved.version})
    return redirect(here)


def _source(draft: Draft, given: str, shown: Section | None = None, only: Path = ()) -> dict[str, Any]:
    """The text, line by line, with its faults; the lines of the section that is shown are marked."""
    faults = faults_of(given)
    by_line: dict[int, list[str]] = {}
    for problem in faults:
        by_line.setdefault(problem.line or 0, []).append(said(problem))
    own = _lines_of(given, shown, only)
    lines = [(number, line, by_line.get(number, []), number in own) for number, line in enumerate(given.split("\n"), 1)]
    told = [(problem, said(problem), page_of(draft, problem.key)) for problem in faults]
    return {"lines": lines if lines[-1][1] else lines[:-1], "faults": told, "first": min(own, default=None)}


def _lines_of(given: str, shown: Section | None, only: Path) -> set[int]:
    """The lines that the forms of a section edit, or of one table of it."""
    document = Document(given)
    if shown is None or not document.is_toml:
        return set()
    places = document.places
    starts = [(header.path, header.start) for header in places.headers] + [
        (one.path, one.key) for one in places.entries
    ]
    return {
        given.count("\n", 0, start) + 1
        for path, start in starts
        if path[: len(only)] == only and any(part.holds(path) for part in shown.parts)
    }


def _beside(
    request: HttpRequest, draft: Draft, given: str, every: SectionForms | None = None, note: str = ""
) -> HttpResponse:
    """What stands beside the forms, for a text that is not saved yet; fields that cannot be read are named."""
    forms = every.forms if every else []
    context = {
        "draft": draft,
        **(_source(draft, given, every.section, every.only) if every else _source(draft, given)),
        "unsaved": given != draft.text,
        "note": note,
        "unread": [(field, field.errors) for form in forms for field in form if field.errors],
    }
    return render(request, "office/beside.html", context)


def _base(draft: Draft, version: int) -> str:
    """The text that somebody had before them."""
    if version == draft.version:
        return draft.text
    found = draft.versions.filter(number=version).first()
    if found is None:
        raise SuspiciousOperation("no such version")
    return str(found.text)


def _is_live(request: HttpRequest) -> bool:
    """Whether the page asks while somebody types, and nothing is to be saved."""
    return request.headers.get("HX-Request") == "true"
