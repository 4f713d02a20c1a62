"""The verbs of uploads: begin one, receive bytes, give it up. What arrives becomes evidence of an entry.

Bytes that were acknowledged are on the disk. Only the arrival of a whole file is an event of the round.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.entries.files import spool
from simsa.web.entries.files.spool import NoRoomError
from simsa.web.entries.models import Entry, Evidence, Upload
from simsa.web.entries.tasks import take_in
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.phases import takes_entries
from simsa.web.programmes.services import StageError, check_stage, hold, record
from simsa.web.programmes.sight import hides_entrants

EXPIRY = timedelta(days=7)
"""After which an upload to which nothing came any more is forgotten."""
KEPT = 8 * 1024 * 1024
"""Bytes after which those of a long request are made durable and count, before the request ends."""
LONGEST = 60.0
"""Seconds after which a request that still brings bytes is answered, so that others have their turn."""
NAME = 255
Reader = Callable[[int], bytes]


class TooLargeError(ValidationError):
    """A file that is larger than the round takes, or more bytes than were announced."""


class OffsetError(RuntimeError):
    """Bytes that do not continue what is there; `offset` says what is."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(_("There are %(offset)d bytes already; go on from there.") % {"offset": offset})


class ChecksumError(RuntimeError):
    """Bytes that are not those that were sent."""


class GoneError(RuntimeError):
    """An upload that was given up, or was forgotten because nothing came any more."""


@dataclass(frozen=True)
class Intake:
    """What a round takes in as evidence: files of `largest` bytes, at most `most` for each criterion of an entry."""

    largest: int
    most: int
    zip_allowed: bool = False
    blind: bool = False


@dataclass(frozen=True)
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes


def intake_of(round_: Round) -> Intake:
    """What a round takes in by its rules, and no file larger than this site takes at all."""
    entries = round_.rules.entries
    largest = min(entries.mebibytes * 1024 * 1024, settings.EVIDENCE_LARGEST)
    return Intake(largest, entries.files, entries.zip, hides_entrants(round_))


def begin_upload(entry: Entry, owner: User, name: str, size: int, criterion: str = "") -> Upload:
    """Begin a file of `size` bytes for a criterion of an entry, or for the entry as a whole.

    TooLargeError; ValidationError for a name, criterion or number of files that cannot be; NoRoomError if the disk is
    full; StageError while the call is not open.
    """
    name = shown_name(name)
    intake = intake_of(entry.round)
    check_size(intake, size)
    if criterion and criterion not in entry.round.rules.by_id:
        raise ValidationError(_("There is no criterion “%(id)s”.") % {"id": criterion}, code="criterion")
    spool.check_room(size)
    with transaction.atomic():
        hold_open(entry.round)
        Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        there = Evidence.objects.there().filter(entry=entry, criterion=criterion)
        if there.exclude(state=Evidence.State.REFUSED).count() >= intake.most:
            message = _("At most %(most)d files are taken here; remove one first.")
            raise ValidationError(message % {"most": intake.most}, code="many")
        last = there.aggregate(last=Max("position"))["last"]
        evidence = Evidence.objects.create(
            entry=entry,
            criterion=criterion,
            name=name,
            size=size,
            position=0 if last is None else last + 1,
            actor=owner.actor,
        )
        upload = Upload.objects.create(evidence=evidence, owner=owner, expires_at=timezone.now() + EXPIRY)
        spool.create(evidence.pk)
    return upload


def add_file(entry: Entry, owner: User, file: UploadedFile, criterion: str = "") -> Evidence:
    """A whole file at once, as a form brings it. Raises what `begin_upload` and `receive` do; nothing is left then."""
    upload = begin_upload(entry, owner, file.name or "", file.size or 0, criterion)
    try:
        return receive(upload.pk, 0, upload.evidence.size, file.read).evidence
    except Exception:
        with suppress(GoneError):
            give_up(upload)
        raise


def check_size(intake: Intake, size: int) -> None:
    """TooLargeError, and ValidationError for an empty file."""
    if size < 1:
        raise ValidationError(_("The file is empty."), code="empty")
    if size > intake.largest:
        message = _("The file is larger than %(most)s, which is the most that is taken here.")
        raise TooLargeError(message % {"most": filesizeformat(intake.largest)}, code="large")


def shown_name(name: str) -> str:
    """The last part of a file's name, composed (NFC) and without what cannot be seen. ValidationError if nothing is
    left, or too much."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip()
    if seen.strip(".") == "" or len(seen) > NAME:
        raise ValidationError(_("A file needs a name of 1 to %(most)d characters.") % {"most": NAME}, code="name")
    return seen


def receive(key: UUID, offset: int, length: int, read: Reader, checksum: Checksum | None = None) -> Upload:
    """Append up to `length` bytes, which `read` hands over in pieces, to an upload that has `offset` already.

    What came before the reader ended, or was cut off, counts; with a checksum, all of it or nothing. The last bytes
    make the file evidence. OffsetError, TooLargeError, ChecksumError, GoneError; BusyError while another request writes
    to this upload; NoRoomError, after which what was acknowledged before is there; StageError.
    """
    upload = _upload(key)
    if upload.offset == upload.evidence.size:  # its file may be gone from here
        _check_fit(upload, offset, length)
        return upload
    with spool.locked(key) as handle:
        upload = _upload(key)
        _check_fit(upload, offset, length)
        if length == 0:
            return upload
        spool.check_room(length)
        file = spool.spooled(handle, key, offset)
        try:
            _take(upload, file, length, read, checksum)
        except (NoRoomError, ChecksumError):
            file.cut()
            raise
    return upload


def _check_fit(upload: Upload, offset: int, length: int) -> None:
    if upload.offset != offset:
        raise OffsetError(upload.offset)
    if offset + length > upload.evidence.size:
        raise TooLargeError(_("These are more bytes than the file was said to have."), code="large")


def _take(upload: Upload, file: spool.Spooled, length: int, read: Reader, checksum: Checksum | None) -> None:
    summed = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    goal, until = file.end + length, time.monotonic() + LONGEST
    while file.end < goal and time.monotonic() < until:
        piece = read(min(spool.PIECE, goal - file.end))
        if not piece:
            break
        file.write(piece)
        if summed is not None:
            summed.update(piece)
        elif file.end - file.offset >= KEPT:
            _count(upload, file)
    if summed is not None and checksum is not None and not hmac.compare_digest(summed.digest(), checksum.digest):
        raise ChecksumError(_("These are not the bytes that were sent; send them again."))
    if file.end > file.offset:
        _count(upload, file)


def _count(upload: Upload, file: spool.Spooled) -> None:
    """What is on the disk counts from here on; a file that is complete becomes evidence."""
    before, evidence = file.offset, upload.evidence
    upload.offset, upload.expires_at = file.flush(), timezone.now() + EXPIRY
    with transaction.atomic():
        rows = Upload.objects.filter(pk=upload.pk, offset=before)
        if not rows.update(offset=upload.offset, expires_at=upload.expires_at):
            raise GoneError(_("This upload was given up."))
        if upload.offset == evidence.size:
            _receive_whole(evidence, file.sha256)
    file.count()


def _receive_whole(evidence: Evidence, sha256: str) -> None:
    round_ = evidence.entry.round
    hold_open(round_)
    evidence.state, evidence.sha256, evidence.received_at = Evidence.State.WAITING, sha256, timezone.now()
    evidence.save(update_fields=["state", "sha256", "received_at"])
    record(round_, "evidence.received", evidence.actor, told(evidence))
    transaction.on_commit(lambda: take_in.enqueue(evidence.pk.hex))


def told(evidence: Evidence) -> dict[str, str | int]:
    """What an event says of a file; its name may name a person."""
    where = {"entry": evidence.entry.entrant.code, "criterion": evidence.criterion}
    return {"evidence": evidence.pk.hex, **where, "size": evidence.size, "sha256": evidence.sha256}


def hold_open(round_: Round) -> None:
    """Keep the round from closing until the transaction ends. StageError if its call is not open now."""
    hold(round_.pk)
    now = Round.objects.get(pk=round_.pk)
    check_stage(now.slug, now.stage, Stage.PREPARING)
    if not takes_entries(now):
        raise StageError(_("The call is not open: nothing is taken, and nothing changes."))


def _upload(key: UUID) -> Upload:
    rows = Upload.objects.select_related("evidence__entry__round__log", "evidence__entry__entrant")
    upload = rows.filter(pk=key).first()
    if upload is None or upload.expires_at <= timezone.now():
        raise GoneError(_("This upload was given up."))
    return upload


def give_up(upload: Upload) -> None:
    """Forget an upload that is not complete, and its bytes. GoneError for one that is: it is evidence now."""
    with transaction.atomic():
        rows = Evidence.objects.select_for_update().filter(pk=upload.pk, state=Evidence.State.UPLOADING)
        evidence = rows.first()
        if evidence is None:
            raise GoneError(_("This file has arrived already; remove it from its entry instead."))
        evidence.delete()
    spool.remove(upload.pk)


def forget_expired() -> int:
    """Give up every upload to which nothing came any more, and what processes that died left; how many there were."""
    expired = Upload.objects.filter(expires_at__lte=timezone.now()).select_related("evidence")
    for upload in expired:
        if upload.evidence.state == Evidence.State.UPLOADING:
            give_up(upload)
        else:
            upload.delete()
    states = [Evidence.State.UPLOADING, Evidence.State.WAITING, Evidence.State.UNREAD]
    needed = Evidence.objects.filter(state__in=states, erased_at=None)
    spool.remove_others(set(needed.values_list("pk", flat=True)))
    return len(expired)
