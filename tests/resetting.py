"""Bringing a PostgreSQL database back to what migrations left, after a test with real transactions.

A new copy of the whole database takes a second; nearly all of its tables are empty before and after most tests. Only
what has changed is put back: rows, and where sequences stand. After a change of the schema a new copy is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_SCHEMA = """
SELECT count(*), coalesce(sum(hashtextextended(c.relname || a.attname || a.atttypid || a.attnotnull, 0)), 0)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Planted:
    """What migrations left: the rows of tables that have any, by a digest, and where sequences stand."""

    tables: tuple[str, ...]
    schema: tuple[Any, ...]
    digests: dict[str, str]
    rows: dict[str, bytes]
    sequences: dict[str, int | None]

    @classmethod
    def now(cls) -> Planted:
        from django.db import connection

        with connection.cursor() as cursor:
            tables = tuple(sorted(connection.introspection.table_names(cursor)))
            digests = _digests(cursor, _filled(cursor, tables))
            rows = {}
            for table in digests:
                with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                    rows[table] = b"".join(map(bytes, copy))
            return cls(tables, _schema(cursor), digests, rows, _sequences(cursor))

    def restore(self) -> bool:
        """Put everything back; False, and nothing is done, if tables are not what they were."""
        from django.db import connection, transaction

        connection.close()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_OTHERS)
            if _schema(cursor) != self.schema:
                return False
            cursor.execute("SET LOCAL session_replication_role = replica")  # neither foreign keys nor triggers
            filled = _filled(cursor, self.tables)
            there = _digests(cursor, [table for table in filled if table in self.digests])
            changed = [table for table, digest in self.digests.items() if there.get(table) != digest]
            for table in {*changed, *(table for table in filled if table not in self.digests)}:
                cursor.execute(f'DELETE FROM "{table}"')
            for table in changed:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(self.rows[table])
            for name, last in _sequences(cursor).items():
                if last != self.sequences[name]:
                    kept = self.sequences[name]
                    cursor.execute("SELECT setval(%s, %s, %s)", [f'"{name}"', kept or 1, kept is not None])
        connection.close()
        return True


def _schema(cursor: Any) -> tuple[Any, ...]:
    cursor.execute(_SCHEMA)
    return tuple(cursor.fetchone())


def _filled(cursor: Any, tables: tuple[str, ...]) -> list[str]:
    """The tables that have rows."""
    cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM \"{one}\")" for one in tables))
    return [name for (name,) in cursor.fetchall()]


def _digests(cursor: Any, tables: list[str]) -> dict[str, str]:
    if not tables:
        return {}
    digest = "SELECT '{0}', md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM \"{0}\" t"
    cursor.execute(" UNION ALL ".join(digest.format(one) for one in tables))
    return dict(cursor.fetchall())


def _sequences(cursor: Any) -> dict[str, int | None]:
    cursor.execute(_SEQUENCES)
    return dict(cursor.fetchall())
