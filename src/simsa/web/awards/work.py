"""Where whoever watches a round sees how far it has come, and its result."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.programmes.models import Round
from simsa.web.programmes.phases import phase_of
from simsa.web.programmes.rooms import Work


def page_of(round_: Round) -> list[Work]:
    """The round's page with its rules, its record and, once it is there, its result."""
    phase = phase_of(round_, timezone.now())
    return [Work(_("Page of the round"), reverse("awards:round", args=[round_.slug]), str(phase.label))]
