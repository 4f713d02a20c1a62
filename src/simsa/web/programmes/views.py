"""The record of a round for machines: its log as tiles (c2sp.org/tlog-tiles), its key, and its bundle."""

from __future__ import annotations

from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header

from simsa.record.log import tile_data
from simsa.record.tiles import Tile, TileError
from simsa.record.verifier import verifier_page
from simsa.web.programmes.access import round_of
from simsa.web.programmes.bundles import public_bundle
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Round, Stage
from simsa.web.public import public_page

FOR_GOOD = 365 * 24 * 3600


@public_page
def checkpoint(request: HttpRequest, slug: str) -> HttpResponse:
    """The last checkpoint, a signed note. Whoever watches the log asks again and again, and must not get an old one."""
    found = DatabaseStore(round_of(request, slug).log).checkpoint()
    assert found is not None  # the log begins with one
    response = _plain(bytes(found))
    patch_cache_control(response, no_cache=True)
    return response


@public_page
def tile(request: HttpRequest, slug: str, path: str) -> HttpResponse:
    """A tile of hashes, or a bundle of entries. It never changes; Http404 for one that the log does not reach yet."""
    round_ = round_of(request, slug)
    try:
        wanted = Tile.parse(path)
    except TileError as error:
        raise Http404("no tile") from error
    if not wanted.within(round_.log.size):
        raise Http404("no such tile yet")
    response = HttpResponse(tile_data(DatabaseStore(round_.log), wanted), content_type="application/octet-stream")
    if round_.published_at is not None:
        patch_cache_control(response, max_age=FOR_GOOD, immutable=True, public=True)
    return response


@public_page
def key(request: HttpRequest, slug: str) -> HttpResponse:
    """The verifier key with which the log began: what a verifier is to be given."""
    return _plain(f"{round_of(request, slug).log.first_key}\n".encode())


@public_page
def bundle(request: HttpRequest, slug: str) -> HttpResponse:
    """The public bundle, once there is a result. Http404 before, also for staff: it would be of another record."""
    round_ = round_of(request, slug)
    if not has_bundle(round_):
        raise Http404("no result yet")
    response = HttpResponse(public_bundle(round_), content_type="application/zip")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{slug}-bundle.zip") or ""
    return response


@public_page
def verifier(request: HttpRequest) -> HttpResponse:
    """The verifier as a page: it reads a bundle in the visitor's browser and sends nothing anywhere."""
    return HttpResponse(_verifier_page())


@cache
def _verifier_page() -> str:
    return verifier_page()


def has_bundle(round_: Round) -> bool:
    """Whether the record states a result."""
    return round_.stage == Stage.ANNOUNCED


def _plain(data: bytes) -> HttpResponse:
    return HttpResponse(data, content_type="text/plain; charset=utf-8")
