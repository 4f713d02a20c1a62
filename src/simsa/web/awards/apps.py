"""Awards as a Django app; it puts published results on the front page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from simsa.web.programmes.models import Role
    from simsa.web.programmes.rooms import Work


class AwardsConfig(AppConfig):
    name = "simsa.web.awards"
    label = "awards"
    verbose_name = _("awards")
    default_auto_field = "django.db.models.BigAutoField"

    def work_of(self, role: Role) -> list[Work]:
        """Where auditors and observers see how far a round has come (see `simsa.web.programmes.rooms`)."""
        from simsa.web.awards.work import page_of  # noqa: PLC0415 (models load after apps)
        from simsa.web.programmes.rooms import in_rounds  # noqa: PLC0415

        return in_rounds(role, page_of) if role.kind in {"auditor", "observer"} else []

    def published_rounds(self, request: HttpRequest) -> Iterable[Any]:
        """Published results for the front page, newest first."""
        from simsa.web.awards.pages import published_rounds  # noqa: PLC0415 (models load after apps)

        return published_rounds()
