"""Where officers and auditors see how far the entries have come, and what they say."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from simsa.web.entries.models import Objection
from simsa.web.entries.progress.standing import standings_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.rooms import Work


def progress_work(round_: Round) -> list[Work]:
    """Progress, numbers and cases that were reported, and objections between entrants where the rules allow them."""
    standings = standings_of(round_)
    done = sum(one.done for one in standings)
    state = _("%(done)d of %(all)d submitted") % {"done": done, "all": len(standings)}
    found = [Work(_("Progress of the entries"), reverse("entries:progress", args=[round_.slug]), state)]
    if round_.rules.indicators:
        found.append(Work(_("Numbers of the indicators"), reverse("entries:indicators", args=[round_.slug])))
    if round_.rules.entries.cases.max != 0:
        found.append(Work(_("Cases compared"), reverse("entries:cases_compared", args=[round_.slug])))
    if round_.rules.entries.peers != "none":
        open_ = Objection.objects.filter(entry__round=round_, ruling="").count()
        told = _("%(n)d without a ruling") % {"n": open_} if open_ else ""
        found.append(Work(_("Objections between entrants"), reverse("entries:peers", args=[round_.slug]), told))
    return found
