"""Who may see and change an entry and its evidence: the entrant's officers change it, those of the round see it while
it is written, and whoever else may see it sees what was submitted last.

Views find what they are about by the functions at the end, which raise Http404 for what is not there.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import rules
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from simsa.web.entries.models import Entry, Evidence, Objection, Upload
from simsa.web.entries.services.objecting import peers_see
from simsa.web.entries.services.submitting import submitted_evidence
from simsa.web.prepared import Prepared
from simsa.web.programmes.access import auditor, has_role, officer, staff
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.phases import takes_entries


def entry_of(found: Any) -> Entry | None:
    """The entry that an object belongs to."""
    if isinstance(found, Upload):
        found = found.evidence
    return found.entry if isinstance(found, Evidence) else found if isinstance(found, Entry) else None


@rules.predicate
def entrant(user: Any, found: Any = None) -> bool:
    entry = entry_of(found)
    return entry is not None and has_role(user, entry.round, Kind.ENTRANT, code=entry.entrant.code)


@rules.predicate
def submitted(_user: Any, found: Any = None) -> bool:
    """A file that the last submission of its entry names."""
    return isinstance(found, Evidence) and found.submitted_at is not None and found in submitted_evidence(found.entry)


@rules.predicate
def open_now(_user: Any, found: Any = None) -> bool:
    entry = entry_of(found)
    return entry is not None and takes_entries(entry.round)


@rules.predicate
def own_upload(user: Any, found: Any = None) -> bool:
    return isinstance(found, Upload) and found.owner_id == user.pk


rules.add_perm("entries.import_entries", officer | staff)
rules.add_perm("entries.view_entries", officer | auditor | staff)
rules.add_perm("entries.view_entry", entrant | officer | auditor | staff)
rules.add_perm("entries.view_draft", entrant | officer)
rules.add_perm("entries.view_drafts", officer)
rules.add_perm("entries.edit_entry", entrant & open_now)
rules.add_perm("entries.submit_entry", entrant)
rules.add_perm("entries.follow_entries", officer | auditor | staff)
rules.add_perm("entries.compare_entries", officer | auditor | staff)
rules.add_perm("entries.remind", officer)
rules.add_perm("entries.rule_objections", officer)
rules.add_perm("entries.rule_objection", officer)


@rules.predicate
def entrant_here(user: Any, found: Any = None) -> bool:
    return isinstance(found, Round) and has_role(user, found, Kind.ENTRANT)


@rules.predicate
def peers_shown(_user: Any, found: Any = None) -> bool:
    return isinstance(found, Round) and peers_see(found, timezone.now())


@rules.predicate
def objected_to(user: Any, found: Any = None) -> bool:
    return isinstance(found, Objection) and entrant(user, found.entry)


@rules.predicate
def objected(user: Any, found: Any = None) -> bool:
    return isinstance(found, Objection) and entrant(user, found.by)


rules.add_perm("entries.view_peers", (entrant_here & peers_shown) | officer | auditor)
rules.add_perm("entries.view_objection", objected | objected_to | officer | auditor)
rules.add_perm("entries.reply_objection", objected_to)


@rules.predicate
def peer(user: Any, found: Any = None) -> bool:
    """Another entrant of the round, where its rules show them now what was submitted."""
    return isinstance(found, Evidence) and bool(entrant_here(user, found.round) and peers_shown(user, found.round))


rules.add_perm("entries.view_evidence", entrant | officer | ((auditor | staff | peer) & submitted))
rules.add_perm("entries.view_copy", entrant | officer | ((auditor | staff | peer) & submitted))
"""The pages of a file, and its copy that tells nobody who made it. The panel's room adds who scores the entry."""
rules.add_perm("entries.edit_evidence", entrant & open_now)
rules.add_perm("entries.examine_again", officer)
rules.add_perm("entries.view_upload", entrant & own_upload)
rules.add_perm("entries.send_upload", entrant & own_upload & open_now)


def entry_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Entry:
    """An entry by its number."""
    found = _ENTRY(pk=pk)
    if not found:
        raise Http404("no such entry")
    return found[0]


_ENTRY = Prepared(
    lambda pk: Entry.objects.filter(pk=pk).select_related("round__programme", "round__log", "entrant").order_by(),
    pk=2023,
)


def objection_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Objection:
    """An objection by its number."""
    rows = Objection.objects.select_related("entry__round__programme", "entry__entrant", "by__round", "by__entrant")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("no such objection")
    return found


def upload_at(_request: HttpRequest, pk: UUID, **_kwargs: object) -> Upload:
    """An upload, also when it is complete."""
    rows = Upload.objects.select_related("evidence__entry__round__programme", "evidence__entry__entrant")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("no such upload")
    return found


def evidence_at(_request: HttpRequest, pk: UUID, **_kwargs: object) -> Evidence:
    """A file of an entry, whatever has become of it."""
    found = _evidence().filter(pk=pk).first()
    if found is None:
        raise Http404("no such file")
    return found


def file_at(_request: HttpRequest, pk: UUID, **_kwargs: object) -> Evidence:
    """A file that has arrived and whose bytes are still there, removed from its entry or not."""
    there = _evidence().filter(pk=pk, erased_at=None)
    found = there.filter(state__in=[Evidence.State.WAITING, Evidence.State.UNREAD, Evidence.State.READY]).first()
    if found is None:
        raise Http404("no such file")
    return found


def _evidence() -> QuerySet[Evidence]:
    return Evidence.objects.select_related("entry__round__programme", "entry__round__log", "entry__entrant").defer(
        "text"
    )
