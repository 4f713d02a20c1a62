"""Who may list the panel of a round, see who is on it, how far it has come, and who is kept from which entry."""

from __future__ import annotations

from typing import Any

import rules
from django.http import Http404, HttpRequest

from simsa.web.entries.access import entrant
from simsa.web.panel.models import Procedure, Reviewer, Slot
from simsa.web.programmes.access import auditor, has_role, officer, round_of, staff, with_role
from simsa.web.programmes.models import Kind

rules.add_perm("panel.import_reviewers", officer | staff)
rules.add_perm("panel.view_reviewers", officer | auditor | staff)
rules.add_perm("panel.view_progress", officer | auditor | staff | with_role(Kind.OBSERVER))


@rules.predicate
def own_seat(user: Any, found: Any = None) -> bool:
    """Acts for the reviewer, or for the one that a slot is given to."""
    reviewer = found.reviewer if isinstance(found, Slot) else found
    if not isinstance(reviewer, Reviewer):
        return False
    return has_role(user, reviewer.round, Kind.REVIEWER, code=reviewer.code)


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


rules.add_perm("panel.view_reviewer", own_seat | officer | auditor | staff)
rules.add_perm("panel.declare", own_seat)
rules.add_perm("panel.edit_profile", own_seat | officer)
rules.add_perm("panel.set_affinities", officer)
rules.add_perm("panel.assign", officer)
rules.add_perm("panel.view_slot", own_seat | officer | auditor | staff)
rules.add_perm("panel.withdraw", own_seat)
rules.add_perm("panel.challenge", entrant)
rules.add_perm("panel.view_conflicts", officer | auditor | staff)
rules.add_perm("panel.exclude", officer)
rules.add_perm("panel.disclose", officer)
rules.add_perm("panel.replace", officer)
rules.add_perm("panel.view_procedure", officer | auditor | staff)
rules.add_perm("panel.decide", officer & not_a_party)


def reviewer_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Reviewer:
    """A reviewer by their number."""
    found = Reviewer.objects.select_related("round__programme", "round__log").filter(pk=pk).first()
    if found is None:
        raise Http404("no such reviewer")
    return found


def slot_at(_request: HttpRequest, pk: int, **_kwargs: object) -> Slot:
    """A slot by its number, also one that was replaced."""
    rows = Slot.objects.select_related("entry__round__programme", "entry__entrant", "reviewer__round")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("no such slot")
    return found


def procedure_at(request: HttpRequest, slug: str, pk: int) -> Procedure:
    """A procedure of a round."""
    rows = Procedure.objects.select_related("entry__round__programme", "entry__entrant", "reviewer")
    found = rows.filter(pk=pk, entry__round=round_of(request, slug)).first()
    if found is None:
        raise Http404("no such procedure")
    return found
