"""Pages of lists: send one, tell its columns, look at what it would change, confirm it, take it back."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from simsa.tables.table import TableError
from simsa.tables.words.faults import fault_words
from simsa.web.accounts.access import View, actor_of
from simsa.web.accounts.models import User
from simsa.web.entries.lists import drafts
from simsa.web.entries.lists.fault_files import fault_table
from simsa.web.entries.lists.forms import ColumnsForm, ListForm
from simsa.web.entries.lists.kinds import KINDS, ListKind
from simsa.web.entries.models import Import, ImportDraft
from simsa.web.entries.services.plans import StalePlanError
from simsa.web.exports import SHEETS, download, table_file
from simsa.web.programmes.access import check, round_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError

SHOWN = 300
"""So many rows of each part of a preview are shown; the rest is counted."""


def for_kind(view: View) -> View:
    """The view is for who may import lists of the kind into the round: `view(request, round, kind, ...)`."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, kind: str, **kwargs: Any) -> Any:
        if kind not in KINDS:
            raise Http404("no such list")
        round_ = round_of(request, slug)
        check(request.user, KINDS[kind].permission, round_)
        return view(request, round_, KINDS[kind], **kwargs)

    guarded.permission = "the kind's own (`ListKind.permission`)"  # type: ignore[attr-defined]
    return guarded


@for_kind
def index(request: HttpRequest, round_: Round, kind: ListKind) -> HttpResponse:
    """Send a list, and see those that were taken and those that wait."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            kept = drafts.begin_draft(
                round_,
                kind,
                given["file"].read(),
                given["file"].name,
                sheet=given["sheet"],
                header_row=given["header_row"],
                removes=given["removes"],
                actor=actor_of(request),
            )
        except TableError as error:
            form.add_error("file", fault_words(str(error), get_language() or "ko"))
        except StageError as error:
            form.add_error(None, str(error))
        else:
            return redirect("entries:list_draft", round_.slug, kind.key, kept.pk)
    context = {
        "form": form,
        "imports": _named(round_.imports.filter(kind=kind.key)),
        "drafts": round_.import_drafts.filter(kind=kind.key),
        "open": round_.stage == Stage.PREPARING,
    }
    return _page(request, "entries/lists.html", round_, kind, context)


@require_safe
@for_kind
def draft(request: HttpRequest, round_: Round, kind: ListKind, pk: int) -> HttpResponse:
    """What confirming a list would do."""
    return _draft_page(request, round_, kind, _draft(round_, kind, pk))


@require_POST
@for_kind
def columns(request: HttpRequest, round_: Round, kind: ListKind, pk: int) -> HttpResponse:
    """Say what the columns hold."""
    kept = _draft(round_, kind, pk)
    form = ColumnsForm(kept, request.POST)
    if form.is_valid():
        try:
            drafts.map_draft(kept, form.mapping, removes=form.cleaned_data["removes"])
        except drafts.MappingError as error:
            form.add_error(None, str(error))
        else:
            return redirect("entries:list_draft", round_.slug, kind.key, kept.pk)
    return _draft_page(request, round_, kind, kept, form)


@require_POST
@for_kind
def confirm(request: HttpRequest, round_: Round, kind: ListKind, pk: int) -> HttpResponse:
    """Do what was shown, if that is still what would be done."""
    kept = round_.import_drafts.filter(kind=kind.key, pk=pk).first()
    if kept is None:
        messages.info(request, _("This list was confirmed or dropped before."))
        return redirect("entries:lists", round_.slug, kind.key)
    try:
        drafts.confirm_draft(kept, request.POST.get("state", ""), actor=actor_of(request))
    except StalePlanError as error:
        messages.warning(request, str(error))
    except (ValidationError, StageError) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
    else:
        messages.success(request, _("The list was taken into the round."))
        return redirect("entries:lists", round_.slug, kind.key)
    return redirect("entries:list_draft", round_.slug, kind.key, pk)


@require_POST
@for_kind
def drop(request: HttpRequest, round_: Round, kind: ListKind, pk: int) -> HttpResponse:
    """Forget a list."""
    round_.import_drafts.filter(kind=kind.key, pk=pk).delete()
    messages.info(request, _("The list was dropped; nothing has changed."))
    return redirect("entries:lists", round_.slug, kind.key)


@require_safe
@for_kind
def faults(request: HttpRequest, round_: Round, kind: ListKind, pk: int, ending: str) -> HttpResponse:
    """The faulty rows of a list as a file."""
    kept = _draft(round_, kind, pk)
    table = fault_table(drafts.look_at(kept), kind)
    if ending not in SHEETS or not len(table):
        raise Http404("no such file")
    return download(table_file(table, ending), f"{round_.slug}-faults", ending)


@require_POST
@for_kind
def undo(request: HttpRequest, round_: Round, kind: ListKind, pk: int) -> HttpResponse:
    """Take an import back."""
    done = Import.objects.filter(round=round_, kind=kind.key, pk=pk).first()
    if done is None:
        raise Http404("no such import")
    try:
        drafts.undo_import(done, actor=actor_of(request))
    except (ValidationError, StageError) as error:
        for what in getattr(error, "messages", [str(error)])[:SHOWN]:
            messages.error(request, what)
    else:
        messages.success(request, _("The import was undone; everything is as it was before."))
    return redirect("entries:lists", round_.slug, kind.key)


def _named(imports: Iterable[Import]) -> list[tuple[Import, str, str]]:
    """Imports with the names of who made and undid them, where those have an account."""
    found = list(imports)
    people = {person.actor: str(person) for person in User.objects.filter(pk__in=_numbers(found))}
    return [(one, people.get(one.actor, one.actor), people.get(one.undone_by, one.undone_by)) for one in found]


def _numbers(imports: Iterable[Import]) -> set[int]:
    actors = {actor for one in imports for actor in (one.actor, one.undone_by)}
    return {int(actor.removeprefix("person/")) for actor in actors if actor.startswith("person/")}


def _draft_page(
    request: HttpRequest, round_: Round, kind: ListKind, kept: ImportDraft, form: ColumnsForm | None = None
) -> HttpResponse:
    shown = drafts.look_at(kept)
    said = get_language() or "ko"
    wrong = [(shown.line(fault.row), kind.label(fault.field), fault.what) for fault in shown.faults]
    wrong += [(error.line, error.field, fault_words(error.what, said)) for error in shown.unread]
    context = {
        "draft": kept,
        "shown": shown,
        "columns": form or ColumnsForm(kept),
        "lacking": [kind.label(key) for key in shown.lacking],
        "wrong": sorted(wrong, key=lambda one: one[0] or 0)[:SHOWN],
        "wrong_count": len(wrong),
        "changed": _changes(shown, kind),
        "added": [(shown.line(change.row), change) for change in shown.plan.added[:SHOWN]] if shown.plan else [],
        "removed": shown.plan.removed[:SHOWN] if shown.plan else [],
        "most": SHOWN,
    }
    return _page(request, "entries/list_draft.html", round_, kind, context)


def _changes(shown: drafts.Shown, kind: ListKind) -> list[dict[str, Any]]:
    """Each field that changes, one row of the table for each; a code and its name stand before the first."""
    changed = shown.plan.changed[:SHOWN] if shown.plan else ()
    return [
        {
            "change": change,
            "line": shown.line(change.row),
            "fields": [(kind.label(one.key), one.before, one.after) for one in change.differences],
        }
        for change in changed
    ]


def _draft(round_: Round, kind: ListKind, pk: int) -> ImportDraft:
    found: ImportDraft | None = round_.import_drafts.filter(kind=kind.key, pk=pk).first()
    if found is None:
        raise Http404("no such list")
    return found


def _page(request: HttpRequest, template: str, round_: Round, kind: ListKind, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, {"round": round_, "kind": kind, **context})
    response.headers["Cache-Control"] = "no-store"
    return response
