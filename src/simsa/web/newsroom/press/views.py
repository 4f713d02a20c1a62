"""Files of an article, behind the same gate as the article itself: what is not public is for its editors alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import override

from simsa.web.newsroom.embargo import public_articles
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.press.hwpx import as_hwpx
from simsa.web.newsroom.press.pack import as_pack
from simsa.web.newsroom.press.pdf import as_pdf
from simsa.web.newsroom.press.sheet import Sheet, sheet_of
from simsa.web.newsroom.press.text import as_text
from simsa.web.public import public_page

KEPT = 24 * 60 * 60

KINDS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "hwpx": ("application/hwp+zip", as_hwpx),
    "pdf": ("application/pdf", as_pdf),
    "txt": ("text/plain; charset=utf-8", lambda sheet: as_text(sheet).encode()),
    "zip": ("application/zip", as_pack),
}
VERSION = metadata.version("simsa")


@public_page
def file(request: HttpRequest, pk: int, ending: str) -> HttpResponse:
    """An article as a file: the published one for everybody, else the latest draft for those who may edit it."""
    if ending not in KINDS:
        raise Http404("no such file")
    kind, make = KINDS[ending]
    article = public_articles().filter(pk=pk).first()
    draft = article is None
    if article is None:
        article = _draft(request, pk)
    response = HttpResponse(_made(article, ending, make, draft), content_type=kind)
    name = f"{article.slug}-{article.locale.language_code}.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    if draft:
        patch_cache_control(response, private=True, no_store=True)
    return response


def _draft(request: HttpRequest, pk: int) -> ArticlePage:
    page = ArticlePage.objects.filter(pk=pk).first()
    if page is None or not page.permissions_for_user(request.user).can_edit():
        raise Http404("no such article")  # exactly as for one that is not there
    article: ArticlePage = page.get_latest_revision_as_object()
    return article


def _made(article: ArticlePage, ending: str, make: Callable[[Sheet], bytes], draft: bool) -> bytes:
    """The file; of a published article from the cache, until it would say something else."""
    sheet = sheet_of(article, draft=draft)
    if draft:
        return _in_its_language(sheet, make)
    key = f"press.{sheet.digest}.{VERSION}.{ending}"
    made: bytes | None = cache.get(key)
    if made is None:
        made = _in_its_language(sheet, make)
        cache.set(key, made, KEPT)
    return made


def _in_its_language(sheet: Sheet, make: Callable[[Sheet], bytes]) -> bytes:
    """A file says everything in the language of its article, whoever asks for it."""
    with override(sheet.language):
        return make(sheet)
