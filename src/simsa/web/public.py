"""Pages that anybody may read and nobody can write to."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]


def public_page(view: View) -> View:
    """Without a login, for GET and HEAD alone: any other method is answered 405 with what is allowed.

    The CSRF check is left out because it comes before the view and would answer 403: nothing that it protects from
    can get past `require_safe`.
    """
    return login_not_required(csrf_exempt(require_safe(view)))
