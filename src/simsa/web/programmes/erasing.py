"""Forgetting: rows are deleted, and what they held is overwritten where the database keeps it for a while."""

from __future__ import annotations

from django.db import connection, transaction

from simsa.web.programmes.models import Log, Opening, PublicBundle


def erase_openings(log: Log) -> None:
    """Delete all openings of a log within the transaction of the verb, and overwrite them once it is through."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")
    Opening.objects.filter(log=log).delete()
    PublicBundle.objects.filter(log=log).delete()
    transaction.on_commit(_overwrite, robust=True)  # what is forgotten is forgotten, whatever comes of this


def _overwrite() -> None:
    """Old versions of rows: in SQLite's journal, in PostgreSQL's table."""
    table = connection.ops.quote_name(Opening._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM (FULL) {table}")
