"""Drafts of rules: what is wrong, what is different, and the proposal; versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from simsa.rules import parse
from simsa.tables.words import rules_words
from simsa.web.programmes.access import permitted
from simsa.web.programmes.drafting.comparing import in_words, line_by_line
from simsa.web.programmes.drafting.document import Document, EditError
from simsa.web.programmes.drafting.forms import faults_of, name_of, said
from simsa.web.programmes.drafting.sections import only_in_text
from simsa.web.programmes.models import Draft
from simsa.web.programmes.office.draft_pages import about, draft_of, number_of, page_of
from simsa.web.programmes.services import (
    ChangedMeanwhileError,
    StageError,
    approve_freeze,
    discard_draft,
    proposal_faults,
    propose_freeze,
    restore_draft,
    take_up_draft,
    withdraw_proposal,
)


class ProposalForm(forms.Form):
    """What a proposal says besides the rules."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stands in the record for everybody to read. Name no persons."),
    )  # fmt: skip
    seed_source = forms.CharField(
        label=gettext_lazy("Where the seed of lots will come from"), required=False, max_length=200,
        help_text=gettext_lazy("For example the numbers of a lottery draw after the close of scoring."),
    )  # fmt: skip

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        super().__init__(*args, initial={"reason": draft.reason, "seed_source": draft.seed_source}, **kwargs)
        del self.fields["seed_source" if draft.amends else "reason"]


@permitted("programmes.view_draft", draft_of)
def check(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """What is wrong, what the rules say in words, what is different from the round that it began as; the proposal."""
    language = get_language() or "ko"
    faults = faults_of(draft.text)
    other = draft.compared_with
    context = {
        **about(request, draft),
        "faults": [(problem, said(problem), page_of(draft, problem.key)) for problem in faults],
        "words": [] if faults else rules_words(parse(draft.text), language),
        "hash": "" if faults else parse(draft.text).hash,
        "barred": proposal_faults(draft) if draft.is_open and not faults else [],
        "other": other,
        "in_words": other and in_words(other.rules_toml, draft.text, language),
        "lines": other and line_by_line(other.rules_toml, draft.text),
        "only_in_text": _only_in_text(draft.text),
        "proposal": ProposalForm(draft=draft),
        "put_away": draft.steps.first() if draft.state == Draft.State.DISCARDED else None,
        "may_take_up": draft.state == Draft.State.DISCARDED and request.user.has_perm("programmes.edit_draft", draft),
        "may_approve": draft.state == Draft.State.PROPOSED and request.user.has_perm("programmes.approve_draft", draft),
    }
    return render(request, "office/draft.html", context)


@permitted("programmes.view_draft", draft_of)
def versions(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """All versions, what each changed, and what else was done with the draft."""
    found = list(draft.versions.select_related("author"))
    before = [*found[1:], None]
    rows = [(one, line_by_line(old.text, one.text) if old else []) for one, old in zip(found, before, strict=True)]
    context = {**about(request, draft), "rows": rows, "steps": draft.steps.select_related("by")}
    return render(request, "office/draft_versions.html", context)


@require_POST
@permitted("programmes.edit_draft", draft_of)
def restore(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """Bring an earlier version back as a new one."""
    number, version = number_of(request, "number"), number_of(request, "version")
    if not draft.versions.filter(number=number).exists():
        raise Http404("no such version")
    return _done(
        request, draft, lambda: restore_draft(draft, number, version=version, by=request.user),  # type: ignore[arg-type]
        _("Version %(number)d is back, as a new version.") % {"number": number},
    )  # fmt: skip


@require_POST
@permitted("programmes.edit_draft", draft_of)
def propose(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """Ask another officer to freeze these rules."""
    form, version = ProposalForm(request.POST, draft=draft), number_of(request, "version")
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
        return redirect("office:draft", draft.pk)
    return _done(
        request,
        draft,
        lambda: propose_freeze(draft, version=version, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
        _("Proposed. Another officer of the programme has to approve."),
    )


@require_POST
@permitted("programmes.approve_draft", draft_of)
def approve(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """Freeze what another officer proposed."""
    return _done(
        request, draft,
        lambda: approve_freeze(draft, rules_hash=request.POST.get("hash", ""), by=request.user),  # type: ignore[arg-type]
        _("The rules are frozen and in force."),
    )  # fmt: skip


@require_POST
@permitted("programmes.edit_draft", draft_of)
def withdraw(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """Take the proposal back."""
    return _done(
        request, draft, lambda: withdraw_proposal(draft, by=request.user),  # type: ignore[arg-type]
        _("The proposal was withdrawn."),
    )  # fmt: skip


@require_POST
@permitted("programmes.edit_draft", draft_of)
def discard(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """Put the draft away."""
    return _done(
        request, draft, lambda: discard_draft(draft, by=request.user),  # type: ignore[arg-type]
        _("The draft was put away; it can be taken up again here."),
    )  # fmt: skip


@require_POST
@permitted("programmes.edit_draft", draft_of)
def take_up(request: HttpRequest, draft: Draft, pk: int) -> HttpResponse:
    """Write on in a draft that was put away."""
    return _done(
        request, draft, lambda: take_up_draft(draft, by=request.user),  # type: ignore[arg-type]
        _("The draft is back; it can be written on."),
    )  # fmt: skip


def _done(request: HttpRequest, draft: Draft, verb: Callable[[], object], told: str) -> HttpResponse:
    try:
        verb()
        messages.success(request, told)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except (StageError, ChangedMeanwhileError) as error:
        messages.error(request, str(error))
    return redirect("office:draft", draft.pk)


def _only_in_text(given: str) -> list[tuple[str, int | None]]:
    try:
        return [(name_of(path), line) for path, line in only_in_text(Document(given))]
    except EditError:
        return []
