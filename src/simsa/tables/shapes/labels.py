"""The label of tables that come from synthetic data."""

from __future__ import annotations

from simsa.tables.table import Table


def labelled(table: Table, synthetic: bool) -> Table:
    """The table with a last column that says of every row that it comes from synthetic data, if it does."""
    if not synthetic:
        return table
    return Table(
        table.source,
        (*table.header, "synthetic"),
        (*table.columns, ("yes",) * len(table)),
        table.lines,
        table.malformed,
    )
