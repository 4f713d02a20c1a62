"""Who may list the panel of a round, see who is on it, how far it has come, and write its sheets."""

from __future__ import annotations

from typing import Any

import rules
from django.http import Http404, HttpRequest
from rules.permissions import permissions

from simsa.web.entries.models import Evidence, Objection
from simsa.web.panel.models import Slot
from simsa.web.prepared import Prepared
from simsa.web.programmes.access import auditor, has_role, officer, roles_of, staff, with_role
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.phases import takes_sheets


@rules.predicate
def own_slot(user: Any, found: Any = None) -> bool:
    return isinstance(found, Slot) and has_role(user, found.entry.round, Kind.REVIEWER, code=found.reviewer.code)


@rules.predicate
def scores_it(user: Any, found: Any = None) -> bool:
    """Files that were submitted are for who scores the entry to see, as long as sheets are taken; not what an objection
    struck out."""
    if not isinstance(found, Evidence) or found.submitted_at is None or found.removed_at is not None:
        return False
    codes = codes_in(user, found.round)
    if not codes or not takes_sheets(found.round):
        return False
    struck = Objection.objects.filter(evidence=found, ruling=Objection.Ruling.UPHELD)
    slots = Slot.objects.filter(entry=found.entry_id, reviewer__code__in=codes).exclude(status=Slot.Status.RECUSED)
    return slots.exists() and not struck.exists()


@rules.predicate
def names_shown(_user: Any, found: Any = None) -> bool:
    return isinstance(found, Evidence) and not found.round.rules.entries.blind


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


def slot_at(_request: HttpRequest, name: str, **_kwargs: object) -> Slot:
    """A slot by its name, with all that is said of it."""
    found = _SLOT(name=name)
    if not found:
        raise Http404("no such slot")
    return found[0]


_SLOT = Prepared(
    lambda name: (
        Slot.objects.filter(name=name)
        .select_related("entry__round__programme", "entry__round__log", "entry__entrant", "reviewer", "draft")
        .order_by()
    ),
    name="the name of a slot",
)
