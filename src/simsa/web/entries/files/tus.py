"""Resumable uploads: the protocol tus 1.0 (https://tus.io/protocols/resumable-upload) in front of the verbs of uploads.

Core, creation, creation-with-upload, termination, checksum and expiration. A body is read piece by piece into the file,
never into memory. At most three quarters of the process's threads receive at the same time, so that pages and saves
find one free however many files arrive; who finds no place is asked to come again in a moment.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from simsa.web.entries.access import entry_at, upload_at
from simsa.web.entries.files import uploads
from simsa.web.entries.files.spool import BusyError, LostError, NoRoomError
from simsa.web.entries.files.uploads import Checksum, ChecksumError, GoneError, OffsetError, TooLargeError
from simsa.web.entries.models import Entry, Upload
from simsa.web.programmes.access import check, permitted
from simsa.web.programmes.services import StageError

log = logging.getLogger("simsa.entries")
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CHECKSUMS = ("sha256", "sha1")
BYTES = "application/offset+octet-stream"
PATIENCE = 20
"""Seconds without a byte after which a connection counts as lost."""
COME_AGAIN = 2
"""Seconds."""
_places = threading.BoundedSemaphore(max(1, settings.THREADS * 3 // 4))


class NoPlaceError(RuntimeError):
    """So many files are arriving that this one must wait."""


class RequestError(ValueError):
    """A request that does not follow the protocol; `status` is its answer."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


Handler = Callable[[HttpRequest, Any], HttpResponse]
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (TooLargeError, 413),
    (ValidationError, 400),
    (OffsetError, 409),
    (ChecksumError, 460),
    (GoneError, 410),
    (BusyError, 423),
    (NoPlaceError, 429),
    (StageError, 403),
    (NoRoomError, 507),
    (LostError, 500),
)


def _spoken(**handlers: Handler) -> Callable[[HttpRequest, Any], HttpResponse]:
    """A view of tus: the handler of each method, in the protocol's version, with its errors as answers."""

    def view(request: HttpRequest, found: Any, **_kwargs: Any) -> HttpResponse:
        method = request.method or ""
        if method == "POST":  # which was checked for the token of forms
            method = request.headers.get("X-HTTP-Method-Override", method)
        try:
            response = _handled(request, found, method, handlers)
        except RequestError as error:
            response = _text(str(error), error.status)
        except tuple(kind for kind, _status in STATUS) as error:
            response = _refused(error)
        response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return view


def _handled(request: HttpRequest, found: Any, method: str, handlers: dict[str, Handler]) -> HttpResponse:
    if method == "OPTIONS":
        spoken = {"Tus-Extension": EXTENSIONS, "Tus-Checksum-Algorithm": ",".join(CHECKSUMS)}
        largest = uploads.intake_of(found.round).largest
        return HttpResponse(status=204, headers={**spoken, "Tus-Max-Size": str(largest)})
    if method not in handlers:
        response = _text(_("This cannot be done here."), 405)
        response.headers["Allow"] = ", ".join(["OPTIONS", *handlers])
        return response
    if request.headers.get("Tus-Resumable") != VERSION:
        raise RequestError(412, f"Tus-Resumable: {VERSION}")
    return handlers[method](request, found)


def _refused(error: Exception) -> HttpResponse:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    if isinstance(error, LostError | NoRoomError):
        log.error("%s", error)
    if isinstance(error, NoRoomError):
        return _text(_("There is no room for this file now; whoever runs this site has been told."), status)
    if isinstance(error, LostError):
        return _text(_("What had arrived of this file is not there; upload it anew."), status)
    if isinstance(error, BusyError | NoPlaceError):
        response = _text(_("Many files are arriving; go on in a moment."), status)
        response.headers["Retry-After"] = str(COME_AGAIN)
        return response
    response = _text(" ".join(error.messages) if isinstance(error, ValidationError) else str(error), status)
    if isinstance(error, OffsetError):
        response.headers["Upload-Offset"] = str(error.offset)
    return response


def _text(message: str, status: int) -> HttpResponse:
    return HttpResponse(f"{message}\n", content_type="text/plain; charset=utf-8", status=status)


def _create(request: HttpRequest, entry: Entry) -> HttpResponse:
    size = _number(request, "Upload-Length")
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    with_bytes = request.content_type == BYTES
    begun = uploads.begin_upload(entry, request.user, told.get("filename", ""), size, told.get("criterion", ""))
    response = HttpResponse(status=201, headers={"Location": reverse("entries:upload", args=[begun.pk])})
    if with_bytes:
        try:
            begun = _receive(request, begun, 0)
        except (ChecksumError, NoPlaceError, NoRoomError, TooLargeError) as error:
            uploads.give_up(begun)
            return _refused(error)
        response.headers["Upload-Offset"] = str(begun.offset)
    return _expiring(response, begun)


def _tell(request: HttpRequest, upload: Upload) -> HttpResponse:
    evidence = upload.evidence
    told = {"filename": evidence.name, "criterion": evidence.criterion}
    encoded = [f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items() if value]
    headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(evidence.size)}
    return _expiring(HttpResponse(headers={**headers, "Upload-Metadata": ",".join(encoded)}), upload)


def _append(request: HttpRequest, upload: Upload) -> HttpResponse:
    check(request.user, "entries.send_upload", upload)
    if request.content_type != BYTES:
        raise RequestError(415, f"Content-Type: {BYTES}")
    upload = _receive(request, upload, _number(request, "Upload-Offset"))
    return _expiring(HttpResponse(status=204, headers={"Upload-Offset": str(upload.offset)}), upload)


def _end(request: HttpRequest, upload: Upload) -> HttpResponse:
    check(request.user, "entries.send_upload", upload)
    uploads.give_up(upload)
    return HttpResponse(status=204)


def _receive(request: HttpRequest, upload: Upload, offset: int) -> Upload:
    """Hand the body of a request on to the verb. RequestError where its length is not known beforehand."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise RequestError(411, "Content-Length")
    checksum = _checksum(request.headers.get("Upload-Checksum", ""))
    if not _places.acquire(blocking=False):
        raise NoPlaceError
    try:
        return uploads.receive(upload.pk, offset, int(length), _reader(request), checksum)
    finally:
        _places.release()


def _reader(request: HttpRequest) -> uploads.Reader:
    """Reads the body until it ends, or the connection is lost: either way what has come, has come."""
    socket = request.META.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(PATIENCE)

    def read(size: int) -> bytes:
        try:
            return bytes(request.read(size))
        except OSError:
            return b""

    return read


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not re.fullmatch("[0-9]{1,18}", value):
        raise RequestError(400, f"{name}: {value!r}")
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """What a client says of a file: pairs of a name and a value in base64."""
    told = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        name, _space, value = pair.partition(" ")
        try:
            told[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise RequestError(400, f"Upload-Metadata: {name}") from None
    return told


def _checksum(header: str) -> Checksum | None:
    if not header:
        return None
    algorithm, _space, value = header.partition(" ")
    try:
        if algorithm not in CHECKSUMS:
            raise ValueError(algorithm)
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except ValueError:
        raise RequestError(400, f"Upload-Checksum: {' '.join(CHECKSUMS)}") from None


def _expiring(response: HttpResponse, upload: Upload) -> HttpResponse:
    response.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


creation = permitted("entries.edit_entry", entry_at)(_spoken(POST=_create))
upload = permitted("entries.view_upload", upload_at)(_spoken(HEAD=_tell, PATCH=_append, DELETE=_end))
