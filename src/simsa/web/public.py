"""Pages that anybody may read and nobody can write to, and the signal that what they say has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]

published = Signal()
"""Sent when what public pages say has changed: a result, a round, an article, a setting. Pages are then made anew."""


def publish_pages() -> None:
    """Say that public pages have changed, once the transaction that changed them is through."""
    transaction.on_commit(lambda: published.send(sender=None))


def public_page(view: View) -> View:
    """Without a login, for GET and HEAD alone: any other method is answered 405 with what is allowed.

    The CSRF check is left out because it comes before the view and would answer 403: nothing that it protects from
    can get past `require_safe`. What the view answers is the same for everybody who has no session, and may be kept.
    """

    @wraps(view)
    def public(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.is_public_page = True  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return login_not_required(csrf_exempt(require_safe(public)))
