"""What the room of a meeting shows: where it stands, the entry that is discussed, the agenda, as somebody sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.web.panel.meetings.marks import SeenMarks, in_words, seen_marks
from simsa.web.panel.meetings.sight import knows_entrant, sight_of_others
from simsa.web.panel.meetings.viewers import Place, Viewer
from simsa.web.panel.models import Meeting, MeetingAct, MeetingItem, Reviewer, SheetChange, Slot
from simsa.web.panel.scoring.others import sheets_seen
from simsa.web.panel.scoring.own import OwnSlot, own_slots
from simsa.web.panel.scoring.shown import MarkField, mark_field
from simsa.web.panel.services.attending import lead_of, members_present, present_in, scoring_slots
from simsa.web.programmes.models import Kind
from simsa.web.programmes.sight import COMMENTS, MEETING

Act = MeetingAct.Kind


@dataclass(frozen=True)
class ShownChange:
    """Marks that were changed: what of them, from what to what, why, and whose (where that is shown)."""

    at: datetime
    reason: str
    marks: tuple[tuple[str, str, str], ...]
    name: str = ""
    restored: bool = False


@dataclass(frozen=True)
class ShownItem:
    """An entry on the agenda. `title` is empty, and everything else is missing, where the viewer sees nothing of it."""

    item: MeetingItem
    number: int
    place: Place
    title: str = ""
    lead: str = ""
    outcome: str = ""
    notes: tuple[MeetingAct, ...] = ()
    dissents: tuple[MeetingAct, ...] = ()
    changes: tuple[ShownChange, ...] = ()
    own: OwnSlot | None = None
    leads: bool = False
    may_dissent: bool = False
    needs_lead: bool = False

    @property
    def seen(self) -> bool:
        return self.place in {"in", "away"}


@dataclass(frozen=True)
class Room:
    """A meeting as somebody sees it. `current`: what is discussed now; `seen`: the key of the last act that is in this.

    `turn` changes with whatever the forms of the page depend on, and not with marks and notes.
    """

    meeting: Meeting
    viewer: Viewer
    present: bool
    presides: bool
    items: tuple[ShownItem, ...]
    seen: int
    turn: str
    members: int
    observers: int
    names: tuple[str, ...] = ()
    current: ShownItem | None = None
    marks: SeenMarks | None = None
    comments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields: tuple[MarkField, ...] = ()

    @property
    def has_comments(self) -> bool:
        return any(said for _title, said in self.comments)

    @property
    def shows_marks(self) -> bool:
        """Whether the rules show the viewer the marks of others in a meeting."""
        return sight_of_others(self.meeting.round, self.viewer.who).marks

    @property
    def is_open(self) -> bool:
        return self.meeting.state == Meeting.State.OPEN


def room_of(meeting: Meeting, viewer: Viewer, *, presides: bool) -> Room:
    """The room as it is now."""
    meeting = Meeting.objects.select_related("round__programme", "round__log", "chair", "deputy").get(pk=meeting.pk)
    newest = meeting.acts.order_by("pk").values_list("pk", flat=True).last() or 0
    slots = {one.slot.entry_id: one for one in _own(meeting, viewer)}
    items = tuple(_item(one, number, viewer, slots) for number, one in enumerate(_items(meeting), 1))
    current = next((one for one in items if one.item.state == MeetingItem.State.OPEN), None)
    marks, fields = _marks(current, viewer) if current is not None else (None, ())
    comments = _comments(current, viewer) if current is not None else ()
    there = present_in(meeting)
    members = members_present(meeting)
    present = viewer.is_present(meeting)
    states = [f"{one.item.pk}{one.item.state[0]}{one.place}{int(one.leads)}{len(one.dissents)}" for one in items]
    turn = "-".join([meeting.state, str(int(present)), str(int(presides)), *states])
    return Room(
        meeting=meeting,
        viewer=viewer,
        present=present,
        presides=presides,
        items=items,
        seen=newest,
        turn=turn,
        members=len(members),
        observers=len(there) - len(members),
        names=_names(meeting, members) if sight_of_others(meeting.round, viewer.who).members else (),
        current=current,
        marks=marks,
        comments=comments,
        fields=fields,
    )


def _items(meeting: Meeting) -> list[MeetingItem]:
    found = list(meeting.items.select_related("entry__entrant", "lead").order_by("position", "pk"))
    for one in found:
        one.meeting, one.entry.round = meeting, meeting.round
    return found


def _own(meeting: Meeting, viewer: Viewer) -> list[OwnSlot]:
    return own_slots(meeting.round, {one.code for one in viewer.members}) if viewer.members else []


def _names(meeting: Meeting, members: set[int]) -> tuple[str, ...]:
    return tuple(Reviewer.objects.filter(pk__in=members).order_by("position").values_list("name", flat=True))


def _item(item: MeetingItem, number: int, viewer: Viewer, own: dict[int, OwnSlot]) -> ShownItem:
    place = viewer.place(item)
    lead = lead_of(item)
    needs_lead = viewer.who == "office" and item.state != MeetingItem.State.CLOSED and _vacant(item, lead)
    if place in {"out", "elsewhere"}:
        return ShownItem(item, number, place)
    slot = own.get(item.entry_id)
    shown = ShownItem(
        item,
        number,
        place,
        title=title_of(item, number, viewer, slot),
        lead=_part(item, lead),
        own=slot,
        leads=lead is not None and lead.pk in viewer.keys,
        needs_lead=needs_lead,
    )
    return shown if item.state == MeetingItem.State.WAITING or not _follows(shown, viewer) else _said(shown, viewer)


def _vacant(item: MeetingItem, lead: Reviewer | None) -> bool:
    if lead is None:
        return True
    return item.meeting.state != Meeting.State.CONVENED and lead.pk not in members_present(item.meeting)


def _follows(shown: ShownItem, viewer: Viewer) -> bool:
    """What was said is for who was there; the outcome also for members who score the entry and were not. Whoever was
    seated since scores it first, as if nobody had talked of it."""
    if shown.own is not None and not (shown.own.slot.version or shown.own.bound):
        return False
    return shown.place == "in" or (viewer.who == "member" and shown.item.state == MeetingItem.State.CLOSED)


def _said(shown: ShownItem, viewer: Viewer) -> ShownItem:
    item = shown.item
    sight = sight_of_others(item.round, viewer.who)
    acts = list(item.acts.select_related("reviewer", "corrects", "corrected_by").order_by("pk"))
    outcomes = [act.text for act in acts if act.kind == Act.ITEM_CLOSED]
    notes = tuple(act for act in acts if act.kind == Act.NOTE and not hasattr(act, "corrected_by"))
    seen = sight.marks and shown.place == "in" and (shown.own is None or shown.own.slot.version)
    changes = changes_of(item, names=sight.names) if seen else ()
    closed = item.state == MeetingItem.State.CLOSED
    return replace(
        shown,
        outcome=outcomes[-1] if outcomes and closed else "",
        notes=notes if shown.place == "in" else (),
        dissents=tuple(act for act in acts if act.kind == Act.DISSENT),
        changes=changes,
        may_dissent=closed and shown.own is not None and item.meeting.state in {"open", "adjourned", "closed"},
    )


def changes_of(item: MeetingItem, *, names: bool) -> tuple[ShownChange, ...]:
    """The changes of marks in an item, in order: only what differs."""
    leaves, language = item.round.rules.leaves, get_language() or "ko"
    rows = SheetChange.objects.filter(act__item=item).order_by("pk")
    found = []
    for one in rows.select_related("act__reviewer", "before__opening", "after__opening"):
        before, after = one.before.by_leaf, one.after.by_leaf
        marks = tuple(
            (leaf.name.text(language), in_words(leaf, before.get(leaf.id, "")), in_words(leaf, after.get(leaf.id, "")))
            for leaf in leaves
            if before.get(leaf.id) != after.get(leaf.id)
        )
        name = one.act.reviewer.name if names and one.act.reviewer else ""
        found.append(ShownChange(one.act.at, one.act.text, marks, name, one.undoes_id is not None))
    return tuple(found)


def title_of(item: MeetingItem, number: int, viewer: Viewer, own: OwnSlot | None) -> str:
    """What an entry is called; where whose it is stays hidden members know it by their own title, and others by its
    place on the agenda."""
    if knows_entrant(item, viewer.who):
        return str(item.entry.entrant.name(get_language() or "ko"))
    return own.title if own is not None else _("Item %(number)d") % {"number": number}


def _part(item: MeetingItem, lead: Reviewer | None) -> str:
    """Who leads an item, by their part and not by name."""
    meeting = item.meeting
    if lead is None:
        return _("Chair and deputy are kept from this entry; the office names another member to lead it.")
    if lead.pk == meeting.chair_id and item.lead_id != lead.pk:
        return _("The chair leads this item.")
    if lead.pk == meeting.deputy_id and item.lead_id != lead.pk:
        return _("The chair is out of the room for this item; the deputy leads it.")
    return _("A member whom the office named leads this item.")


def _marks(current: ShownItem, viewer: Viewer) -> tuple[SeenMarks | None, tuple[MarkField, ...]]:
    """The marks on the entry that is discussed, and the viewer's own to change; none for who is not in the room, and
    others' not for who has given none."""
    item, rules = current.item, current.item.round.rules
    if current.place != "in":
        return None, ()
    sight = sight_of_others(item.round, viewer.who)
    slots: Sequence[Slot] = list(scoring_slots(item))
    own = next((slot for slot in slots if slot.reviewer_id in viewer.keys), None)
    seen = None
    if sight.marks and (own is None or own.version):
        seen = seen_marks(item, slots, own, names=sight.names)
    rule = rules.meeting
    changes = rule is not None and rule.marks == "change" and item.meeting.state == Meeting.State.OPEN
    if own is None or not own.version or not changes or current.own is None:
        return seen, ()
    fields = tuple(mark_field(leaf, rules, current.own, [current.own], {}) for leaf in rules.leaves)
    return seen, fields


def _comments(current: ShownItem, viewer: Viewer) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The others' comments on the entry that is discussed, where members and observers are shown them."""
    if current.place != "in" or viewer.who == "office":
        return ()
    item, own = current.item, current.own
    if own is not None and not own.slot.version:
        return ()
    seen = sheets_seen(
        item.entry,
        Kind.REVIEWER if viewer.who == "member" else Kind.OBSERVER,
        viewer=viewer.actor,
        besides=None if own is None else own.slot,
        stage=MEETING,
        of={COMMENTS},
    )
    return () if seen is None or seen.comments is None else seen.comments
