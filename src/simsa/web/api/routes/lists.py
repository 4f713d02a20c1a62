"""The entries and the panel of a round: read, and imported by the verbs of `simsa.web.entries` and `.panel`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Router, Status

from simsa.rules import exact_text
from simsa.web.api.access import entry_for, own_code, round_for, user_of
from simsa.web.api.paging import Paged, check_match, etag_of, page, tag
from simsa.web.api.schemas import (
    EntriesImport,
    EntryIn,
    EntryOut,
    EntryPage,
    ImportOut,
    ImportPage,
    PlanOut,
    ReviewerIn,
    ReviewerPage,
    ReviewersImport,
)
from simsa.web.entries.lists.drafts import undo_import
from simsa.web.entries.lists.kinds import KINDS
from simsa.web.entries.models import Import
from simsa.web.entries.services import EntryRow, RowFault, import_entries, plan_entries, refuse_rows
from simsa.web.entries.services.importing import Held
from simsa.web.entries.services.plans import Change, Plan
from simsa.web.panel.models import Reviewer
from simsa.web.panel.services import ReviewerRow, import_reviewers, plan_reviewers
from simsa.web.panel.services.listing import panel_of
from simsa.web.programmes.access import check
from simsa.web.programmes.models import Stage
from simsa.web.programmes.services import lock

router = Router(tags=["lists"])
Imported = Status[dict[str, Any]]


@router.get("/rounds/{slug}/entries", response=EntryPage, operation_id="listEntries")
def entries(request: HttpRequest, response: HttpResponse, slug: str, part: Paged) -> dict[str, Any]:
    """The entries in their order; for an entrant's officer, the own one. The ETag is that of all that is listed."""
    round_ = round_for(request, slug)
    code = own_code(request, round_)
    if code is None:
        check(user_of(request), "entries.view_entries", round_)
    held = Held.of(round_)
    listed = [one for one in held.entries if code in (None, one)]
    tag(response, etag_of(held.states if code is None else {one: held.states[one] for one in listed}))
    return page(request, listed, part, lambda one: _entry(held.row(one)))


@router.get("/rounds/{slug}/entries/{path:code}", response=EntryOut, operation_id="readEntry")
def read_entry(request: HttpRequest, response: HttpResponse, slug: str, code: str) -> dict[str, Any]:
    entry = entry_for(request, slug, code, "entries.view_entry")
    held = Held.of(entry.round)
    tag(response, etag_of(held.states[code]))
    return _entry(held.row(code))


@router.post("/rounds/{slug}/entries", response={200: PlanOut, 201: PlanOut}, operation_id="importEntries")
def import_into_entries(request: HttpRequest, response: HttpResponse, slug: str, given: EntriesImport) -> Imported:
    """Import entries, all or nothing. `If-Match` carries the ETag of the list of entries that was read."""
    round_ = round_for(request, slug, "entries.import_entries", writes=True)
    rows = [_row(n, row) for n, row in enumerate(given.rows, start=1)]
    how = {"update": given.update, "remove": given.remove}
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        check_match(request, etag_of(Held.of(round_).states))
        plan = plan_entries(round_, rows, **how)
        refuse_rows(plan.faults)
        if given.dry_run:
            return Status(200, _plan(plan, None))
        done = import_entries(round_, rows, **how, actor=user_of(request).actor)
        tag(response, etag_of(Held.of(round_).states))
    return Status(201, _plan(plan, done))


@router.get("/rounds/{slug}/reviewers", response=ReviewerPage, operation_id="listReviewers")
def reviewers(request: HttpRequest, response: HttpResponse, slug: str, part: Paged) -> dict[str, Any]:
    """The panel in its order. The ETag is that of all of it."""
    round_ = round_for(request, slug, "panel.view_reviewers")
    panel = panel_of(round_)
    tag(response, _panel_etag(panel.values()))
    return page(request, list(panel.values()), part, _reviewer)


@router.post("/rounds/{slug}/reviewers", response={200: PlanOut, 201: PlanOut}, operation_id="importReviewers")
def import_into_panel(request: HttpRequest, response: HttpResponse, slug: str, given: ReviewersImport) -> Imported:
    """Import reviewers, all or nothing. `If-Match` carries the ETag of the panel that was read."""
    round_ = round_for(request, slug, "panel.import_reviewers", writes=True)
    rows = [_member(row) for row in given.rows]
    how = {"update": given.update, "remove": given.remove}
    with transaction.atomic():
        round_ = lock(round_, Stage.PREPARING)
        check_match(request, _panel_etag(panel_of(round_).values()))
        plan = plan_reviewers(round_, rows, **how)
        refuse_rows(plan.faults)
        if given.dry_run:
            return Status(200, _plan(plan, None))
        done = import_reviewers(round_, rows, **how, actor=user_of(request).actor)
        tag(response, _panel_etag(panel_of(round_).values()))
    return Status(201, _plan(plan, done))


@router.get("/rounds/{slug}/imports", response=ImportPage, operation_id="listImports")
def imports(request: HttpRequest, slug: str, part: Paged) -> dict[str, Any]:
    """The lists that were taken into the round, the last first."""
    round_ = round_for(request, slug, "entries.view_entries")
    return page(request, round_.imports.order_by("-pk"), part, _import)


@router.post("/rounds/{slug}/imports/{pk}/undo", response=ImportOut, operation_id="undoImport")
def undo(request: HttpRequest, slug: str, pk: Annotated[int, Path(ge=1, le=10**18)]) -> dict[str, Any]:
    """Take an import back, exactly, if nothing depends on what it brought."""
    round_ = round_for(request, slug, "entries.view_entries", writes=True)
    done = Import.objects.filter(round=round_, pk=pk).select_related("round").first()
    if done is None:
        raise Http404("no such import")
    check(user_of(request), KINDS[done.kind].permission, round_)
    undo_import(done, actor=user_of(request).actor)
    done.refresh_from_db()
    return _import(done)


def _row(n: int, given: EntryIn) -> EntryRow:
    reported = {(one.criterion, one.field): Fraction(one.number) for one in given.reported}
    if len(reported) != len(given.reported):
        refuse_rows([RowFault(n, "reported", "a number is reported twice")])
    return EntryRow(
        code=given.code,
        group=given.group,
        name_ko=given.name_ko,
        name_en=given.name_en,
        region=given.region,
        latitude=_degrees(given.latitude),
        longitude=_degrees(given.longitude),
        fields=given.fields,
        reported=reported,
    )


def _member(given: ReviewerIn) -> ReviewerRow:
    return ReviewerRow(given.code, given.name, given.fields)


def _degrees(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _entry(row: EntryRow) -> dict[str, Any]:
    said = row.said
    return {
        "code": row.code,
        "group": row.group,
        "name_ko": row.name_ko,
        "name_en": row.name_en,
        "region": row.region,
        "latitude": said["latitude"] or None,
        "longitude": said["longitude"] or None,
        "fields": dict(row.fields),
        "reported": [
            {"criterion": criterion, "field": name, "number": exact_text(number)}
            for (criterion, name), number in sorted(row.reported.items())
        ],
    }


def _reviewer(reviewer: Reviewer) -> dict[str, Any]:
    return {"code": reviewer.code, "name": reviewer.name, "fields": reviewer.fields}


def _panel_etag(panel: Iterable[Reviewer]) -> str:
    return etag_of([[one.code, one.name, one.fields, one.position] for one in panel])


def _plan(plan: Plan, done: Import | None) -> dict[str, Any]:
    return {
        "import_id": None if done is None else done.pk,
        "added": _changes(plan.added),
        "changed": _changes(plan.changed),
        "unchanged": plan.unchanged,
        "removed": _changes(plan.removed),
    }


def _changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "row": change.row,
            "code": change.code,
            "name": change.name,
            "differences": [vars(one) for one in change.differences],
        }
        for change in changes
    ]


def _import(done: Import) -> dict[str, Any]:
    kept = ("kind", "actor", "at", "file_name", "sha256", "rows", "undone_at")
    return {"id": done.pk, **{name: getattr(done, name) for name in kept}}
