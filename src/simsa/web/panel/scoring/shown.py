"""What the page of a sheet shows: the entry as the panel may see it, and a field for each mark of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from simsa.rules import Criterion, Levels, Missing, Rules, decimal_text
from simsa.web.entries.desk.panel_view import Seen, seen_submission
from simsa.web.panel.access import codes_in
from simsa.web.panel.marks import level_of, off_scale
from simsa.web.panel.models import Sheet, Slot
from simsa.web.panel.scoring.meanings import Meaning, meanings
from simsa.web.panel.scoring.others import SeenSheets, others_of
from simsa.web.panel.scoring.own import WORDS, OwnSlot, State, next_open, own_slots
from simsa.web.panel.services.drafting import COMMENT, LONGEST_COMMENT, MARK, offered
from simsa.web.programmes.models import Kind, Round, Stage
from simsa.web.programmes.phases import moments, takes_sheets
from simsa.web.programmes.sight import ENTRANT, sees


@dataclass(frozen=True)
class MarkField:
    """A criterion to mark: its scale as exact texts, the mark or why there is none (`why`), the comment, and the
    reviewer's own marks for other entries (`others`: number of the entry, mark).

    `meanings`: its levels (`is_levels`: nothing else can be given), or what some marks of its scale mean.
    """

    leaf: str
    title: str
    above: tuple[str, ...]
    description: str
    least: str
    most: str
    step: str
    is_levels: bool
    meanings: tuple[Meaning, ...]
    mark: str
    why: str
    comment: str
    reasons: tuple[tuple[str, str], ...]
    others: tuple[tuple[int, str], ...]
    fault: str

    @property
    def id(self) -> str:
        return f"m-{self.leaf}"


@dataclass(frozen=True)
class ShownSheet:
    """All that the page of a sheet shows. `seen` is None where the panel sees nothing of the entry: sheets are not
    taken now (`taken`), or nothing was submitted; `others` where the rules show nothing of the others' sheets, or not
    yet."""

    own: OwnSlot
    all: Sequence[OwnSlot]
    fields: tuple[MarkField, ...]
    seen: Seen | None
    taken: bool
    last: Sheet | None
    now: datetime
    until: datetime | None
    others: SeenSheets | None

    @property
    def slot(self) -> Slot:
        return self.own.slot

    @property
    def round(self) -> Round:
        return self.slot.entry.round

    @property
    def recused(self) -> bool:
        return self.own.state == State.RECUSED

    @property
    def editable(self) -> bool:
        return self.taken and not self.own.bound and not self.recused

    @property
    def may_step_back(self) -> bool:
        return self.round.stage == Stage.SCORING and not self.recused

    @property
    def state_once_edited(self) -> State:
        return State.CHANGED if self.slot.version else State.SAVED

    @property
    def longest_comment(self) -> int:
        return LONGEST_COMMENT

    @property
    def place(self) -> int:
        """Among the sheets that the reviewer has now, from 1; its number is for good."""
        return self.all.index(self.own) + 1

    @property
    def before(self) -> OwnSlot | None:
        return self.all[self.place - 2] if self.place > 1 else None

    @property
    def after(self) -> OwnSlot | None:
        return self.all[self.place] if self.place < len(self.all) else None

    @property
    def goes_on(self) -> OwnSlot | None:
        """Where to go on once this one is submitted."""
        found = next_open(self.all, self.place) if self.taken else None
        return None if found is self.own else found

    @property
    def compared(self) -> list[tuple[str, list[str], bool]]:
        """The reviewer's own marks for all their entries: title, marks by criterion, whether it is this one."""
        leaves = [field.leaf for field in self.fields]
        return [(one.title, [one.mark(leaf) for leaf in leaves], one is self.own) for one in self.all]

    @property
    def fingerprint(self) -> str:
        """The beginning of what the record commits to: it can be noted by hand."""
        sheet = self.last
        return "" if sheet is None or sheet.opening is None else bytes(sheet.opening.leaf.hash).hex()[:12]

    @property
    def gives_receipt(self) -> bool:
        """A receipt names the entry: it is handed out once the rules tell the reviewer whose it is."""
        return self.last is not None and receipt_is_due(self.round)


def receipt_is_due(round_: Round) -> bool:
    """Whether reviewers can have the receipts of their sheets: they say whose the entry is."""
    return sees(round_, Kind.REVIEWER, ENTRANT)


def shown_sheet(slot: Slot, user: Any, *, check: bool = False) -> ShownSheet:
    """What a reviewer is shown of one of their slots; with `check` also what keeps it from being submitted."""
    round_ = slot.entry.round
    slots = own_slots(round_, codes_in(user, round_))
    own = next(one for one in slots if one.slot.pk == slot.pk)
    taken = takes_sheets(round_)
    faults = own.faults if check else {}
    last = slot.sheets.filter(version=slot.version).select_related("opening__leaf").first() if slot.version else None
    return ShownSheet(
        own=own,
        all=slots,
        fields=tuple(mark_field(node, round_.rules, own, slots, faults) for node in round_.rules.leaves),
        seen=seen_submission(slot.entry) if taken and not own.barred and own.state != State.RECUSED else None,
        taken=taken,
        last=last,
        now=timezone.now(),
        until=moments(round_.rules).get("scoring_until"),
        others=others_of(own),
    )


def mark_field(
    node: Criterion, rules: Rules, own: OwnSlot, slots: Sequence[OwnSlot], faults: Mapping[str, str]
) -> MarkField:
    """A criterion of one of a reviewer's slots."""
    assert node.scale is not None  # a leaf that the panel marks has one: the rules were checked
    language = get_language() or "ko"
    said = own.values.get(f"{MARK}{node.id}", "")
    is_reason = said in {why.value for why in Missing}
    level, fault = level_of(node, said), faults.get(node.id, "")
    if isinstance(node.scale, Levels):
        if said and not is_reason and level is None:  # no button can show it
            fault = f"{said}: {off_scale(node)}"
        said = said if is_reason or level is None else decimal_text(level.value)
    mark = "" if is_reason else said
    return MarkField(
        leaf=node.id,
        title=node.name.text(language),
        above=tuple(_above(rules, node, language)),
        description=node.description.text(language) if node.description else "",
        least=decimal_text(node.scale.min),
        most=decimal_text(node.scale.max),
        step="" if isinstance(node.scale, Levels) else decimal_text(node.scale.step),
        is_levels=isinstance(node.scale, Levels),
        meanings=meanings(node.scale, mark, language),
        mark=mark,
        why=said if is_reason else "",
        comment=own.values.get(f"{COMMENT}{node.id}", ""),
        reasons=tuple((why.value, str(WORDS[why.value])) for why in offered(rules, node)),
        others=tuple((one.number, one.mark(node.id)) for one in slots if one is not own and one.mark(node.id)),
        fault=fault,
    )


def _above(rules: Rules, node: Criterion, language: str) -> list[str]:
    """Names of the criteria above a criterion, from the top, without the root."""
    names: list[str] = []
    while node.parent is not None and (above := rules.by_id.get(node.parent)) is not None and above.parent is not None:
        names.insert(0, above.name.text(language))
        node = above
    return names
