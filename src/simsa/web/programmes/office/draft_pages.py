"""What all pages of drafts have in common: the draft, what is shown of it, and what a form sent."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.urls import reverse

from simsa.web.programmes.drafting.forms import path_of
from simsa.web.programmes.drafting.sections import SECTIONS, section_of
from simsa.web.programmes.models import Draft


def draft_of(_request: HttpRequest, pk: int, **_kwargs: Any) -> Draft:
    related = ("programme", "based_on", "amends", "author", "proposed_by", "opened")
    found = Draft.objects.filter(pk=pk).select_related(*related).first()
    if found is None:
        raise Http404("no such draft")
    return found


def about(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """What every page of a draft shows."""
    return {
        "draft": draft,
        "sections": SECTIONS,
        "may_edit": draft.is_open and request.user.has_perm("programmes.edit_draft", draft),
    }


def page_of(draft: Draft, key: str) -> str:
    """The page with the forms that a fault belongs to; that of the text where there is none."""
    path = path_of(key)
    found = section_of(path)
    if found is None:
        return reverse("office:draft_text", args=[draft.pk])
    if found.slug == "criteria" and len(path) > 1 and isinstance(path[1], int):
        return reverse("office:draft_criterion", args=[draft.pk, path[1] + 1])
    return reverse("office:draft_section", args=[draft.pk, found.slug])


def number_of(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not given.isdecimal() or len(given) > 9:
        raise SuspiciousOperation(f"{name} is no number")
    return int(given)
