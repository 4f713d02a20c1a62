"""Pages that are the same for everybody are made once and kept for a moment; no view says how long it may be kept.

A page counts as such where its view is marked public (`simsa.web.public`), the visitor has no session, and the answer
sets no cookie. It is kept for `KEPT` seconds at most, and until somebody publishes something: every process asks the
database at most once a second whether that has happened. What stands in front (nginx, a CDN) may keep it for `SHARED`
seconds, which nginx counts in whole ones, so that a correction is everywhere within five; a browser asks every time
whether what it has still holds. What a visitor with a session is shown is for them alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_http_date_safe

from simsa.web.public import edition

KEPT, SHARED = 30, 3
LARGEST = 512 * 1024
"""Bytes; what is larger (a media pack) is made from its own cache, and not kept in memory once more."""
_KNOWN = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")


class PageCache:
    """Keeps and hands out public pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _for_everybody(request):
            return _for_one(request, self.get_response(request))
        try:
            key = _key(request, edition())
        except DatabaseError:  # the view says it better
            return self.get_response(request)
        kept = caches["pages"].get(key)
        if kept is None:
            response = self._whole(request)
            if not _the_same_for_everybody(request, response):
                return _conditional(request, response)
            kept = response.content, dict(response.headers)
            if request.method == "GET" and len(response.content) <= LARGEST:
                caches["pages"].set(key, kept, KEPT)
        return _conditional(request, _answer(*kept))

    def _whole(self, request: HttpRequest) -> HttpResponse:
        """The answer to a visitor who has nothing yet: a "not modified" could not be kept for others."""
        known = {name: request.META.pop(name) for name in _KNOWN if name in request.META}
        response = self.get_response(request)
        request.META.update(known)
        return response


def _for_everybody(request: HttpRequest) -> bool:
    own = {settings.SESSION_COOKIE_NAME, "messages"}
    return request.method in ("GET", "HEAD") and own.isdisjoint(request.COOKIES)


def _the_same_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        response.status_code == 200
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


def _answer(content: bytes, headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(content, headers=headers)
    response.headers["Cache-Control"] = f"public, max-age=0, s-maxage={SHARED}"
    patch_vary_headers(response, ["Cookie"])
    return response


def _for_one(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if getattr(request, "is_public_page", False):
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A tag decides; a date only where there is none, as for a picture: what was withdrawn leaves no later date."""
    tag = response.headers.get("ETag")
    changed = None if tag else parse_http_date_safe(response.headers.get("Last-Modified", ""))
    return get_conditional_response(request, etag=tag, last_modified=changed, response=response) or response
