"""Votes as a Django app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from simsa.web.programmes.models import Role, Round
    from simsa.web.programmes.rooms import Alarm, Work


class VotesConfig(AppConfig):
    name = "simsa.web.votes"
    label = "votes"
    verbose_name = _("votes")
    default_auto_field = "django.db.models.BigAutoField"

    def work_of(self, role: Role) -> list[Work]:
        """Where voters vote, and auditors look at what was put aside (see `simsa.web.programmes.rooms`)."""
        from simsa.web.votes.work import vote_work  # noqa: PLC0415 (models are not there before)

        return vote_work(role)

    def office_of(self, round_: Round) -> list[Work]:
        """The vote, for officers of the round."""
        from simsa.web.votes.work import office_work  # noqa: PLC0415 (models are not there before)

        return office_work(round_)

    def alarms_of(self, round_: Round) -> list[Alarm]:
        """Ballots that wait for a decision."""
        from simsa.web.votes.work import vote_alarms  # noqa: PLC0415 (models are not there before)

        return vote_alarms(round_)

    def ready(self) -> None:
        from allauth.socialaccount.signals import pre_social_login  # noqa: PLC0415

        from simsa.web.panel.services import closing  # noqa: PLC0415 (models are not there before)
        from simsa.web.programmes.bundles import showing  # noqa: PLC0415
        from simsa.web.votes import access  # noqa: F401, PLC0415 (declares who may do what)
        from simsa.web.votes.providers import let_vote  # noqa: PLC0415
        from simsa.web.votes.services.running import count_before_close  # noqa: PLC0415
        from simsa.web.votes.services.showing import shown_ballots  # noqa: PLC0415

        pre_social_login.connect(let_vote, dispatch_uid="votes.provided")
        showing.connect(shown_ballots, dispatch_uid="votes.ballots")
        closing.connect(count_before_close, dispatch_uid="votes.count")
