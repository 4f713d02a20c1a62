"""Statements that thousands wait for on the night of a deadline: put together once, and sent together.

Django's mapper puts every query together anew, and binds its values into the text, which PostgreSQL then reads and
plans anew, one way there and back for each. That takes many times longer than what the statements do. Here a query of
the mapper (`Prepared`) or an SQL statement keeps its text, and PostgreSQL plans it once in a connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
Values = Mapping[str, Any] | Sequence[Any]
Rows = list[tuple[Any, ...]]


def ask(*asked: tuple[str, Values]) -> list[Rows]:
    """The rows of each of these statements, which need nothing of each other; they are done in this order.

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


class Prepared(Generic[M]):
    """A query of the mapper that is put together once, for values that come later.

    `build` makes it from `samples`, each a value that occurs in it as it is and nowhere else; related objects that it
    selects come with what it finds. `Prepared(build, pk=12345678)(pk=3)` finds what `build(pk=3)` would.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], **samples: int | str | datetime) -> None:
        self._build, self._samples = build, samples

    def __call__(self, **values: Any) -> list[M]:
        [rows] = ask(self.asked(**values))
        return self.found(rows)

    def asked(self, **values: Any) -> tuple[str, Values]:
        """What to `ask`; the rows are for `found`."""
        query = self._query
        return query.text, [_bound(values[name]) if name else constant for name, constant in query.parameters]

    def found(self, rows: Iterable[Sequence[Any]]) -> list[M]:
        """The objects in rows of this query."""
        return self._query.objects(rows)

    @cached_property
    def _query(self) -> _Query:
        return _Query.of(self._build(**self._samples), {_bound(value): name for name, value in self._samples.items()})


@dataclass(frozen=True)
class _Query:
    text: str
    parameters: list[tuple[str, Any]]
    """In their order: the name of a value that comes later, or "" and what is always the same."""
    compiler: Any
    converters: Any
    columns: slice
    names: list[str]
    related: Any

    @classmethod
    def of(cls, query: QuerySet[Any], samples: Mapping[Any, str]) -> _Query:
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        text, given = compiler.as_sql()
        parameters = [(samples.get(value, ""), value) for value in given]
        missing = set(samples.values()) - {name for name, _ in parameters}
        assert not missing, f"{missing} do not occur in {text}"
        fields = compiler.klass_info["select_fields"]
        columns = slice(fields[0], fields[-1] + 1)
        names = [column[0].target.attname for column in compiler.select[columns]]
        related = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return cls(text, parameters, compiler, converters, columns, names, related)

    def objects(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        made, model = [], self.compiler.klass_info["model"]
        for row in self.compiler.apply_converters(rows, self.converters) if self.converters else rows:
            one = model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.columns])
            for populator in self.related:
                populator.populate(row, one)
            made.append(one)
        return made


def _bound(value: Any) -> Any:
    """As a parameter of a statement: SQLite has moments as texts."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


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
