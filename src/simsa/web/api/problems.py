"""Errors of the API: problem details for HTTP (RFC 9457), `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as Refused
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Malformed
from pydantic import Field

from simsa.web.entries.content import Item
from simsa.web.entries.files.spool import NoRoomError
from simsa.web.entries.files.uploads import GoneError
from simsa.web.entries.services import ClosedError, ImportRefusedError, IncompleteError, RowFault
from simsa.web.entries.services.plans import StalePlanError
from simsa.web.programmes.services import StageError

MEDIA_TYPE = "application/problem+json"


class Fault(Schema):
    """What is wrong with one row (from 1; 0 for what is in no row), or with one place of the request."""

    row: int = 0
    field: str
    what: str


class Problem(Schema):
    """Why a request was not done (RFC 9457); then nothing was."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    faults: list[Fault] = Field(default_factory=list)


def problem(status: int, detail: str = "", faults: Iterable[dict[str, Any]] = ()) -> HttpResponse:
    title = HTTPStatus(status).phrase
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, "faults": list(faults)}
    response = HttpResponse(json.dumps(told, ensure_ascii=False), content_type=MEDIA_TYPE, status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="simsa"'
    response.headers["Cache-Control"] = "no-store"
    return response


def for_programs(request: HttpRequest) -> bool:
    """Whether an address is one of the API, whose errors are problems and no pages."""
    return request.path_info.startswith("/api/")


class PreconditionMissingError(HttpError):
    """A change without `If-Match`."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.PRECONDITION_REQUIRED, "Send If-Match with the ETag of what you have read.")


def add_handlers(api: NinjaAPI) -> None:
    """Have every error of the API answered as a problem."""
    handlers: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
        (Http404, lambda _r, _e: problem(404, "There is nothing at this address, or not for this token.")),
        (PermissionDenied, lambda _r, _e: problem(403, "The role of this token may not do that.")),
        (RequestDataTooBig, lambda _r, _e: problem(413, "The request is larger than what is read.")),
        (SuspiciousOperation, lambda _r, _e: problem(400, "The request cannot be read.")),
        (AuthenticationError, lambda _r, _e: problem(401, "Send a token that works: Authorization: Bearer ...")),
        (HttpError, lambda _r, error: problem(error.status_code, str(error))),
        (Malformed, lambda _r, error: problem(422, "The request is malformed.", _places(error.errors))),
        (ImportRefusedError, lambda _r, error: problem(422, "Rows cannot be taken.", map(_fault, error.faults))),
        (IncompleteError, lambda _r, error: problem(422, "The entry cannot be submitted so.", map(_item, error.items))),
        (Refused, lambda _r, error: problem(422, " ".join(error.messages))),
        (StalePlanError, lambda _r, error: problem(412, str(error))),
        (StageError, lambda _r, error: problem(409, str(error))),
        (ClosedError, lambda _r, error: problem(409, str(error))),
        (GoneError, lambda _r, error: problem(410, str(error))),
        (NoRoomError, lambda _r, _e: problem(507, "There is no room for this file now.")),
    )
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def _fault(fault: RowFault) -> dict[str, Any]:
    return {"row": fault.row, "field": fault.field, "what": fault.what}


def _item(item: Item) -> dict[str, Any]:
    return {"row": 0, "field": item.name, "what": f"{item.label}: {item.what}"}


def _places(errors: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for error in errors:
        where = [str(part) for part in error.get("loc", ())]
        yield {"row": 0, "field": ".".join(where[1:] or where), "what": str(error.get("msg", ""))}
