"""The editors' rooms of Wagtail, without its own management of people: accounts are those of the site, and no other way
leads in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import (
    AccountView,
    BaseSettingsPanel,
    ChangePasswordPanel,
    NameEmailSettingsPanel,
)

from simsa.web.newsroom.drafting import desk


class OwnSettings(AccountView):
    """What an editor sets for the editors' rooms alone; name, address and password stand under *My account*."""

    def get_panels(self) -> list[BaseSettingsPanel]:
        elsewhere = (NameEmailSettingsPanel, ChangePasswordPanel)
        return [panel for panel in super().get_panels() if not isinstance(panel, elsewhere)]


@require_admin_access
def not_here(request: HttpRequest, **_kwargs: str) -> HttpResponse:
    raise Http404("people are managed in the office")


urlpatterns = [
    # Before Wagtail's own, which approves what cannot be published.
    path(
        "cms/pages/workflow/action/<int:page_id>/<slug:action_name>/<int:task_state_id>/",
        require_admin_access(desk.approve),
    ),
    path("cms/account/", require_admin_access(OwnSettings.as_view())),
    *(
        path(f"cms/{place}/{rest}", not_here)
        for place in ("users", "groups", "bulk/accounts", "bulk/auth", "password_reset")
        for rest in ("", "<path:rest>")
    ),
]
"""Addresses that stand before those of Wagtail."""
