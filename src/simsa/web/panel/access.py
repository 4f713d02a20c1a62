"""Who may list the panel of a round, see who is on it, how far it has come, write its sheets, and keep whom from which
entry."""

from __future__ import annotations

from typing import Any

import rules
from django.http import Http404, HttpRequest
from rules.permissions import permissions

from simsa.web.entries.access import entrant
from simsa.web.entries.models import Entry, Evidence, Objection
from simsa.web.panel.models import Meeting, MeetingItem, Procedure, Reviewer, Slot
from simsa.web.panel.services.attending import in_the_room, lead_of, presides
from simsa.web.prepared import Prepared
from simsa.web.programmes.access import auditor, has_role, officer, roles_of, round_of, staff, where_of, with_role
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.phases import takes_sheets
from simsa.web.programmes.sight import COMMENTS, ENTRANT, MARKS, REVIEWERS, sees


@rules.predicate
def own_slot(user: Any, found: Any = None) -> bool:
    """Acts for the reviewer of a slot that counts: what was replaced is nobody's any more."""
    if not isinstance(found, Slot) or hasattr(found, "replaced_by"):
        return False
    return has_role(user, found.entry.round, Kind.REVIEWER, code=found.reviewer.code)


@rules.predicate
def scores_it(user: Any, found: Any = None) -> bool:
    """Files that were submitted are for who scores the entry to see, as long as sheets are taken; not what an objection
    struck out, nor, where entrants are hidden, what was taken in while they were not."""
    if not isinstance(found, Evidence) or found.submitted_at is None or found.removed_at is not None:
        return False
    if not (found.cleaned or names_shown(user, found)):
        return False
    codes = codes_in(user, found.round)
    if not codes or not takes_sheets(found.round):
        return False
    struck = Objection.objects.filter(evidence=found, ruling=Objection.Ruling.UPHELD)
    own = Slot.objects.filter(entry=found.entry_id, reviewer__code__in=codes, replaced_by=None)
    slots = own.exclude(status=Slot.Status.RECUSED)
    return slots.exists() and not struck.exists()


@rules.predicate
def names_shown(_user: Any, found: Any = None) -> bool:
    return isinstance(found, Evidence) and sees(found.round, Kind.REVIEWER, ENTRANT)


def codes_in(user: Any, round_: Round) -> set[str]:
    """The reviewers of a round for whom a visitor acts."""
    return {role.code for role in roles_of(user) if role.kind == Kind.REVIEWER and role.round_id == round_.pk}


rules.add_perm("panel.import_reviewers", officer | staff)
rules.add_perm("panel.view_reviewers", officer | auditor | staff)
rules.add_perm("panel.view_progress", officer | auditor | staff | with_role(Kind.OBSERVER))
rules.add_perm("panel.view_slot", own_slot)
rules.add_perm("panel.score_round", with_role(Kind.REVIEWER))
rules.set_perm("entries.view_copy", permissions["entries.view_copy"] | scores_it)
rules.set_perm("entries.view_evidence", permissions["entries.view_evidence"] | (scores_it & names_shown))


@rules.predicate
def own_seat(user: Any, found: Any = None) -> bool:
    """Acts for the reviewer."""
    return isinstance(found, Reviewer) and has_role(user, found.round, Kind.REVIEWER, code=found.code)


def told_of_sheets(round_: Round) -> bool:
    """Whether the rules show entrants something of the sheets of their entries by now."""
    return any(sees(round_, Kind.ENTRANT, what) for what in (REVIEWERS, MARKS, COMMENTS))


@rules.predicate
def sheets_told(_user: Any, found: Any = None) -> bool:
    return isinstance(found, Entry) and told_of_sheets(found.round)


@rules.predicate
def not_a_party(user: Any, found: Any = None) -> bool:
    """Nobody decides of a member whom they act for, nor of a challenge that they act for the entrant of."""
    if not isinstance(found, Procedure):
        return False
    round_ = found.round
    return not (
        has_role(user, round_, Kind.REVIEWER, code=found.reviewer.code)
        or has_role(user, round_, Kind.ENTRANT, code=found.entry.entrant.code)
    )


@rules.predicate
def party(user: Any, found: Any = None) -> bool:
    """Acts for a reviewer or an entrant of the round (of which the object is), whatever else they may do in it."""
    where = where_of(found)
    return isinstance(where, Round) and has_role(user, where, Kind.REVIEWER, Kind.ENTRANT)


rules.add_perm("panel.view_next_reviews", (officer | auditor | staff) & ~party)
rules.add_perm("panel.add_reviews", officer & ~party)
rules.add_perm("panel.view_reviewer", own_seat | officer | auditor | staff)
rules.add_perm("panel.declare", own_seat)
rules.add_perm("panel.edit_profile", own_seat | officer)
rules.add_perm("panel.set_affinities", officer)
rules.add_perm("panel.assign", officer)
rules.add_perm("panel.challenge", entrant)
rules.add_perm("panel.view_sheets", entrant & sheets_told)
rules.add_perm("panel.view_conflicts", officer | auditor | staff)
rules.add_perm("panel.exclude", officer)
rules.add_perm("panel.disclose", officer)
rules.add_perm("panel.replace", officer)
rules.add_perm("panel.remind", officer)
rules.add_perm("panel.view_procedure", officer | auditor | staff)
rules.add_perm("panel.decide", officer & not_a_party)


def members_of(user: Any, round_: Round) -> list[Reviewer]:
    """The members of a round's panel for whom somebody acts, in the order of the panel."""
    codes = codes_in(user, round_)
    return list(Reviewer.objects.filter(round=round_, code__in=codes).order_by("position")) if codes else []


@rules.predicate
def presides_over(user: Any, found: Any = None) -> bool:
    """Chairs a meeting as it stands: the deputy while the chair is away or out of the room."""
    return isinstance(found, Meeting) and presides(found, members_of(user, found.round)) is not None


@rules.predicate
def leads_item(user: Any, found: Any = None) -> bool:
    """Leads the discussion of an entry: whoever is kept from it never does."""
    if not isinstance(found, MeetingItem):
        return False
    lead = lead_of(found)
    return lead is not None and lead.code in codes_in(user, found.round)


@rules.predicate
def takes_part(user: Any, found: Any = None) -> bool:
    """Is in the room while an entry is discussed."""
    return isinstance(found, MeetingItem) and in_the_room(found, members_of(user, found.round)) is not None


# Whoever acts for a reviewer or an entrant is nothing else in meetings: they would see what they are kept from.
member, observer, secretary = with_role(Kind.REVIEWER), with_role(Kind.OBSERVER) & ~party, officer & ~party
rules.add_perm("panel.own_meetings", member | observer)
rules.add_perm("panel.view_meeting", member | observer | ((officer | auditor) & ~party))
rules.add_perm("panel.attend", member | observer)
rules.add_perm("panel.preside", presides_over)
rules.add_perm("panel.void_meeting", observer)
rules.add_perm("panel.view_meetings", (officer | auditor) & ~party)
rules.add_perm("panel.convene", secretary)
rules.add_perm("panel.lead_item", leads_item)
rules.add_perm("panel.note", leads_item | secretary)
rules.add_perm("panel.take_part", takes_part)
rules.add_perm("panel.dissent", member)
rules.add_perm("panel.name_lead", secretary)


def meeting_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Meeting:
    """A meeting by its number in the database."""
    rows = Meeting.objects.select_related("round__programme", "round__log", "chair", "deputy")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("no such meeting")
    return found


def item_at(_request: HttpRequest, pk: int, **_kwargs: object) -> MeetingItem:
    """An item of an agenda by its number in the database."""
    rows = MeetingItem.objects.select_related(
        "meeting__round__programme",
        "meeting__round__log",
        "meeting__chair",
        "meeting__deputy",
        "lead",
        "entry__entrant",
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("no such item")
    return found


def reviewer_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Reviewer:
    """A reviewer by their number."""
    found = Reviewer.objects.select_related("round__programme", "round__log").filter(pk=pk).first()
    if found is None:
        raise Http404("no such reviewer")
    return found


def procedure_at(request: HttpRequest, slug: str, pk: int) -> Procedure:
    """A procedure of a round."""
    rows = Procedure.objects.select_related("entry__round__programme", "entry__entrant", "reviewer")
    found = rows.filter(pk=pk, entry__round=round_of(request, slug)).first()
    if found is None:
        raise Http404("no such procedure")
    return found


def slot_at(_request: HttpRequest, name: str, **_kwargs: object) -> Slot:
    """A slot by its name, with all that is said of it."""
    found = _SLOT(name=name)
    if not found:
        raise Http404("no such slot")
    return found[0]


_SLOT = Prepared(
    lambda name: (
        Slot.objects.filter(name=name)
        .select_related(
            "entry__round__programme", "entry__round__log", "entry__entrant", "reviewer", "draft", "replaced_by"
        )
        .order_by()
    ),
    name="the name of a slot",
)
