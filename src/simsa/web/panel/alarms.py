"""Where the panel of a round is not as its rules want it: what, where, and what to do about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from simsa.engine.inputs import InputError
from simsa.engine.panel_kinds import members
from simsa.rules import PanelKind, Range
from simsa.web.panel.inputs import reviewers_of
from simsa.web.panel.models import Conflict, Slot
from simsa.web.panel.saving import missed_in
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.phases import moments
from simsa.web.programmes.rooms import Alarm

CLOSE = timedelta(hours=72)
"""So long before the end of scoring whoever has submitted nothing is named."""


def panel_alarms(round_: Round) -> list[Alarm]:
    """The size of the panel; once it is assigned sheets for each entry, kinds, who judges a group, loads, and marks in
    spite of a conflict; nothing once it is closed."""
    if round_.stage not in {Stage.PREPARING, Stage.SCORING}:
        return []
    return [*_size(round_), *(_of_slots(_Seats(round_)) if round_.stage == Stage.SCORING else ())]


def _size(round_: Round) -> Iterator[Alarm]:
    limits, n = round_.rules.whole_panel.size, round_.reviewers.count()
    if n and not _within(n, limits):
        what = _("The panel has %(n)d members; the rules want %(limits)s.")
        lists = reverse("entries:lists", args=[round_.slug, "reviewers"])
        yield Alarm(what % {"n": n, "limits": _said(limits)}, _("Lists of reviewers"), lists)


@dataclass(frozen=True)
class _Seats:
    """The places of a round that count, as pairs of codes with their status; missed ones left out; `able`: those
    not recused."""

    round: Round

    @cached_property
    def every(self) -> list[tuple[str, str, str]]:
        there = Slot.objects.filter(entry__round=self.round, replaced_by=None)
        slots = there.exclude(pk__in=missed_in(self.round.pk))
        return list(slots.values_list("entry__entrant__code", "reviewer__code", "status"))

    @cached_property
    def able(self) -> list[tuple[str, str]]:
        return [(entry, code) for entry, code, status in self.every if status != Slot.Status.RECUSED]

    @cached_property
    def groups(self) -> dict[str, str]:
        """The group of each entry."""
        return dict(self.round.entries.order_by("position").values_list("entrant__code", "group"))

    @cached_property
    def panels(self) -> dict[str, frozenset[str]]:
        """The reviewers of each entry."""
        found: dict[str, set[str]] = {entry: set() for entry in self.groups}
        for entry, code in self.able:
            found[entry].add(code)
        return {entry: frozenset(codes) for entry, codes in found.items()}

    @cached_property
    def loads(self) -> Counter[str]:
        loads = Counter(dict.fromkeys(self.round.reviewers.values_list("code", flat=True), 0))
        loads.update(code for _entry, code in self.able)
        return loads

    @property
    def adaptive(self) -> bool:
        return self.round.rules.adaptive is not None

    def group_name(self, key: str) -> str:
        group = self.round.rules.group(key)
        return group.name.text(get_language() or "ko") if group else key

    def replacing(self) -> tuple[str, str]:
        """What to do about it, and where: fill vacant places."""
        return _("Fill vacant places under Replacements"), reverse("panel:replacements", args=[self.round.slug])

    def members(self) -> tuple[str, str]:
        return _("Look at the loads of the panel"), reverse("panel:members", args=[self.round.slug])


def _of_slots(seats: _Seats) -> Iterator[Alarm]:
    for found in (_few_or_many, _sizes, _kinds, _other_judges, _loads, _silent, _against):
        yield from found(seats)


def _few_or_many(seats: _Seats) -> Iterator[Alarm]:
    limits = seats.round.rules.whole_panel.sheets_per_entry
    wrong = [entry for entry, codes in seats.panels.items() if not _within(len(codes), limits)]
    if wrong:
        what = _("%(n)d entries have not as many reviewers as the rules want (%(limits)s): %(which)s")
        told = {"n": len(wrong), "limits": _said(limits), "which": _some(wrong)}
        yield Alarm(what % told, *seats.replacing())


def _sizes(seats: _Seats) -> Iterator[Alarm]:
    """Within what the rules allow entries are to have panels of one size, unless reviews are held back for some."""
    limits = seats.round.rules.whole_panel.sheets_per_entry
    kept = {entry: len(codes) for entry, codes in seats.panels.items() if _within(len(codes), limits)}
    sizes = Counter(kept.values())
    if len(sizes) < 2 or seats.adaptive:
        return
    usual = max(sizes, key=lambda n: (sizes[n], n))
    other = [f"{entry} ({n})" for entry, n in kept.items() if n != usual]
    what = _("Most entries have %(usual)d reviewers, and %(n)d have another number: %(which)s")
    yield Alarm(what % {"usual": usual, "n": len(other), "which": _some(other)}, *seats.replacing())


def _kinds(seats: _Seats) -> Iterator[Alarm]:
    """Kinds of reviewers (pool, region, seniority) that an entry has too few or too many of."""
    panel = reviewers_of(seats.round)
    for kind in seats.round.rules.panel.kinds:
        try:
            found = members(kind, panel)
        except InputError:
            what = _("The rules count reviewers by %(field)s, which the list of reviewers does not have.")
            lists = reverse("entries:lists", args=[seats.round.slug, "reviewers"])
            yield Alarm(what % {"field": kind.reviewer}, _("Lists of reviewers"), lists)
            continue
        for name, who in found.items():
            yield from _kind(seats, kind, name, {panel.ids[n] for n in who.tolist()})


def _kind(seats: _Seats, kind: PanelKind, name: str, who: set[str]) -> Iterator[Alarm]:
    wrong: dict[str, list[str]] = defaultdict(list)
    for entry, codes in seats.panels.items():
        n = len(codes & who)
        if not _within(n, kind.per_entry):
            wrong[seats.groups[entry]].append(f"{entry} ({n})")
    for group, entries in wrong.items():
        what = _(
            "In %(group)s %(n)d entries have not as many reviewers of the kind %(kind)s as the rules want "
            "(%(limits)s): %(which)s"
        )
        told = {"group": seats.group_name(group), "n": len(entries), "kind": name, "limits": _said(kind.per_entry)}
        yield Alarm(what % {**told, "which": _some(entries)}, *seats.replacing())


def _other_judges(seats: _Seats) -> Iterator[Alarm]:
    """Entries of a group of which most are judged by one panel, and they by another of its size."""
    if seats.adaptive:
        return
    by_group: dict[str, list[str]] = defaultdict(list)
    for entry, group in seats.groups.items():
        by_group[group].append(entry)
    for group, entries in by_group.items():
        panels = Counter(seats.panels[entry] for entry in entries)
        usual, count = panels.most_common(1)[0]
        if not usual or count == len(entries) or 2 * count <= len(entries):
            continue
        other = [
            _beside(entry, seats.panels[entry], usual)
            for entry in entries
            if seats.panels[entry] != usual and len(seats.panels[entry]) == len(usual)
        ]
        if not other:
            continue
        what = _("In %(group)s most entries are judged by the same reviewers, and %(n)d by others: %(which)s")
        told = {"group": seats.group_name(group), "n": len(other), "which": _some(other)}
        yield Alarm(what % told, *seats.members())


def _beside(entry: str, panel: frozenset[str], usual: frozenset[str]) -> str:
    """How a panel differs from the usual one: `a1 (−p +q)`."""
    signs = [f"−{code}" for code in sorted(usual - panel)] + [f"+{code}" for code in sorted(panel - usual)]
    return f"{entry} ({' '.join(signs)})"


def _loads(seats: _Seats) -> Iterator[Alarm]:
    limits = seats.round.rules.whole_panel.load
    heavy = [f"{code} ({n})" for code, n in seats.loads.items() if limits.max is not None and n > limits.max]
    light = [f"{code} ({n})" for code, n in seats.loads.items() if limits.min is not None and n < limits.min]
    if heavy:
        what = _("%(n)d reviewers have more entries than the rules allow (%(limits)s): %(which)s")
        yield Alarm(what % _counted(heavy, limits), *seats.members())
    if light:
        what = _("%(n)d reviewers have fewer entries than the rules want (%(limits)s): %(which)s")
        yield Alarm(what % _counted(light, limits), *seats.replacing())


def _silent(seats: _Seats) -> Iterator[Alarm]:
    """Who has not submitted a single sheet, shortly before the end of scoring."""
    until = moments(seats.round.rules).get("scoring_until")
    if until is None or until - timezone.now() > CLOSE:
        return
    heard = {code for _entry, code, status in seats.every if status == Slot.Status.SUBMITTED}
    silent = sorted({code for _entry, code in seats.able} - heard)
    if silent:
        what = ngettext(
            "%(n)d reviewer has submitted nothing, and scoring ends at %(at)s: %(which)s",
            "%(n)d reviewers have submitted nothing, and scoring ends at %(at)s: %(which)s",
            len(silent),
        )
        at = timezone.localtime(until).strftime("%Y-%m-%d %H:%M")
        people = reverse("office:people", args=[seats.round.slug])
        yield Alarm(what % {"n": len(silent), "at": at, "which": _some(silent)}, _("People and invitations"), people)


def _against(seats: _Seats) -> Iterator[Alarm]:
    conflicts = Conflict.objects.filter(entry__round=seats.round)
    barred = set(conflicts.values_list("entry__entrant__code", "reviewer__code"))
    submitted = {(entry, code) for entry, code, status in seats.every if status == Slot.Status.SUBMITTED}
    against = [" - ".join(pair) for pair in sorted(barred & submitted)]
    if against:
        what = _("%(n)d sheets were submitted in spite of a conflict of interest: %(which)s")
        todo = _("State it under Conflicts of interest: the sheet is recused then")
        conflicts_page = reverse("panel:conflicts", args=[seats.round.slug])
        yield Alarm(what % {"n": len(against), "which": _some(against)}, todo, conflicts_page)


def _counted(which: list[str], limits: Range) -> Mapping[str, object]:
    return {"n": len(which), "limits": _said(limits), "which": _some(which)}


def _within(n: int, limits: Range) -> bool:
    return (limits.min is None or n >= limits.min) and (limits.max is None or n <= limits.max)


def _said(limits: Range) -> str:
    if limits.min == limits.max:
        return str(limits.min)
    return f"{'' if limits.min is None else limits.min}–{'' if limits.max is None else limits.max}"


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:5]) + (" …" if len(listed) > 5 else "")
