"""Evidence handed out: as attachments that do nothing where they are opened, or from an address under another host.

With `settings.FILES_URL` the site answers who may have a file with a link that is signed and soon no longer holds;
under the other host name nobody is signed in, so what a file might do there, it does to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from simsa.web.entries.access import file_at
from simsa.web.entries.files import storage
from simsa.web.entries.files.keeping import original
from simsa.web.entries.files.storage import COPY, ORIGINAL, StorageError, page_part
from simsa.web.entries.models import Evidence
from simsa.web.programmes.access import permitted
from simsa.web.public import public_page

VALID = 300
"""Seconds for which a link to the other host holds: to begin a download, not to pass it on."""
ENDING = re.compile(r"\.[a-z0-9]{1,5}")
_signer = signing.TimestampSigner(salt="simsa.evidence")


@permitted("entries.view_evidence", file_at)
@require_safe
def original_file(request: HttpRequest, evidence: Evidence, **_kwargs: object) -> HttpResponseBase:
    """A file as it was handed in."""
    return _file(request, evidence, ORIGINAL)


@permitted("entries.view_copy", file_at)
@require_safe
def copy(request: HttpRequest, evidence: Evidence, **_kwargs: object) -> HttpResponseBase:
    """The copy that tells nobody who made it."""
    if not evidence.cleaned:
        raise Http404("no copy")
    return _file(request, evidence, COPY)


def _file(request: HttpRequest, evidence: Evidence, part: str) -> HttpResponseBase:
    if not settings.FILES_URL:
        return attachment(request, evidence, part)
    token = _signer.sign(f"{evidence.pk.hex}.{part}")
    return HttpResponseRedirect(f"{settings.FILES_URL}{reverse('entries_data:signed', args=[token])}")


@public_page
def signed(request: HttpRequest, token: str) -> HttpResponseBase:
    """What a signed link names, under the other host name alone."""
    if not settings.FILES_URL or request.get_host() != urlsplit(settings.FILES_URL).netloc:
        raise Http404("not here")
    try:
        key, _dot, part = _signer.unsign(token, max_age=VALID).partition(".")
    except signing.BadSignature:
        raise Http404("no such link, or no longer") from None
    return attachment(request, file_at(request, UUID(hex=key)), part)


@permitted("entries.view_copy", file_at)
@require_safe
def page(request: HttpRequest, evidence: Evidence, number: int, **_kwargs: object) -> HttpResponseBase:
    """A picture of one page, made here."""
    if not 1 <= number <= len(evidence.pages):
        raise Http404("no such page")
    part = page_part(number)
    try:
        return _answer(storage.size_of(evidence, part), storage.pieces(evidence, part), "image/webp")
    except StorageError:
        return _no_answer()


def attachment(request: HttpRequest, evidence: Evidence, part: str) -> HttpResponseBase:
    """A stored part of a file, or the range of it that is asked for, to be saved; 503 while the store is away."""
    try:
        size = evidence.size if part == ORIGINAL else storage.size_of(evidence, part)
        start, end = _range(request.headers.get("Range", ""), size)
        if start >= size:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        whole = original(evidence, start) if part == ORIGINAL else storage.pieces(evidence, part, start)
        response = _answer(end - start, _first(whole, end - start), "application/octet-stream")
    except StorageError:
        return _no_answer()
    response.headers["Accept-Ranges"] = "bytes"
    name = evidence.name if part == ORIGINAL else _neutral(evidence)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    if end - start < size:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _neutral(evidence: Evidence) -> str:
    """A name for the copy that tells nobody who made it: that of the original may."""
    ending = PurePath(evidence.name).suffix.lower()
    return f"{evidence.pk.hex[:8]}{ending if ENDING.fullmatch(ending) else ''}"


def _no_answer() -> HttpResponse:
    message = _("The store of files does not answer now; try again in a while.")
    return HttpResponse(f"{message}\n", content_type="text/plain; charset=utf-8", status=503)


def _answer(size: int, pieces: Iterator[bytes], kind: str) -> StreamingHttpResponse:
    begun = _begun(pieces)
    headers = {"Content-Length": str(size), "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(begun, content_type=kind, headers=headers)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, the first of which are there: a store that does not answer is known before the answer begins."""
    first = next(pieces, b"")

    def all_of_them() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_of_them()


def _first(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        if size <= 0:
            return
        yield piece[:size]
        size -= len(piece)


def _range(header: str, size: int) -> tuple[int, int]:
    """From where to where (exclusive): one range of bytes (RFC 9110, 14.1.2), or else everything."""
    asked = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header.strip())
    if asked is None or asked[0] == "bytes=-":
        return 0, size
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)) if int(last) else size, size
    if last and int(last) < int(first):
        return 0, size
    return int(first), min(size, int(last) + 1) if last else size
