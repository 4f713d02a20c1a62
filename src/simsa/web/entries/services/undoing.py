"""What the undoing of any import has in common: whether it still can be undone, and that it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from simsa.web.entries.models import Import
from simsa.web.entries.services.rows import RowFault, refuse_rows


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


def mark_undone(done: Import, actor: str) -> None:
    """Keep when and by whom an import was undone."""
    done.undone_at, done.undone_by = timezone.now(), actor
    done.save(update_fields=["undone_at", "undone_by"])
