"""The verbs of a list that waits to be confirmed: send it, tell its columns, confirm it; and undo an import.

A draft changes nothing of its round and leaves no event: confirming does, through the import verb of its kind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.tables.lists import FIELD, ListRow, list_rows, mapping_faults, read_upload, recognise
from simsa.tables.table import RowError, Table
from simsa.web.entries.lists.kinds import KINDS, ListKind
from simsa.web.entries.models import Import, ImportDraft
from simsa.web.entries.services.plans import Plan, Source, StalePlanError, check_expected
from simsa.web.entries.services.rows import RowFault, refuse_rows
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import check_stage, lock

KEPT = timedelta(days=1)
"""How long a list waits to be confirmed."""


class MappingError(ValueError):
    """What columns are said to hold cannot be: the message says which."""


def begin_draft(
    round_: Round,
    kind: ListKind,
    data: bytes,
    file_name: str,
    *,
    sheet: str = "",
    header_row: int | None = None,
    removes: bool = False,
    actor: str,
) -> ImportDraft:
    """Keep a list that was sent for a round in preparation. TableError if the file is no list that can be read."""
    check_stage(round_.slug, round_.stage, Stage.PREPARING)
    targets = kind.targets(round_.rules)
    table = read_upload(data, file_name, targets, sheet=sheet or None, header_row=header_row)
    return ImportDraft.objects.create(
        round=round_,
        kind=kind.key,
        actor=actor,
        file_name=file_name[:255],
        sha256=hashlib.sha256(data).hexdigest(),
        content=ImportDraft.content_of(table),
        mapping=recognise(table.header, targets),
        removes=removes,
    )


def map_draft(draft: ImportDraft, mapping: Mapping[str, str], *, removes: bool) -> None:
    """Say what the columns hold (column -> key, "" for nothing). MappingError for two that hold the same."""
    kind = KINDS[draft.kind]
    known = {target.key for target in kind.targets(draft.round.rules)}
    unknown = [key for key in mapping.values() if key and key not in known and not key.startswith(FIELD)]
    if unknown or set(mapping) != set(draft.mapping):
        raise MappingError(_("These are not the columns of the list; send it again."))
    if twice := mapping_faults(mapping):
        what = _("Two columns are said to hold the same: %(what)s.")
        raise MappingError(what % {"what": ", ".join(map(kind.label, twice))})
    draft.mapping, draft.removes = dict(mapping), removes
    draft.save(update_fields=["mapping", "removes"])


@dataclass(frozen=True)
class Shown:
    """A draft as it is looked at: its rows, what confirming would do, the columns that are lacking, and what is wrong.

    `plan` is None while columns are lacking. `unread`: lines of the file that are no row of the table.
    """

    table: Table
    rows: Sequence[ListRow]
    plan: Plan | None
    lacking: tuple[str, ...]
    unread: tuple[RowError, ...]

    @property
    def faults(self) -> tuple[RowFault, ...]:
        return self.plan.faults if self.plan else ()

    @property
    def can_confirm(self) -> bool:
        return self.plan is not None and self.plan.changes and not self.faults and not self.unread

    def line(self, row: int) -> int | None:
        """The line of the file that a row of the plan is on; None for what is on none."""
        return self.rows[row - 1].line if row else None


def look_at(draft: ImportDraft) -> Shown:
    """What confirming the draft would do to the round as it is now."""
    kind, table = KINDS[draft.kind], draft.table
    lacking = tuple(key for key in kind.needed if key not in draft.mapping.values())
    rows = [] if lacking else list_rows(table, draft.mapping)
    planned = None if lacking else kind.plan(draft.round, rows, draft.removes)
    return Shown(table, rows, planned, lacking, table.malformed)


def confirm_draft(draft: ImportDraft, expected: str, *, actor: str) -> Import:
    """Do what was looked at, if it still is what would be done (`expected` is the plan's state), and drop the draft.

    StalePlanError if not, or if the draft is gone; ImportRefusedError with every fault. Nothing is half applied.
    """
    kind = KINDS[draft.kind]
    with transaction.atomic():
        round_ = lock(draft.round, Stage.PREPARING)
        kept = ImportDraft.objects.select_for_update().filter(pk=draft.pk).first()
        if kept is None or not expected:
            raise StalePlanError(_("This list was confirmed or dropped before."))
        shown = look_at(kept)
        refuse_rows([RowFault(0, str(error.line), error.what) for error in shown.unread])
        if shown.plan is None:
            raise StalePlanError(_("The round or the list has changed since this was shown; look at it again."))
        check_expected(shown.plan, expected)
        source = Source(kept.file_name, kept.sha256)
        done = kind.take(round_, shown.rows, removes=kept.removes, expected=expected, source=source, actor=actor)
        kept.delete()
    return done


def drop_old_drafts() -> int:
    """Forget the lists that nobody confirmed in time; how many there were."""
    count, _by_model = ImportDraft.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return count


def undo_import(done: Import, *, actor: str) -> None:
    """Take an import back, as its kind does. ImportRefusedError names what stands in the way."""
    KINDS[done.kind].undo(done, actor=actor)
