"""Statements that thousands wait for on the night of a deadline: planned once in a connection, and sent together.

Django binds values into the text of each statement, which PostgreSQL then reads and plans anew, one way there and back
for every one. That takes longer than what the statements do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import connection

Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


def ask(*asked: tuple[str, Values]) -> list[Rows]:
    """The rows of each of these queries (`%(name)s`), which need nothing of each other; they are done in this order.

    With PostgreSQL they go one way there and back, on which their transaction begins too, where there is none yet.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, _pipeline():
        cursors = [_cursor() for _ in asked]
        for cursor, (statement, values) in zip(cursors, asked, strict=True):
            cursor.execute(statement, values)
    with connection.wrap_database_errors:
        return [cursor.fetchall() for cursor in cursors]


def tell(statement: str, rows: Sequence[Values]) -> int:
    """Do one statement that returns nothing with the values of each row; how many rows of tables it changed."""
    connection.ensure_connection()
    cursor = _cursor()
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    else:
        cursor.executemany(statement, rows)
    return int(cursor.rowcount)


def _cursor() -> Any:
    if not _prepares():
        return connection.cursor()
    from psycopg import Cursor  # noqa: PLC0415 (not there with SQLite alone)

    return connection.make_cursor(Cursor(connection.connection))


def _pipeline() -> Any:
    return connection.connection.pipeline() if _prepares() else nullcontext()


def _prepares() -> bool:
    """With PostgreSQL; not while Django notes the text of all statements, which only its own cursors know."""
    return connection.vendor == "postgresql" and not connection.queries_logged
