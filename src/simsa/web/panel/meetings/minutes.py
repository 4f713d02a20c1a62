"""The minutes of a meeting, from what happened in it: for officers and auditors, as a page and as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.panel.meetings.shown import ShownChange, changes_of
from simsa.web.panel.models import Meeting, MeetingAct, MeetingItem, Reviewer

Act = MeetingAct.Kind
COURSE = (
    Act.CONVENED, Act.ARRANGED, Act.CALLED_OFF, Act.OPENED, Act.ADJOURNED, Act.RESUMED, Act.CLOSED, Act.ENDED,
    Act.VOIDED,
)  # fmt: skip


@dataclass(frozen=True)
class Attendance:
    """Somebody who was there: their part, and when they came in and left (None: not before the end)."""

    name: str
    part: str
    spans: tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True)
class Discussed:
    """An entry of the minutes."""

    item: MeetingItem
    number: int
    title: str
    acts: tuple[tuple[MeetingAct, str], ...]
    """When it was opened and closed, and who led it, by name."""
    out: tuple[tuple[str, datetime], ...]
    """Who was out of the room for a conflict of interest, from when."""
    notes: tuple[tuple[MeetingAct, tuple[MeetingAct, ...]], ...]
    """Notes as they stand, each with those in whose place it is, the newest first."""
    changes: tuple[ShownChange, ...]
    outcome: str
    dissents: tuple[MeetingAct, ...]


@dataclass(frozen=True)
class Minutes:
    meeting: Meeting
    course: tuple[tuple[MeetingAct, str], ...]
    attendance: tuple[Attendance, ...]
    items: tuple[Discussed, ...]


def minutes_of(meeting: Meeting) -> Minutes:
    """What happened in a meeting, so far."""
    acts = list(meeting.acts.select_related("reviewer", "item", "corrects").order_by("pk"))
    names = _names(acts)
    items = meeting.items.select_related("entry__entrant", "lead").order_by("position", "pk")
    language = get_language() or "ko"
    found = []
    for number, item in enumerate(items, 1):
        item.meeting, item.entry.round = meeting, meeting.round
        found.append(_discussed(item, number, [act for act in acts if act.item_id == item.pk], names, language))
    return Minutes(
        meeting,
        tuple((act, names.get(act.actor, "")) for act in acts if act.kind in COURSE),
        tuple(_attendance(meeting, acts, names)),
        tuple(found),
    )


def _names(acts: list[MeetingAct]) -> dict[str, str]:
    """Names of accounts, by how records name them."""
    keys = [int(act.actor.removeprefix("person/")) for act in acts if act.actor.startswith("person/")]
    return {one.actor: one.name or one.email for one in User.objects.filter(pk__in=keys)}


def _attendance(meeting: Meeting, acts: list[MeetingAct], names: dict[str, str]) -> Iterator[Attendance]:
    spans: dict[tuple[Reviewer | None, str], list[tuple[datetime, datetime | None]]] = {}
    for act in acts:
        if act.kind in {Act.JOINED, Act.LEFT}:
            mine = spans.setdefault((act.reviewer, "" if act.reviewer else act.actor), [])
            if act.kind == Act.JOINED:
                mine.append((act.at, None))
            elif mine:
                mine[-1] = (mine[-1][0], act.at)
    parts = {meeting.chair_id: _("chair"), meeting.deputy_id: _("deputy")}
    for (reviewer, actor), mine in spans.items():
        name = reviewer.name if reviewer else names.get(actor, actor)
        yield Attendance(name, parts.get(reviewer.pk, _("member")) if reviewer else _("observer"), tuple(mine))


def _discussed(
    item: MeetingItem, number: int, acts: list[MeetingAct], names: dict[str, str], language: str
) -> Discussed:
    corrected = {act.corrects_id for act in acts if act.corrects_id}
    by_key = {act.pk: act for act in acts}
    outcomes = [act.text for act in acts if act.kind == Act.ITEM_CLOSED and act.text]
    return Discussed(
        item=item,
        number=number,
        title=str(item.entry.entrant.name(language)),
        acts=tuple(
            (act, act.reviewer.name if act.reviewer else names.get(act.actor, ""))
            for act in acts
            if act.kind in {Act.TAKEN_UP, Act.ITEM_CLOSED, Act.LEAD_NAMED}
        ),
        out=tuple((act.reviewer.name, act.at) for act in acts if act.kind == Act.STEPPED_OUT and act.reviewer),
        notes=tuple(
            (act, tuple(_before(act, by_key))) for act in acts if act.kind == Act.NOTE and act.pk not in corrected
        ),
        changes=changes_of(item, names=True),
        outcome=outcomes[-1] if outcomes else "",
        dissents=tuple(act for act in acts if act.kind == Act.DISSENT),
    )


def _before(act: MeetingAct, by_key: dict[int, MeetingAct]) -> Iterator[MeetingAct]:
    while act.corrects_id in by_key:
        act = by_key[act.corrects_id]
        yield act


def minutes_text(found: Minutes) -> str:
    """The minutes as a plain text, in the language of the page and the time zone of the round."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Minutes) -> Iterator[str]:
    meeting = found.meeting
    at = _clock(ZoneInfo(meeting.round.time_zone))
    yield _("Minutes of meeting %(number)d") % {"number": meeting.number}
    yield meeting.round.title
    if meeting.round.synthetic:
        yield _("Synthetic data")
    yield f"{_('Convened for')}: {at(meeting.at)} ({meeting.round.time_zone})"
    if meeting.place:
        yield f"{_('Place')}: {meeting.place}"
    yield f"{_('State')}: {meeting.get_state_display()}"
    yield f"{_('Chair')}: {meeting.chair.name} · {_('Deputy')}: {meeting.deputy.name}"
    yield from ("", f"[{_('Course')}]")
    for act, name in found.course:
        yield f"{at(act.at)}  {_with_name(act.get_kind_display(), name)}{f': {act.text}' if act.text else ''}"
    yield from ("", f"[{_('Who was there')}]")
    for one in found.attendance:
        spans = ", ".join(f"{at(begin)} – {at(end)}" for begin, end in one.spans)
        yield f"{_with_name(one.name, one.part)}: {spans}"
    for item in found.items:
        yield from _lines_of(item, at)


def _lines_of(one: Discussed, at: Callable[[datetime | None], str]) -> Iterator[str]:
    yield from ("", f"[{one.number}. {one.title}] {one.item.get_state_display()}")
    for act, name in one.acts:
        yield f"{at(act.at)}  {_with_name(act.get_kind_display(), name)}"
    for name, since in one.out:
        yield f"{at(since)}  {_('Out of the room for a conflict of interest')}: {name}"
    for act, earlier in one.notes:
        yield f"{at(act.at)}  {_('Note')}: {act.text}"
        yield from (f"    {at(before.at)}  {_('before the correction')}: {before.text}" for before in earlier)
    for change in one.changes:
        marks = ", ".join(f"{title} {before} → {after}" for title, before, after in change.marks)
        why = _("taken back with the session") if change.restored else change.reason
        yield f"{at(change.at)}  {_with_name(_('Marks changed'), change.name)}: {marks} – {why}"
    if one.outcome:
        yield f"{_('Outcome')}: {one.outcome}"
    for act in one.dissents:
        name = act.reviewer.name if act.reviewer else _("without a name")
        yield f"{at(act.at)}  {_with_name(_('Dissenting opinion'), name)}: {act.text}"


def _clock(zone: ZoneInfo) -> Callable[[datetime | None], str]:
    return lambda moment: "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _with_name(what: str, name: str) -> str:
    return f"{what} ({name})" if name else str(what)
