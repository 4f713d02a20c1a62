"""The addresses of the API, which programs have without a language.

Its views are let through by the site's guard (`simsa.web.site.middleware.DeniedByDefault`): each asks for a token.
"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from simsa.web.api.interface import api, description, nothing
from simsa.web.api.problems import problem


def _by_token(pattern: URLPattern) -> URLPattern:
    view = pattern.callback

    @wraps(view)
    def by_token(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "HEAD":  # the server leaves the content of the answer out
            request.method = "GET"
        answer = view(request, *args, **kwargs)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = answer.headers["Allow"]
            answer = problem(HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done at this address.")
            answer.headers["Allow"] = allowed
        return answer

    pattern.callback = login_not_required(by_token)
    pattern.callback.permission = "by token"
    return pattern


_everything_else = csrf_exempt(login_not_required(nothing))
_everything_else.permission = "by token"
_patterns, _app, _namespace = api.urls
urlpatterns = [
    path("api/v1/openapi.json", description, name="api_description"),
    # Ninja's own root would lead to pages of the description, of which there are none.
    path("api/v1/", ([_by_token(one) for one in _patterns if one.name != "api-root"], _app, _namespace)),
    re_path(r"^api/(?P<path>[\s\S]*)$", _everything_else, name="api_nothing"),
]
