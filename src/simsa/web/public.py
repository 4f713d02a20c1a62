"""Pages that anybody may read and nobody can write to, and the signal and the number that tell when they change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

ASKED = 1.0
"""Seconds after which a process asks the database again whether something was published."""
View = Callable[..., HttpResponseBase]

published = Signal()
"""Sent when what public pages say has changed: a result, a round, an article, a setting. Pages are then made anew."""


def publish_pages(**_signal: object) -> None:
    """Say that public pages have changed, once the transaction that changed them is through. Follows any signal."""
    transaction.on_commit(lambda: published.send(sender=None))


@dataclass
class _Known:
    """The edition as this process last saw it."""

    number: int = -1
    at: float = float("-inf")


_known, _lock = _Known(), threading.Lock()


def edition() -> int:
    """A number that grows with everything that is published; at most `ASKED` seconds old."""
    now = time.monotonic()
    with _lock:
        if now - _known.at >= ASKED:
            kept = apps.get_model("simsa_site", "Edition").objects.filter(pk=1)
            _known.number = kept.values_list("number", flat=True).first() or 0
            _known.at = now
        return _known.number


def new_edition(**_signal: object) -> None:
    """From now on every page is made anew."""
    kept = apps.get_model("simsa_site", "Edition").objects
    kept.get_or_create(pk=1)
    kept.filter(pk=1).update(number=F("number") + 1)
    with _lock:
        _known.at = float("-inf")


def public_page(view: View) -> View:
    """Without a login, for GET and HEAD alone: any other method is answered 405 with what is allowed.

    The CSRF check is left out because it comes before the view and would answer 403: nothing that it protects from
    can get past `require_safe`. What the view answers is the same for everybody who has no session, and may be kept.
    """

    @wraps(view)
    def public(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.is_public_page = True  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    guarded = login_not_required(csrf_exempt(require_safe(public)))
    guarded.is_public_page = True  # type: ignore[attr-defined]
    return guarded


def public_form(view: View) -> View:
    """Without a login, and with what visitors send: the view sees to who they are by a password or a secret link."""
    guarded = login_not_required(view)
    guarded.is_public_page = True  # type: ignore[attr-defined]
    return guarded
