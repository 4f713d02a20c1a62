"""The panel as a Django app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from simsa.web.programmes.models import Role, Round
    from simsa.web.programmes.rooms import Alarm, Work


class PanelConfig(AppConfig):
    name = "simsa.web.panel"
    label = "panel"
    verbose_name = _("panel")
    default_auto_field = "django.db.models.BigAutoField"

    def codes_of(self, round_: Round, kind: str) -> Mapping[str, str] | None:
        """Whom a reviewer can act for (see `simsa.web.programmes.rooms`)."""
        return dict(round_.reviewers.values_list("code", "name")) if kind == "reviewer" else None

    def work_of(self, role: Role) -> list[Work]:
        """Where a reviewer scores, declares conflicts and meets, entrants challenge members, and observers watch."""
        from simsa.web.panel.conflicts.work import conflict_work  # noqa: PLC0415 (models are not there before)
        from simsa.web.panel.meetings.work import meeting_work  # noqa: PLC0415
        from simsa.web.panel.scoring.work import sheets_of  # noqa: PLC0415

        return sheets_of(role) + meeting_work(role) + conflict_work(role)

    def office_of(self, round_: Round) -> list[Work]:
        """The panel and its conflicts, and where a conference from another system comes in."""
        from simsa.web.panel.conference.work import conference_work  # noqa: PLC0415 (models are not there before)
        from simsa.web.panel.conflicts.work import conflict_office  # noqa: PLC0415
        from simsa.web.panel.meetings.work import meeting_office  # noqa: PLC0415

        return conflict_office(round_) + meeting_office(round_) + conference_work(round_)

    def alarms_of(self, round_: Round) -> list[Alarm]:
        """Where the panel is not as the rules want it, or waits for an officer."""
        from simsa.web.panel.alarms import panel_alarms  # noqa: PLC0415 (models are not there before)
        from simsa.web.panel.conflicts.work import conflict_alarms  # noqa: PLC0415
        from simsa.web.panel.meetings.work import meeting_alarms  # noqa: PLC0415

        return panel_alarms(round_) + conflict_alarms(round_) + meeting_alarms(round_)

    def ready(self) -> None:
        from simsa.web.entries.lists.kinds import KINDS  # noqa: PLC0415 (models are not there before)
        from simsa.web.entries.services.dependants import leaving  # noqa: PLC0415
        from simsa.web.panel import access  # noqa: F401, PLC0415 (declares who may do what)
        from simsa.web.panel.inputs import named_by_affinities  # noqa: PLC0415
        from simsa.web.panel.lists import REVIEWERS  # noqa: PLC0415
        from simsa.web.panel.services import closing, end_meetings  # noqa: PLC0415
        from simsa.web.panel.services.drafting import erase_drafts  # noqa: PLC0415
        from simsa.web.panel.services.erasing import erase_said  # noqa: PLC0415
        from simsa.web.programmes.erasing import forgetting  # noqa: PLC0415

        KINDS[REVIEWERS.key] = REVIEWERS
        leaving.connect(named_by_affinities, dispatch_uid="panel.affinities")
        closing.connect(end_meetings, dispatch_uid="panel.meetings")
        forgetting.connect(erase_drafts, dispatch_uid="panel.drafts")
        forgetting.connect(erase_said, dispatch_uid="panel.said")
