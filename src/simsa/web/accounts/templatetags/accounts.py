"""Tags of pages about one's account."""

from __future__ import annotations

from typing import Any

from django import template

from simsa.web.accounts.access import WANTED, must_add_factor

register = template.Library()


@register.simple_tag(takes_context=True)
def way_on(context: dict[str, Any]) -> str:
    """Where somebody wanted to go before they were asked for a second factor, once they have one."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated or must_add_factor(request.user):
        return ""
    return str(request.session.get(WANTED, ""))
