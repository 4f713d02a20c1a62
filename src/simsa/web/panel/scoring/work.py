"""What a reviewer has to do: the sheet with which to go on, and all of them; and where entrants see them."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entry
from simsa.web.panel.access import told_of_sheets
from simsa.web.panel.scoring.own import next_open, own_slots
from simsa.web.programmes.models import Kind, Role
from simsa.web.programmes.phases import moments, takes_sheets
from simsa.web.programmes.rooms import Work


def sheets_of(role: Role) -> list[Work]:
    """The next sheet of a reviewer, and the list of all; nothing before the panel is assigned. Of an entrant, the
    sheets of their entry, where the rules show them."""
    if role.kind == Kind.ENTRANT:
        return _of_entrant(role)
    if role.kind != Kind.REVIEWER or role.round is None:
        return []
    slots = own_slots(role.round, {role.code})
    if not slots:
        return []
    done = sum(not one.state.is_open for one in slots)
    said = [_("%(done)d of %(all)d submitted") % {"done": done, "all": len(slots)}]
    if (until := moments(role.round.rules).get("scoring_until")) is not None:
        said.append(_("until %(at)s") % {"at": timezone.localtime(until).strftime("%Y-%m-%d %H:%M")})
    found = [Work(_("All my sheets"), reverse("panel:own", args=[role.round.slug]), " · ".join(said))]
    at = next_open(slots)
    if at is not None and takes_sheets(role.round):
        title = _("Score: %(entry)s") % {"entry": at.title}
        place = _("%(number)d of %(all)d") % {"number": slots.index(at) + 1, "all": len(slots)}
        found.insert(0, Work(title, reverse("panel:sheet", args=[at.slot.name]), place, begins=True))
    return found


def _of_entrant(role: Role) -> list[Work]:
    if role.round is None or not told_of_sheets(role.round):
        return []
    entry = Entry.objects.filter(round=role.round, entrant__code=role.code).first()
    url = None if entry is None else reverse("panel:entry_sheets", args=[entry.pk])
    return [] if url is None else [Work(_("Sheets of the panel"), url)]
