"""What a role has to do here: an entrant's officer writes the entry, and sees others' where the rules allow it."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.entries.models import Entry
from simsa.web.entries.services.objecting import peers_see
from simsa.web.entries.services.submitting import last_submission
from simsa.web.programmes.models import Kind, Role
from simsa.web.programmes.phases import moments, phase_of
from simsa.web.programmes.rooms import Work


def desks(role: Role) -> list[Work]:
    """The entry that a role acts for, how far it has come, and until when."""
    if role.kind != Kind.ENTRANT or role.round is None:
        return []
    entry = Entry.objects.filter(round=role.round, entrant__code=role.code).select_related("entrant").first()
    if entry is None:
        return []
    now = timezone.now()
    found = [Work(str(entry.entrant), reverse("entries:desk", args=[entry.pk]), _state(entry))]
    if peers_see(role.round, now):
        found.append(Work(_("What others submitted"), reverse("entries:peers", args=[role.round.slug])))
    return found


def _state(entry: Entry) -> str:
    last = last_submission(entry)
    if last is None:
        done = _("not submitted yet")
    elif last.withdrawn:
        done = _("withdrawn")
    else:
        done = _("submitted, version %(version)d") % {"version": last.version}
    deadline = moments(entry.round.rules).get("deadline")
    until = timezone.localtime(deadline).strftime("%Y-%m-%d %H:%M") if deadline else ""
    phase = str(phase_of(entry.round, timezone.now()).label)
    return " · ".join(part for part in (done, phase, _("deadline %(at)s") % {"at": until} if until else "") if part)
