"""What every address goes through on its way in, and every answer on its way out."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from simsa.web.accounts.access import SIGNED_IN, WANTED, must_add_factor
from simsa.web.api.problems import for_programs
from simsa.web.entries.files.spool import NoRoomError, check_room

log = logging.getLogger("simsa.site")


class WithoutNul:
    """Refuses NUL in an address: nothing has one in its name, and PostgreSQL stops at it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("NUL in the address")
        return self.get_response(request)


class Language(LocaleMiddleware):
    """The visitor's language. A program is answered at the address that it asked for, also where nothing is."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if for_programs(request) else super().process_response(request, response)


class ContentSecurityPolicy:
    """The browser runs and loads only what this site serves itself (W3C CSP Level 3).

    Adds the policy of the longest matching prefix in `settings.CONTENT_SECURITY_POLICY` to every answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policies = sorted(settings.CONTENT_SECURITY_POLICY.items(), key=lambda item: -len(item[0]))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = next(policy for prefix, policy in self.policies if request.path_info.startswith(prefix))
        # Not as a default: a preview in the editors' room is rendered as a page of the public site, with its policy.
        response.headers["Content-Security-Policy"] = policy
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


LARGEST_OF_STRANGERS = 1_000_000
"""Bytes of a form with files that nobody has signed in for."""
AROUND_A_FILE = 1_000_000
"""Bytes of a form beside the file in it."""


class BoundedForms:
    """Refuses forms with files that are too large, or find no room, before anything reads them.

    The check of a form's token, which stands behind this, writes all its files to the disk. Uploads by tus are read by
    their view alone, which knows how much it may take.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.content_type != "multipart/form-data":
            return self.get_response(request)
        told = request.META.get("CONTENT_LENGTH") or "0"
        size = int(told) if told.isdecimal() else 0
        most = settings.EVIDENCE_LARGEST + AROUND_A_FILE
        if settings.SESSION_COOKIE_NAME not in request.COOKIES and "Authorization" not in request.headers:
            most = LARGEST_OF_STRANGERS
        if size > most:
            return _said(_("The file is larger than what a form may bring here."), 413)
        try:
            check_room(size)
        except NoRoomError:
            log.error("no room for a form with files")
            return _said(_("There is no room for this file now; whoever runs this site has been told."), 507)
        return self.get_response(request)


def _said(message: str, status: int) -> HttpResponse:
    return HttpResponse(f"{message}\n", content_type="text/plain; charset=utf-8", status=status)


COMPRESSED = {
    "text/html",
    "image/svg+xml",
    "text/csv",
    "text/plain",
    "application/json",
    "application/toml",
    "application/xml",
    "application/rss+xml",
    "application/atom+xml",
}


class PublicCompression(GZipMiddleware):
    """gzip for pages and files that are the same for everybody.

    Compressing a secret together with what a visitor asked for tells the secret by its length (BREACH). So nothing is
    compressed for who has a session or a token, and no answer that sets a cookie: a form with a CSRF token always does.
    Django adds a random number of bytes besides.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        private = known or response.cookies
        return response if private or kind not in COMPRESSED else super().process_response(request, response)


def _of_editors(request: HttpRequest) -> bool:
    """Whether an address lies in the editors' rooms, where Wagtail asks each visitor for its own permissions."""
    return request.resolver_match is not None and request.resolver_match.route.startswith("cms/")


class DeniedByDefault:
    """Refuses every view that does not say whom it is for, and sends who needs a second factor to add one first.

    Views say it by `public_page`, `for_everyone_signed_in` or `permitted`; those of the libraries of accounts and of
    the editors' rooms guard themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:  # nothing for others who use the same browser or proxy
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        if getattr(view, "is_public_page", False):
            return None
        of_library = view.__module__.startswith("allauth.")
        if not of_library and not hasattr(view, "permission") and not _of_editors(request):
            raise PermissionDenied(f"{view.__module__}.{view.__qualname__} says for nobody that it is for them")
        at_own = getattr(view, "permission", "") == SIGNED_IN
        if of_library or at_own:
            return None
        if must_add_factor(request.user):
            if request.method == "GET" and not request.htmx:
                request.session[WANTED] = request.get_full_path()
            return redirect("accounts:own")
        if request.user.is_authenticated and WANTED in request.session:
            del request.session[WANTED]
        return None
