"""Programmes as a Django app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from simsa.web.programmes.models import Role, Round
    from simsa.web.programmes.rooms import Alarm, Work


class ProgrammesConfig(AppConfig):
    name = "simsa.web.programmes"
    label = "programmes"
    verbose_name = _("programmes")
    default_auto_field = "django.db.models.BigAutoField"

    def work_of(self, role: Role) -> list[Work]:
        """Where officers run their programme and its rounds (see `simsa.web.programmes.rooms`)."""
        from simsa.web.programmes.office.work import work_of  # noqa: PLC0415 (models load after apps)

        return work_of(role)

    def office_of(self, round_: Round) -> list[Work]:
        """The letters of a round."""
        from simsa.web.programmes.office.work import letters_of  # noqa: PLC0415 (models load after apps)

        return letters_of(round_)

    def alarms_of(self, round_: Round) -> list[Alarm]:
        """Letters that did not arrive."""
        from simsa.web.programmes.office.work import letter_alarms  # noqa: PLC0415 (models load after apps)

        return letter_alarms(round_)

    def ready(self) -> None:
        from simsa.web.programmes.erasing import forgetting  # noqa: PLC0415 (models load after apps)
        from simsa.web.programmes.services.posting import empty_letters  # noqa: PLC0415

        forgetting.connect(empty_letters, dispatch_uid="programmes.letters")
