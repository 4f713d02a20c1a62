"""Where reviewers, entrants and officers find the pages of the panel and its conflicts, and what alarms officers."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simsa.web.entries.models import Entry
from simsa.web.panel.adaptive.shown import account_of
from simsa.web.panel.models import BidCall, Disclosure, Procedure, Profile, Reviewer
from simsa.web.panel.seating import Seating
from simsa.web.panel.services.declaring import last_declaration, may_declare
from simsa.web.panel.services.procedures import OPEN
from simsa.web.programmes.models import Kind, Role, Round, Stage
from simsa.web.programmes.rooms import Alarm, Work


def conflict_work(role: Role) -> list[Work]:
    """A reviewer's declaration, profile and bids; an entrant's challenges, where the panel is shown."""
    round_ = role.round
    if round_ is None or round_.stage not in OPEN:
        return []
    if role.kind == Kind.REVIEWER:
        reviewer = Reviewer.objects.filter(round=round_, code=role.code).first()
        if reviewer is None:
            return []
        state = ""
        if may_declare(round_, timezone.now()):
            state = _("has declared") if last_declaration(reviewer) else _("not declared yet")
        found = [Work(_("Conflicts of interest"), reverse("panel:declaration", args=[reviewer.pk]), state)]
        if round_.stage == Stage.PREPARING:
            written = "" if Profile.objects.filter(reviewer=reviewer).exists() else _("not written yet")
            found.append(Work(_("Profile"), reverse("panel:profile", args=[reviewer.pk]), written))
            if BidCall.objects.filter(round=round_).exists():
                found.append(Work(_("What I would like to score"), reverse("panel:bids", args=[reviewer.pk])))
        return found
    if role.kind == Kind.ENTRANT and Disclosure.objects.filter(round=round_).exists():
        entry = Entry.objects.filter(round=round_, entrant__code=role.code).first()
        return [] if entry is None else [Work(_("The panel"), reverse("panel:challenges", args=[entry.pk]))]
    return []


def conflict_office(round_: Round) -> list[Work]:
    """The pages of a panel that there is."""
    if not round_.reviewers.exists():
        return []
    pages = [
        Work(_("Panel"), reverse("panel:members", args=[round_.slug])),
        Work(_("Conflicts of interest"), reverse("panel:conflicts", args=[round_.slug])),
    ]
    if round_.stage == Stage.PREPARING:
        pages.append(Work(_("Affinities"), reverse("panel:affinities", args=[round_.slug])))
        pages.append(Work(_("Assignment"), reverse("panel:assignment", args=[round_.slug])))
    if round_.stage == Stage.SCORING:
        pages.append(Work(_("Replacements"), reverse("panel:replacements", args=[round_.slug])))
    if round_.rules.adaptive is not None and round_.stage != Stage.PREPARING:
        left = _("%(n)d left") % {"n": account_of(round_).budget.left}
        pages.append(Work(_("Reviews held back"), reverse("panel:next_reviews", args=[round_.slug]), left))
    return pages


def conflict_alarms(round_: Round) -> list[Alarm]:
    """Challenges to be decided, and places that nobody has."""
    if round_.stage not in OPEN:
        return []
    found = []
    asked = Procedure.objects.filter(entry__round=round_, state=Procedure.State.ASKED).count()
    if asked:
        what = ngettext("%(n)d challenge is to be decided.", "%(n)d challenges are to be decided.", asked)
        found.append(Alarm(what % {"n": asked}, _("Decide"), reverse("panel:conflicts", args=[round_.slug])))
    vacant = len(Seating.of(round_).wanting) if round_.stage == Stage.SCORING else 0
    if vacant:
        what = ngettext("%(n)d place has no reviewer.", "%(n)d places have no reviewer.", vacant)
        todo = _("Look at the proposal")
        found.append(Alarm(what % {"n": vacant}, todo, reverse("panel:replacements", args=[round_.slug])))
    return found
