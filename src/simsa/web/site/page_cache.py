"""Pages that are the same for everybody are made once and kept for a moment.

A page counts as such where its view is marked public (`simsa.web.public`), the visitor has no session, and the answer
sets no cookie. It is kept for `KEPT` seconds at most, and until somebody publishes something: every process asks the
database at most once a second whether that has happened. What stands in front (nginx, a CDN) may keep it for `SHARED`
seconds, so that a correction is everywhere within five.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from simsa.web.site.models import Edition

KEPT, SHARED = 30, 4
_ASKED = 1.0
_HEADERS = ("Content-Type", "Content-Encoding", "Content-Language", "Vary", "Link", "Last-Modified")


@dataclass
class _Known:
    """The edition as this process last saw it."""

    number: int = -1
    at: float = float("-inf")


_known, _lock = _Known(), threading.Lock()


def edition() -> int:
    """A number that grows with everything that is published; at most a second old."""
    now = time.monotonic()
    with _lock:
        if now - _known.at >= _ASKED:
            _known.number = Edition.objects.filter(pk=1).values_list("number", flat=True).first() or 0
            _known.at = now
        return _known.number


def new_edition(**_signal: object) -> None:
    """From now on every page is made anew."""
    Edition.objects.get_or_create(pk=1)
    Edition.objects.filter(pk=1).update(number=F("number") + 1)
    with _lock:
        _known.at = float("-inf")


class PageCache:
    """Keeps and hands out public pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _for_everybody(request):
            return self.get_response(request)
        try:
            key = _key(request, edition())
        except DatabaseError:  # the view says it better
            return self.get_response(request)
        kept = cache.get(key)
        if kept is not None:
            return _answer(request, *kept)
        response = self.get_response(request)
        if not _keepable(request, response):
            return response
        etag = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
        cache.set(key, (response.content, headers, etag), KEPT)
        return _answer(request, response.content, headers, etag)


def _for_everybody(request: HttpRequest) -> bool:
    own = {settings.SESSION_COOKIE_NAME, "messages"}
    return request.method in ("GET", "HEAD") and own.isdisjoint(request.COOKIES)


def _keepable(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and getattr(request, "is_public_page", False)
        and not response.streaming
        and not response.cookies
        and "Cache-Control" not in response.headers
    )


def _key(request: HttpRequest, number: int) -> str:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    partial = request.headers.get("HX-Request", "") == "true"
    asked = f"{number}|{request.scheme}|{request.get_host()}|{request.get_full_path()}|{packed}|{partial}"
    return f"page:{hashlib.sha256(asked.encode()).hexdigest()}"


def _answer(request: HttpRequest, content: bytes, headers: dict[str, str], etag: str) -> HttpResponse:
    fresh = request.headers.get("If-None-Match", "") == etag
    response = HttpResponse(b"" if fresh else content, status=304 if fresh else 200)
    for name, value in headers.items():
        response.headers[name] = value
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age=0, s-maxage={SHARED}, stale-while-revalidate={KEPT}"
    patch_vary_headers(response, ["Cookie"])
    return response
