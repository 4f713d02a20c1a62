"""Pages of lists, and the ETags by which a program says what it has read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

from simsa.record import canonical_text
from simsa.rules import digest
from simsa.web.api.problems import PreconditionMissingError
from simsa.web.entries.services.plans import StalePlanError


class Part(Schema):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


Paged = Annotated[Part, Query()]


def page(
    request: HttpRequest, rows: Sequence[Any] | QuerySet[Any], part: Part, shown: Callable[[Any], Any]
) -> dict[str, Any]:
    """A part of a list, how long all of it is, and where the next part is."""
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    end = part.offset + part.limit
    following = f"{request.path}?{urlencode({'limit': part.limit, 'offset': end})}" if end < count else None
    return {"count": count, "next": following, "items": [shown(row) for row in rows[part.offset : end]]}


def etag_of(state: object) -> str:
    """The ETag of a state that canonical JSON can say."""
    return f'"{digest(canonical_text(state).encode())}"'


def tag(response: HttpResponse, etag: str) -> None:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"


def check_match(request: HttpRequest, etag: str) -> None:
    """PreconditionMissingError without `If-Match`; StalePlanError if it is another state that was read."""
    wanted = request.headers.get("If-Match")
    if wanted is None:
        raise PreconditionMissingError
    if wanted.strip() != "*" and etag not in {one.strip() for one in wanted.split(",")}:
        raise StalePlanError("This has changed since it was read; read it again.")
