"""The API as a Django app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from simsa.web.programmes.models import Role
    from simsa.web.programmes.rooms import Work


class ApiConfig(AppConfig):
    name = "simsa.web.api"
    label = "api"
    verbose_name = gettext_lazy("API")
    default_auto_field = "django.db.models.BigAutoField"

    def work_of(self, role: Role) -> list[Work]:
        """Where a role's tokens are (see `simsa.web.programmes.rooms`)."""
        from simsa.web.programmes.rooms import Work  # noqa: PLC0415 (models are not there before)

        return [Work(_("API tokens"), reverse("api:tokens", args=[role.pk]))]
