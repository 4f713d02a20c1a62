"""Where the panel of a round is not as its rules want it."""

from __future__ import annotations

from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from simsa.rules import Range
from simsa.web.panel.models import Conflict, Slot
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.rooms import Alarm


def panel_alarms(round_: Round) -> list[Alarm]:
    """The size of the panel, sheets for each entry, loads, and marks in spite of a conflict; nothing once it is
    closed."""
    if round_.stage not in {Stage.PREPARING, Stage.SCORING}:
        return []
    limits = round_.rules.whole_panel
    members = round_.reviewers.count()
    found = []
    if members and not _within(members, limits.size):
        what = _("The panel has %(n)d members; the rules want %(limits)s.")
        lists = reverse("entries:lists", args=[round_.slug, "reviewers"])
        found.append(Alarm(what % {"n": members, "limits": _said(limits.size)}, _("Lists of reviewers"), lists))
    if round_.stage == Stage.SCORING:
        found += _of_slots(round_)
    return found


def _of_slots(round_: Round) -> list[Alarm]:
    limits = round_.rules.whole_panel
    slots = list(
        Slot.objects.filter(entry__round=round_, replaced_by=None).values_list(
            "entry__entrant__code", "reviewer__code", "status"
        )
    )
    able = [(entry, reviewer) for entry, reviewer, status in slots if status != Slot.Status.RECUSED]
    per_entry = Counter(dict.fromkeys(round_.entries.values_list("entrant__code", flat=True), 0))
    per_entry.update(entry for entry, _reviewer in able)
    few = sorted(code for code, n in per_entry.items() if not _within(n, limits.sheets_per_entry))
    found = []
    if few:
        what = _("%(n)d entries have not as many reviewers as the rules want (%(limits)s): %(which)s")
        said = {"n": len(few), "limits": _said(limits.sheets_per_entry), "which": _some(few)}
        found.append(Alarm(what % said))
    loads = Counter(reviewer for _entry, reviewer in able)
    heavy = sorted(code for code, n in loads.items() if limits.load.max is not None and n > limits.load.max)
    if heavy:
        what = _("%(n)d reviewers have more entries than the rules allow (%(limits)s): %(which)s")
        found.append(Alarm(what % {"n": len(heavy), "limits": _said(limits.load), "which": _some(heavy)}))
    sizes = {n for n in per_entry.values() if n}
    if limits.sheets_per_entry == Range() and len(sizes) > 1:
        what = _("Entries have panels of different sizes: from %(least)d to %(most)d reviewers.")
        found.append(Alarm(what % {"least": min(sizes), "most": max(sizes)}))
    barred = Conflict.objects.filter(entry__round=round_).values_list("entry__entrant__code", "reviewer__code")
    against = sorted(set(barred) & {(entry, reviewer) for entry, reviewer, status in slots if status == "submitted"})
    if against:
        what = _("%(n)d sheets were submitted in spite of a conflict of interest: %(which)s")
        found.append(Alarm(what % {"n": len(against), "which": _some([" - ".join(pair) for pair in against])}))
    return found


def _within(n: int, limits: Range) -> bool:
    return (limits.min is None or n >= limits.min) and (limits.max is None or n <= limits.max)


def _said(limits: Range) -> str:
    if limits.min == limits.max:
        return str(limits.min)
    return f"{'' if limits.min is None else limits.min}–{'' if limits.max is None else limits.max}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
