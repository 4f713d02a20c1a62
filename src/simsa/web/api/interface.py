"""Version 1 of the API: what it is made of, and its description in OpenAPI 3.1."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from simsa.web.api.access import Bearer
from simsa.web.api.parsing import JsonParser
from simsa.web.api.problems import MEDIA_TYPE, Problem, add_handlers, problem
from simsa.web.api.routes.desk import router as desk
from simsa.web.api.routes.lists import router as lists
from simsa.web.api.routes.rounds import router as rounds
from simsa.web.public import public_page

_ALWAYS = {"400": "Cannot be read", "401": "No token that works", "403": "Not for this role", "404": "Not there"}
_CHANGING = {
    "409": "The stage of the round does not allow it",
    "412": "Changed since it was read",
    "410": "Given up",
    "413": "Too large",
    "428": "If-Match is missing",
    "507": "No room for this file now",
}
_MALFORMED = {"422": "Malformed, or rows cannot be taken"}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of what was read. Without it nothing is changed (428).",
}


class Described(NinjaAPI):
    """Ninja's description with what every operation answers besides: problems, and If-Match where it is needed."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(*args, **kwargs)
        problems = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema["components"].setdefault("schemas", {})
        schemas |= {**problems.pop("$defs", {}), "Problem": problems}
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    reference = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {**_ALWAYS, **_MALFORMED, **(_CHANGING if method != "get" else {})}
    operation["responses"] |= {status: {"description": what, "content": reference} for status, what in told.items()}
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    if method == "get":
        operation["responses"]["304"] = {"description": "As it was read (If-None-Match)"}
    if operation["operationId"].startswith("import"):
        operation["parameters"] = [*operation.get("parameters", []), _IF_MATCH]


api = Described(
    title="simsa",
    version="1",
    description="Rounds of evaluations: entries, evidence, the panel, progress. A token is for one role in one round.",
    docs_url=None,
    openapi_url=None,
    auth=Bearer(),
    parser=JsonParser(),
    urls_namespace="api_v1",
)
api.add_router("", rounds)
api.add_router("", desk)  # before the lists, whose entries have codes with any sign in them
api.add_router("", lists)
add_handlers(api)


@cache
def _description() -> bytes:
    return JsonResponse(api.get_openapi_schema(path_prefix="/api/v1/")).content


@public_page
def description(request: HttpRequest) -> HttpResponse:
    """The description of the API, for programs."""
    return HttpResponse(_description(), content_type="application/json")


def nothing(request: HttpRequest, path: str = "") -> HttpResponse:
    """What is not there, in the API's own way."""
    return problem(404, "There is nothing at this address.")
