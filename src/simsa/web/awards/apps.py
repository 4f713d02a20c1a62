"""Awards as a Django app; it puts published results on the front page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AwardsConfig(AppConfig):
    name = "simsa.web.awards"
    label = "awards"
    verbose_name = _("awards")
    default_auto_field = "django.db.models.BigAutoField"

    def published_rounds(self, request: HttpRequest) -> Iterable[Any]:
        """Published results for the front page, newest first."""
        from simsa.web.awards.pages import published_rounds  # noqa: PLC0415 (models load after apps)

        return published_rounds()
