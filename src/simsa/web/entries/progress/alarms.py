"""What is not as it should be among the entries of a round."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from simsa.web.entries.files.keeping import unread_files
from simsa.web.entries.models import Evidence
from simsa.web.entries.progress.standing import standings_of
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.phases import takes_entries
from simsa.web.programmes.rooms import Alarm


def entry_alarms(round_: Round) -> list[Alarm]:
    """Groups that have not the size that the rules name, entries for which nobody acts, and files that hang."""
    if round_.stage != Stage.PREPARING:
        return []
    people, progress = reverse("office:people", args=[round_.slug]), reverse("entries:progress", args=[round_.slug])
    found = [*_sizes(round_)]
    standings = standings_of(round_)
    alone = sum(one.state == "nobody" for one in standings)
    if alone and takes_entries(round_):
        what = _("%(n)d entries: nobody acts for them, and nobody is invited to.") % {"n": alone}
        found.append(Alarm(what, _("Invite"), people))
    hanging = Evidence.objects.filter(
        entry__round=round_,
        state=Evidence.State.WAITING,
        received_at__lt=timezone.now() - timedelta(hours=1),
    ).count()
    if hanging:
        what = _("%(n)d files have waited for more than an hour to be checked; is the worker running?")
        found.append(Alarm(what % {"n": hanging}))
    if unread := unread_files(round_).count():
        what = ngettext("%(n)d file could not be examined.", "%(n)d files could not be examined.", unread)
        found.append(Alarm(what % {"n": unread}, _("Look at them"), f"{progress}#files"))
    return found


def _sizes(round_: Round) -> list[Alarm]:
    counts = Counter(round_.entries.values_list("group", flat=True))
    language = get_language() or "ko"
    lists = reverse("entries:lists", args=[round_.slug, "entries"])
    what = _("%(group)s has %(n)d entries, the rules name %(size)d.")
    return [
        Alarm(
            what % {"group": group.name.text(language), "n": counts[group.id], "size": group.size},
            _("Lists of entries"),
            lists,
        )
        for group in round_.rules.groups
        if group.size is not None and counts and counts[group.id] != group.size
    ]
