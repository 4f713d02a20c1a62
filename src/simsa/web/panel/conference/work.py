"""Where officers find the page of conferences."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.rooms import Work


def conference_work(round_: Round) -> list[Work]:
    """The page, while the round can still take a conference in."""
    if round_.stage != Stage.PREPARING:
        return []
    return [Work(_("From HotCRP or OpenReview"), reverse("panel:conference", args=[round_.slug]))]
