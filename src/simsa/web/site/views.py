"""Pages of the shell: the way in, the method, pictures, the health of the server, and what is said on failure."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template import loader
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.static import serve
from wagtail.documents import get_document_model
from wagtail.documents.views.serve import serve as serve_document

from simsa.web.api.problems import for_programs, problem
from simsa.web.newsroom.pictures import is_shown, stands_in_public
from simsa.web.public import public_page

PICTURES = {".avif": "image/avif", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
PUBLIC = "public, max-age=31536000, immutable, s-maxage=30"


@public_page
def root(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the front page in the language of their cookie or browser."""
    response = redirect(f"/{get_language()}/")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@public_page
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "simsa/method.html")


@public_page
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 `ok` when pages can be served, which takes a database that answers; 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    closed = ["/cms/", *(f"/{code}/account/" for code, _ in settings.LANGUAGES)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), *_sitemaps(), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")


def _sitemaps() -> list[str]:
    """Those of the newsroom, where there is one."""
    try:
        addresses = [reverse("newsroom_data:sitemaps"), reverse("newsroom_data:news_sitemap")]
    except NoReverseMatch:
        return []
    return [f"Sitemap: {settings.PUBLIC_URL}{address}" for address in addresses]


@public_page
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture in one of the sizes that pages show, where something public shows it; to editors any.

    Nothing else in the media folder has an address. An address changes with the content, so a browser may keep it; what
    stands in front asks again soon, and a picture that was withdrawn is gone within a minute.
    """
    shown = is_shown(path)
    kind = PICTURES.get(PurePosixPath(path).suffix)
    if kind is None or not (shown or request.user.has_perm("wagtailadmin.access_admin")):
        raise Http404("no such picture")
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT / "images"))
    response.headers["Content-Type"] = kind
    response.headers["Cache-Control"] = PUBLIC if shown else "private, no-cache"
    return response


@public_page
def document(request: HttpRequest, pk: str, name: str) -> HttpResponseBase:
    """A document that something public links to; to editors any."""
    found = get_object_or_404(get_document_model(), pk=pk)
    if not (stands_in_public(found) or request.user.has_perm("wagtailadmin.access_admin")):
        raise Http404("no such document")
    return serve_document(request, pk, name)


@public_page
def to_login(request: HttpRequest) -> HttpResponse:
    """Wagtail asks for a login at an address without a language; everyone signs in at the site's own.

    It sends here whoever has signed in and may not, too: signing in once more would lead them round in circles.
    """
    if request.user.is_authenticated and "next" in request.GET:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/cms/"), reverse("account_login"))


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(400) if for_programs(request) else _plain("400.html", 400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"stale_form": True}, status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"missing": True}, status=404)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    return problem(500) if for_programs(request) else _plain("500.html", 500)


def _plain(template: str, status: int) -> HttpResponse:
    """A page that needs no database, no session and no collected files: any of them may be what failed."""
    return HttpResponse(loader.get_template(template).render(), status=status)
