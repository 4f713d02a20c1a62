"""Ballots of a vote as a table, and one expression that counts them wherever there is an engine for columns.

The table has a row for each entry that a ballot names. What a ballot gives is there as an exact text (`points`) and as
a whole number of `1/unit` (`units`), so that any engine adds without rounding. DuckDB counts a Parquet file on this
machine; Ibis compiles the same expression for an engine that holds the table already. Both come with `simsa[columns]`;
the count that decides is that of `simsa.engine.votes`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from simsa.engine.votes import Count
from simsa.rules import Vote

if TYPE_CHECKING:
    import ibis

_LARGEST = 2**62
"""Units of all ballots together: a sum of them is still a whole number of 64 bits."""
_SCHEMA = {
    "commitment": pl.String,
    "batch": pl.Int64,
    "ruling": pl.String,
    "counts": pl.Boolean,
    "place": pl.Int64,
    "entry": pl.String,
    "points": pl.String,
    "units": pl.Int64,
    "unit": pl.Int64,
}


class BallotsError(ValueError):
    """Ballots that cannot be written or counted as a table; the message says why."""


class BallotRow(NamedTuple):
    """A ballot: `says` is canonical JSON; `batch`: with which it was sealed; `ruling` on it, if it was put aside."""

    commitment: str
    batch: int | None
    ruling: str
    counts: bool
    says: str


def ballot_table(vote: Vote, ballots: Iterable[BallotRow]) -> pl.DataFrame:
    """In the order of the commitments, which tells nothing. BallotsError where points are too fine."""
    unit = lcm(*(worth.denominator for worth in vote.worth))
    whole: dict[str, int] = {}  # units by the text of the points
    rows: list[tuple[Any, ...]] = []
    for one in sorted(ballots, key=lambda ballot: ballot.commitment):
        for place, (entry, points) in enumerate(json.loads(one.says), start=1):
            if points not in whole:
                whole[points] = int(Fraction(points) * unit)
            rows.append((*one[:4], place, entry, points, whole[points], unit))
    if len(rows) * max(map(abs, whole.values()), default=0) >= _LARGEST:
        raise BallotsError(f"points in units of 1/{unit} are too many for a table of whole numbers")
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def tallied(ballots: ibis.Table) -> ibis.Table:
    """Of each entry its `units` of `1/unit`, how many ballots name it, and how many `ballots` count at all."""
    counting = ballots.filter(ballots.counts)
    found = counting.group_by("entry").aggregate(
        units=counting.units.sum(), unit=counting.unit.max(), named=counting.count()
    )
    return found.mutate(ballots=counting.commitment.nunique().as_scalar()).order_by("entry")


def count_table(ballots: ibis.Table, entries: Sequence[str] | None = None) -> Count:
    """The count of a table, by the engine that holds it: of these entries, by default of all that are named.

    BallotsError for what is no table of ballots, or names another entry.
    """
    if missing := _SCHEMA.keys() - set(ballots.columns):
        raise BallotsError(f"the table of ballots has no column {min(missing)!r}")
    rows = {row["entry"]: row for row in tallied(ballots).to_pyarrow().to_pylist()}
    known = tuple(sorted(rows) if entries is None else entries)
    if strangers := rows.keys() - set(known):
        raise BallotsError(f"{min(strangers)!r} was not on the ballot")
    none = {"units": 0, "unit": 1, "named": 0}
    found = [rows.get(one, none) for one in known]
    points = tuple(Fraction(int(row["units"]), int(row["unit"])) for row in found)
    number = next((int(row["ballots"]) for row in rows.values()), 0)
    return Count(known, points, tuple(int(row["named"]) for row in found), number)


def count_parquet(file: Path, entries: Sequence[str] | None = None) -> Count:
    """The count of a Parquet file, by DuckDB on this machine. BallotsError if it is no table of ballots."""
    with _engine(str(file), lambda ibis: ibis.duckdb.connect()) as engine:
        return count_table(engine.read_parquet(file), entries)


def count_on(address: str, table: str) -> Count:
    """The count of a table of an engine that Ibis speaks to. BallotsError if it cannot be read there."""
    with _engine(f"table {table}", lambda ibis: ibis.connect(address)) as engine:
        return count_table(engine.table(table))


@contextmanager
def _engine(what: str, connect: Callable[[Any], Any]) -> Iterator[Any]:
    """An engine, and a BallotsError for whatever it says; each engine has errors of kinds of its own."""
    ibis = _ibis()
    engine = None
    try:
        engine = connect(ibis)
        yield engine
    except Exception as error:
        raise BallotsError(f"{what}: {error}") from error
    finally:
        if engine is not None:
            engine.disconnect()


def _ibis() -> Any:
    try:
        import ibis  # noqa: PLC0415 (comes with simsa[columns] alone)
    except ImportError:
        raise BallotsError("counting by an engine for columns needs: pip install 'simsa[columns]'") from None
    return ibis
