"""What the record commits to of the panel: who may score, every known conflict, and who is to fill each slot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from simsa.record.commitments import new_secret
from simsa.record.statements import Member, SlotOpening, conflict_value, panel_statement, slots_statement
from simsa.web.panel.models import Conflict, Slot
from simsa.web.programmes.models import Opening, Round
from simsa.web.programmes.recording import Kind, keep_openings, state


def state_panel(round_: Round) -> None:
    """Commit to the members and conflicts that the record of a locked round does not have yet; nothing without any."""
    reviewers = sorted(set(round_.reviewers.values_list("code", flat=True)) - _stated(round_, Kind.REVIEWER))
    pairs = Conflict.objects.filter(entry__round=round_).values_list("entry__entrant__code", "reviewer__code")
    conflicts = sorted({conflict_value(*pair) for pair in pairs} - _stated(round_, Kind.CONFLICT), key=json.loads)
    if not (reviewers or conflicts):
        return
    members, barred = ([Member(value, new_secret()) for value in values] for values in (reviewers, conflicts))
    for kind, added in ((Kind.REVIEWER, members), (Kind.CONFLICT, barred)):
        keep_openings(round_, kind, {one.value: (one.secret, "") for one in added})
    said = panel_statement(round_.slug, members, barred)
    state(round_, lambda _head: said)


def state_slots(round_: Round, slots: Sequence[Slot], reasons: Mapping[str, str] = {}) -> None:
    """Commit to who is to fill each slot. `reasons`: by name of a slot that takes the place of another, why it does;
    everybody can read them."""
    opened = [
        SlotOpening(
            one.name,
            one.entry.entrant.code,
            one.reviewer.code,
            new_secret(),
            *(() if one.replaces is None else (one.replaces.name, reasons[one.name])),
        )
        for one in slots
    ]
    keep_openings(round_, Kind.SLOT, {one.slot: (one.secret, one.reviewer) for one in opened})
    said = slots_statement(round_.slug, opened)
    state(round_, lambda _head: said)


def _stated(round_: Round, kind: Opening.Kind) -> set[str]:
    return set(Opening.objects.filter(log=round_.log, leaf__isnull=True, kind=kind).values_list("key", flat=True))
