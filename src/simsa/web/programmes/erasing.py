"""Forgetting: rows are deleted, and what they held is overwritten where the database keeps it for a while."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db import connection, models, transaction
from django.dispatch import Signal

from simsa.web.programmes.models import Opening, PublicBundle, Round

forgetting = Signal()
"""Sent with `round` when what is behind its record is forgotten. A receiver deletes what in its room says the same, and
answers the model of which it deleted or overwrote rows, or several."""


def erase_openings(round_: Round) -> None:
    """Delete all openings of a round within the transaction of the verb, and overwrite them once it is through."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")
    Opening.objects.filter(log=round_.log).delete()
    PublicBundle.objects.filter(log=round_.log).delete()
    told = [answer for _receiver, answer in forgetting.send(sender=Round, round=round_)]
    others = [model for answer in told for model in (answer if isinstance(answer, list) else [answer])]
    # What is forgotten is forgotten, whatever comes of this.
    transaction.on_commit(partial(_overwrite, [Opening, *others]), robust=True)


def _overwrite(deleted: Iterable[type[models.Model]]) -> None:
    """Old versions of rows: in SQLite's journal, in PostgreSQL's tables."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for model in deleted:
                cursor.execute(f"VACUUM (FULL) {connection.ops.quote_name(model._meta.db_table)}")
