"""The verbs of evidence that has arrived: take it in, order it, remove it."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from simsa.web.entries.evidence import Examined, Finding, NotNowError, TooLongError, examine
from simsa.web.entries.files import spool, storage
from simsa.web.entries.files.storage import COPY, ORIGINAL, StorageError, page_part
from simsa.web.entries.files.uploads import hold_open, intake_of, told
from simsa.web.entries.models import Entry, Evidence
from simsa.web.entries.models.evidence import EvidenceQuerySet
from simsa.web.entries.tasks import take_in
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import record

log = logging.getLogger("simsa.entries")
State = Evidence.State
PATIENCE = timedelta(minutes=1)
"""How long a file that has arrived waits before it is examined once more."""

ATTEMPTS = 3
"""How often it may take too long to examine a file before nobody tries any more by themselves."""

UNREAD = Finding("unread")
"""What is said of such a file."""

REGRET = timedelta(days=1)
"""How long the bytes of a removed or refused file are kept, should that have been a mistake."""


class ChangedEvidenceError(RuntimeError):
    """What lies in the storage is not what was received."""


def evidence_of(entry: Entry, criterion: str | None = None) -> list[Evidence]:
    """The files of an entry, or of one criterion of it, in the order in which they are shown."""
    found = Evidence.objects.there().filter(entry=entry).defer("text").select_related("upload")
    return list(found if criterion is None else found.filter(criterion=criterion))


def unread_files(round_: Round) -> EvidenceQuerySet:
    """The files of a round that could not be examined."""
    files = Evidence.objects.there().filter(entry__round=round_, state=State.UNREAD)
    return files.select_related("entry__entrant").defer("text").order_by("entry__position", "position")


def take_in_evidence(key: UUID) -> str:
    """Examine a file that has arrived, and store it with what was made of it; the state it is in now.

    Where the scanner, the storage or the machine is not ready it goes on waiting; where it took too long `ATTEMPTS`
    times it is stored without having been examined. What was done already is not done again.
    """
    evidence = Evidence.objects.select_related("entry__round__log", "entry__entrant").get(pk=key)
    if evidence.state != State.WAITING:
        return evidence.state
    try:
        with spool.locked(key), tempfile.TemporaryDirectory(prefix=spool.EXAMINED, dir=settings.UPLOADS) as made:
            found = _examined(evidence, Path(made))
            _store(evidence, found)
            _conclude(evidence, found)
    except (NotNowError, StorageError, spool.NoRoomError, spool.BusyError) as error:
        log.warning("evidence %s waits: %s", key, error)
        return State.WAITING.value
    if evidence.state != State.UNREAD:  # whoever tries again needs it here
        spool.remove(key)
    return str(evidence.state)


def examine_again(evidence: Evidence, *, actor: str) -> None:
    """Try again to examine a file that could not be; an officer's decision. Nothing happens in any other state."""
    with transaction.atomic():
        again = Evidence.objects.filter(pk=evidence.pk, state=State.UNREAD, erased_at=None)
        if again.update(state=State.WAITING, attempts=0, faults=[]):
            record(evidence.entry.round, "evidence.tried_again", actor, told(evidence))
            transaction.on_commit(lambda: take_in.enqueue(evidence.pk.hex))


def _examined(evidence: Evidence, made: Path) -> Examined:
    intake = intake_of(evidence.entry.round)
    try:
        return examine(
            spool.path_of(evidence.pk),
            evidence.name,
            made,
            allow_zip=intake.zip_allowed,
            blind=intake.blind,
            scanner=settings.CLAMAV,
        )
    except TooLongError:
        evidence.attempts += 1
        evidence.save(update_fields=["attempts"])
        if evidence.attempts < ATTEMPTS:
            raise
        return Examined(None, (UNREAD,))


def _store(evidence: Evidence, found: Examined) -> None:
    """The original also of what is refused: it may have been submitted before anybody could know."""
    if not found.faults:
        for number, page in enumerate(found.pages, start=1):
            storage.put(evidence, page_part(number), page.picture)
        if found.cleaned is not None:
            storage.put(evidence, COPY, found.cleaned)
    storage.put(evidence, ORIGINAL, spool.path_of(evidence.pk))


def _conclude(evidence: Evidence, found: Examined) -> None:
    evidence.state = State.UNREAD if UNREAD in found.faults else State.REFUSED if found.faults else State.READY
    evidence.kind = found.kind or ""
    evidence.faults = [[one.code, one.detail] for one in found.faults]
    evidence.notes = [[one.code, one.detail] for one in found.notes]
    evidence.traces = [[one.code, one.place, one.value] for one in found.traces]
    evidence.pages = [[page.width, page.height] for page in found.pages]
    evidence.text, evidence.cleaned = found.text.replace("\0", ""), found.cleaned is not None
    with transaction.atomic():
        evidence.save(update_fields=["state", "kind", "faults", "notes", "traces", "pages", "text", "cleaned"])
        said = {"state": evidence.state, "kind": evidence.kind, "faults": [one.code for one in found.faults]}
        record(evidence.entry.round, "evidence.examined", "system", {"evidence": evidence.pk.hex, **said})


def take_in_waiting() -> int:
    """Have everything that still waits examined once more, unless such work is queued already; how many files."""
    if DBTaskResult.objects.ready().filter(task_path=take_in.module_path).exists():
        return 0
    since = timezone.now() - PATIENCE
    waiting = list(Evidence.objects.filter(state=State.WAITING, received_at__lte=since).values_list("pk", flat=True))
    for key in waiting:
        take_in.enqueue(key.hex)
    return len(waiting)


def remove_evidence(evidence: Evidence, *, actor: str) -> None:
    """Take a file that has arrived out of its entry. What was submitted before is kept, anything else erased later."""
    with transaction.atomic():
        hold_open(evidence.entry.round)
        evidence = _locked(evidence)
        if evidence.removed_at is not None:
            return
        evidence.removed_at = timezone.now()
        evidence.save(update_fields=["removed_at"])
        record(evidence.entry.round, "evidence.removed", actor, told(evidence))


def erase_unneeded() -> int:
    """Erase the bytes of what was removed or refused a while ago and never submitted; of how many files."""
    before = timezone.now() - REGRET
    unneeded = Q(removed_at__lte=before) | Q(state=State.REFUSED, received_at__lte=before)
    rows = Evidence.objects.filter(unneeded, submitted_at=None, erased_at=None).exclude(state=State.WAITING)
    erased = 0
    for evidence in rows.select_related("entry__round").defer("text"):
        try:
            storage.erase(evidence, len(evidence.pages))
            spool.remove(evidence.pk)
        except StorageError as error:
            log.warning("evidence %s is to be erased and is still there: %s", evidence.pk, error)
            break
        erased += rows.filter(pk=evidence.pk).update(erased_at=timezone.now(), text="", traces=[])
    return erased


def move_evidence(evidence: Evidence, by: int, *, actor: str) -> None:
    """Move a file up (`by` below zero) or down among the files of its criterion; at the end it stays there."""
    with transaction.atomic():
        hold_open(evidence.entry.round)
        entry = Entry.objects.select_for_update(of=("self",)).get(pk=evidence.entry_id)
        files = evidence_of(entry, evidence.criterion)
        before = [one.pk for one in files]
        if evidence.pk not in before:
            return
        here = before.index(evidence.pk)
        files.insert(max(0, here + by), files.pop(here))
        if [one.pk for one in files] == before:
            return
        for position, one in enumerate(files):
            Evidence.objects.filter(pk=one.pk).exclude(position=position).update(position=position)
        order = {"entry": evidence.entry.entrant.code, "criterion": evidence.criterion}
        record(evidence.entry.round, "evidence.ordered", actor, order | {"order": [one.pk.hex for one in files]})


def original(evidence: Evidence, start: int = 0) -> Iterator[bytes]:
    """The bytes of a file as it was received, from `start` on. StorageError if they cannot be had."""
    if evidence.state == State.WAITING and spool.path_of(evidence.pk).exists():
        return spool.pieces(evidence.pk, start)
    return storage.pieces(evidence, ORIGINAL, start)


def check_evidence(evidence: Evidence) -> None:
    """ChangedEvidenceError if the bytes are no longer those that were received."""
    found, size = hashlib.sha256(), 0
    for piece in original(evidence):
        found.update(piece)
        size += len(piece)
    if (found.hexdigest(), size) != (evidence.sha256, evidence.size):
        raise ChangedEvidenceError(f"evidence {evidence.pk}: {size} bytes with SHA-256 {found.hexdigest()}")


def _locked(evidence: Evidence) -> Evidence:
    rows = Evidence.objects.select_for_update(of=("self",)).select_related("entry__round__log", "entry__entrant")
    return rows.get(pk=evidence.pk)
