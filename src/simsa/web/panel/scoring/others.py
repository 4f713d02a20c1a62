"""Sheets of an entry as somebody sees them who did not write them: as many marks, comments and names as the rules show.

Nothing joins a name, a row of marks and a comment, and nobody's place says anything: names stand in their own order,
and rows and comments each in one that follows from a secret of the site and is another for every viewer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from simsa.rules import Criterion
from simsa.web.entries.models import Entry
from simsa.web.panel.marks import spelt
from simsa.web.panel.models import Sheet, Slot
from simsa.web.panel.scoring.own import WORDS, OwnSlot
from simsa.web.panel.services.drafting import COMMENT, draft_of
from simsa.web.programmes.models import Kind
from simsa.web.programmes.sight import COMMENTS, MARKS, REVIEWERS, sees


@dataclass(frozen=True)
class SeenSheets:
    """`names` of reviewers, `rows` of marks in the order of the `criteria`, `comments` by criterion; each None where
    the rules do not show it."""

    criteria: tuple[str, ...]
    names: tuple[str, ...] | None
    rows: tuple[tuple[str, ...], ...] | None
    comments: tuple[tuple[str, tuple[str, ...]], ...] | None


def others_of(own: OwnSlot, stage: str | None = None) -> SeenSheets | None:
    """What a reviewer sees of the others' work on an entry; None before their own sheet of it is submitted, where they
    must not score it, and where the rules show nothing. `stage` as in `simsa.web.programmes.sight`."""
    slot = own.slot
    if slot.status != Slot.Status.SUBMITTED or own.barred or hasattr(slot, "replaced_by"):
        return None
    return sheets_seen(slot.entry, Kind.REVIEWER, viewer=slot.name, besides=slot, stage=stage)


def sheets_seen(
    entry: Entry,
    kind: str,
    *,
    viewer: str = "",
    besides: Slot | None = None,
    stage: str | None = None,
    of: Collection[str] = (REVIEWERS, MARKS, COMMENTS),
) -> SeenSheets | None:
    """What a role sees `of` the sheets of an entry, `besides` one's own; None where the rules show nothing of that."""
    round_ = entry.round
    names, marks, comments = (what in of and sees(round_, kind, what, stage) for what in (REVIEWERS, MARKS, COMMENTS))
    if not (names or marks or comments):
        return None
    rows = Slot.objects.filter(entry=entry, replaced_by=None).exclude(status=Slot.Status.RECUSED)
    slots = [one for one in rows.select_related("reviewer", "draft") if besides is None or one.pk != besides.pk]
    language = get_language() or "ko"
    leaves = {leaf: leaf.name.text(language) for leaf in round_.rules.leaves}
    return SeenSheets(
        criteria=tuple(leaves.values()),
        names=tuple(sorted(one.reviewer.name for one in slots)) if names else None,
        rows=tuple(_marks(_in_no_order(slots, f"{kind}/{viewer}"), list(leaves))) if marks else None,
        comments=tuple(
            (title, tuple(_comments(_in_no_order(slots, f"{kind}/{viewer}/{leaf.id}"), leaf)))
            for leaf, title in leaves.items()
        )
        if comments
        else None,
    )


def _in_no_order(slots: Sequence[Slot], viewer: str) -> list[Slot]:
    return sorted(slots, key=lambda slot: salted_hmac("panel.others", f"{viewer}/{slot.name}").hexdigest())


def _marks(slots: Sequence[Slot], leaves: Sequence[Criterion]) -> list[tuple[str, ...]]:
    """The marks of every sheet that was submitted and not forgotten."""
    found = Sheet.objects.filter(slot__in=slots, version=F("slot__version")).select_related("opening")
    by_slot = {sheet.slot_id: sheet.by_leaf for sheet in found}
    given = [marks for slot in slots if (marks := by_slot.get(slot.pk))]
    return [tuple(_spelt(leaf, marks[leaf.id]) for leaf in leaves) for marks in given]


def _spelt(leaf: Criterion, mark: str) -> str:
    return str(WORDS[mark]) if mark in WORDS else spelt(leaf, mark)


def _comments(slots: Sequence[Slot], leaf: Criterion) -> list[str]:
    """Comments as they stood when the sheet was submitted: what was changed since is the writer's own."""
    drafts = [draft for slot in slots if slot.version and (draft := draft_of(slot)) is not None]
    return [said for draft in drafts if (said := draft.as_submitted.get(f"{COMMENT}{leaf.id}", "").strip())]
