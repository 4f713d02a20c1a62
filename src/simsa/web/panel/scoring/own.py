"""A reviewer's own slots: in which order they come, how far each is, and which marks were given in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import F
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from simsa.engine.lots import lot
from simsa.rules import Missing, Rules
from simsa.web.panel.marks import spelt
from simsa.web.panel.models import Conflict, Sheet, Slot
from simsa.web.panel.saving import bound_among
from simsa.web.panel.services.drafting import COMMENT, MARK, RECUSED, draft_of, faults_in, fields_of, values_of
from simsa.web.programmes.models import Kind, Round, Stage
from simsa.web.programmes.sight import ENTRANT, sees


class State(models.TextChoices):
    """How far a sheet is."""

    NEW = "new", pgettext_lazy("state of a sheet", "not begun")
    SAVED = "saved", pgettext_lazy("state of a sheet", "saved, not submitted")
    CHANGED = "changed", pgettext_lazy("state of a sheet", "changed since it was submitted")
    SUBMITTED = "submitted", pgettext_lazy("state of a sheet", "submitted")
    RECUSED = "recused", pgettext_lazy("state of a sheet", "recused")
    MISSED = "missed", pgettext_lazy("state of a sheet", "not submitted before it was discussed")

    @property
    def is_open(self) -> bool:
        """Whether there is something left to submit."""
        return self not in {State.SUBMITTED, State.RECUSED, State.MISSED}


@dataclass(frozen=True)
class OwnSlot:
    """A slot at its place in the running order, what its sheet says now, and what keeps it from being submitted.

    `barred`: there is a conflict of interest, and its reviewer can only step back from it. `bound`: its entry was
    discussed in a meeting, and it changes there alone; `values` are those that were submitted.
    """

    slot: Slot
    number: int
    title: str
    group: str
    state: State
    values: Mapping[str, str]
    faults: Mapping[str, str]
    barred: bool
    bound: bool = False

    @property
    def version(self) -> int:
        """Of its draft; 0 where there is none."""
        draft = draft_of(self.slot)
        return draft.version if draft is not None else 0

    @property
    def recused(self) -> bool:
        return bool(self.values.get(RECUSED))

    @property
    def is_ready(self) -> bool:
        """Whether it can be submitted, and was not as it is."""
        return self.state.is_open and self.version > 0 and not self.faults and not self.barred

    def mark(self, leaf: str) -> str:
        """What is said of a criterion, in words where it is no mark; empty where nothing is."""
        said = Missing.RECUSED.value if self.recused else self.values.get(f"{MARK}{leaf}", "")
        return str(WORDS[said]) if said in WORDS else spelt(self.slot.entry.round.rules.by_id[leaf], said)


WORDS = {
    Missing.ABSTAINED.value: pgettext_lazy("instead of a mark", "abstained"),
    Missing.NOT_APPLICABLE.value: pgettext_lazy("instead of a mark", "not applicable"),
    Missing.RECUSED.value: pgettext_lazy("instead of a mark", "recused"),
}


def state_of(slot: Slot, *, bound: bool = False) -> State:
    if slot.status == Slot.Status.RECUSED:
        return State.RECUSED
    draft = draft_of(slot)
    if bound and not slot.version:
        return State.MISSED
    if draft is not None and not draft.is_submitted and not bound:
        return State.CHANGED if slot.version else State.SAVED
    if not slot.version:
        return State.NEW
    return State.SUBMITTED


def own_slots(round_: Round, codes: Collection[str]) -> list[OwnSlot]:
    """The slots of these reviewers, each reviewer's in its running order."""
    language, rules = get_language() or "ko", round_.rules
    slots = in_running_order(round_, codes)
    conflicts = Conflict.objects.filter(reviewer__round=round_, reviewer__code__in=codes)
    barred = set(conflicts.values_list("entry", "reviewer"))
    bound = bound_among([slot.pk for slot in slots])
    submitted = _submitted([slot for slot in slots if slot.version and (draft_of(slot) is None or slot.pk in bound)])
    found = []
    for number, slot in enumerate(slots, 1):
        if hasattr(slot, "replaced_by"):
            continue  # it keeps its number: others have theirs for good
        values = submitted.get(slot.pk) or values_of(slot)
        if slot.pk in bound:  # what was written since says nothing; comments do
            comments = {key: text for key, text in values_of(slot).items() if key.startswith(COMMENT)}
            values = {**comments, **submitted.get(slot.pk, {})}
        found.append(
            OwnSlot(
                slot=slot,
                number=number,
                title=title_of(slot, number, language),
                group=group_of(slot, rules, language),
                state=state_of(slot, bound=slot.pk in bound),
                values=values,
                faults={} if RECUSED in values else faults_in(rules, values),
                barred=(slot.entry_id, slot.reviewer_id) in barred,
                bound=slot.pk in bound,
            )
        )
    return found


def in_running_order(round_: Round, codes: Collection[str]) -> list[Slot]:
    """By lots of the round's seed and the names of the slots, which were drawn at random with the assignment: no
    two reviewers see the entries in one order, and everybody can draw it again. Places that came later come last, so
    that what is hidden behind a number stays behind it; why they came is not to be seen."""
    seed = _seed(round_)
    slots = Slot.objects.filter(reviewer__round=round_, reviewer__code__in=codes)
    rows = slots.select_related("entry__round", "entry__entrant", "reviewer", "draft", "replaced_by")
    later = {slot.pk: slot.position if slot.replaces_id or slot.batch_id else 0 for slot in rows}
    return sorted(
        rows, key=lambda slot: (slot.reviewer.position, later[slot.pk], lot(seed, "running order", slot.name))
    )


def title_of(slot: Slot, number: int, language: str) -> str:
    """What a reviewer knows an entry by: its place in the running order where whose it is stays hidden."""
    shown = sees(slot.entry.round, Kind.REVIEWER, ENTRANT)
    return slot.entry.entrant.name(language) if shown else _("Entry %(number)d") % {"number": number}


def group_of(slot: Slot, rules: Rules, language: str) -> str:
    return group_name(rules, slot.entry.group, language)


def group_name(rules: Rules, group: str, language: str) -> str:
    """What a group is called."""
    known = rules.group(group)
    return known.name.text(language) if known else group


def next_open(slots: Sequence[OwnSlot], after: int = 0) -> OwnSlot | None:
    """The next slot with something left to submit, from the beginning again after the last one."""
    return next((one for one in [*slots[after:], *slots[:after]] if one.state.is_open), None)


def _seed(round_: Round) -> str:
    """The seed as it was when the panel was assigned: one that is drawn after the close changes no order."""
    drawn = round_.stage != Stage.SCORING and round_.log.statements.filter(kind="seed").exists()
    return "" if drawn else str(round_.seed)


def _submitted(slots: Sequence[Slot]) -> dict[int, dict[str, str]]:
    """Fields of the sheets that count, of slots without a draft."""
    if not slots:
        return {}
    rows = Sheet.objects.filter(slot__in=slots, version=F("slot__version")).select_related("opening")
    return {sheet.slot_id: fields_of(sheet) for sheet in rows}
