"""Entries as a Django app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from simsa.web.programmes.models import Role, Round
    from simsa.web.programmes.rooms import Alarm, Work


class EntriesConfig(AppConfig):
    name = "simsa.web.entries"
    label = "entries"
    verbose_name = _("entries")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from simsa.web.entries import access  # noqa: F401, PLC0415 (declares who may do what)
        from simsa.web.entries.lists.entries import ENTRIES  # noqa: PLC0415 (models are not there before)
        from simsa.web.entries.lists.kinds import KINDS  # noqa: PLC0415

        KINDS[ENTRIES.key] = ENTRIES

    def codes_of(self, round_: Round, kind: str) -> Mapping[str, str] | None:
        """Whom an entrant's officer can act for (see `simsa.web.programmes.rooms`)."""
        if kind != "entrant":
            return None
        entrants = (entry.entrant for entry in round_.entries.select_related("entrant"))
        return {entrant.code: str(entrant) for entrant in entrants}

    def work_of(self, role: Role) -> list[Work]:
        """Where entrants' officers write their entry, and auditors look (see `simsa.web.programmes.rooms`)."""
        from simsa.web.entries.desk.work import desks  # noqa: PLC0415 (models are not there before)
        from simsa.web.entries.progress.work import progress_work  # noqa: PLC0415
        from simsa.web.programmes.rooms import in_rounds  # noqa: PLC0415

        return in_rounds(role, progress_work) if role.kind == "auditor" else desks(role)

    def office_of(self, round_: Round) -> list[Work]:
        """Lists, progress, what was reported, and objections, for officers of the round."""
        from simsa.web.entries.lists.kinds import works  # noqa: PLC0415 (models are not there before)
        from simsa.web.entries.progress.work import progress_work  # noqa: PLC0415

        return [*works(round_), *progress_work(round_)]

    def alarms_of(self, round_: Round) -> list[Alarm]:
        """What is not as it should be among the entries."""
        from simsa.web.entries.progress.alarms import entry_alarms  # noqa: PLC0415 (models are not there before)

        return entry_alarms(round_)
