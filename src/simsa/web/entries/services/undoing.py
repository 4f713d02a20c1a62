"""What all kinds of imports keep so that they can be undone, and whether one still can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.record import canonical_text
from simsa.web.entries.models import Import
from simsa.web.entries.services.plans import Source
from simsa.web.entries.services.rows import RowFault, refuse_rows
from simsa.web.programmes.models import Round


def keep_import(
    round_: Round, kind: str, rows: int, changes: Mapping[str, tuple[Any, Any]], source: Source, actor: str
) -> Import:
    """Keep what an import changed: by code, before and after."""
    kept: Import = Import.objects.create(
        round=round_,
        kind=kind,
        actor=actor,
        at=timezone.now(),
        file_name=source.file_name,
        sha256=source.sha256,
        rows=rows,
        changes=canonical_text(changes),
    )
    return kept


def check_undo(done: Import, now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What an import changed: by code, before and after. ImportRefusedError if something has changed since, or it was
    undone before. `now`: by code what is in the locked round."""
    fresh = Import.objects.select_for_update().get(pk=done.pk)
    if fresh.undone_at is not None:
        refuse_rows([RowFault(0, str(fresh), _("this import was undone before"))])
    changes = fresh.by_code
    refuse_rows(
        [
            RowFault(0, code, _("has changed since; undo the later change first"))
            for code, (_before, after) in changes.items()
            if now.get(code) != after
        ]
    )
    return changes


def taken_places(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[RowFault]:
    """Those who would come back to a position where another is now (states by code, with `position`)."""
    at = {state["position"]: code for code, state in now.items() if before.get(code, state) is not None}
    back = {code: state for code, state in before.items() if state is not None and code not in now}
    what = _("its place in the order is taken by %(code)s now")
    return [
        RowFault(0, code, what % {"code": at[state["position"]]})
        for code, state in back.items()
        if state["position"] in at
    ]


def mark_undone(done: Import, actor: str) -> None:
    """Keep when and by whom an import was undone."""
    done.undone_at, done.undone_by = timezone.now(), actor
    done.save(update_fields=["undone_at", "undone_by"])
