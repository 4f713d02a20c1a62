"""Ballots counted by engines for columns: DuckDB on a file, PostgreSQL on a table, the same as the exact count."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection
from hypothesis import given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from simsa.cli import main
from simsa.engine.votes import Ballot, ballot_of, ballot_rows, count
from simsa.rules import Vote
from simsa.rules.nodes import Range
from simsa.tables.ballots import BallotRow, BallotsError, ballot_table, count_parquet, count_table
from tests.draws import draws
from tests.engine.test_votes import ENTRIES, VOTES, WINDOW, filled

ibis = pytest.importorskip("ibis")


def rows_of(ballots: list[Ballot], out: frozenset[int] = frozenset()) -> list[BallotRow]:
    """In any order; those at `out` were put aside."""
    return [
        BallotRow(f"{n * 7919 % 10007:064x}", n % 3, "kept" * (n in out), n not in out, json.dumps(ballot_rows(one)))
        for n, one in enumerate(ballots)
    ]


@st.composite
def voted(draw: st.DrawFn) -> tuple[Vote, list[Ballot], frozenset[int]]:
    rules = draw(st.sampled_from(VOTES))
    ballots = draw(st.lists(filled(rules), max_size=30))
    return rules, ballots, draw(st.frozensets(st.integers(0, 29), max_size=4))


@drawing(max_examples=draws(25), deadline=None)
@given(drawn=voted())
def test_duckdb_counts_a_file_as_the_engine_counts_ballots(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[Vote, list[Ballot], frozenset[int]]
) -> None:
    rules, ballots, out = drawn
    file = tmp_path_factory.mktemp("ballots") / "ballots.parquet"
    ballot_table(rules, rows_of(ballots, out)).write_parquet(file)
    assert count_parquet(file, ENTRIES) == count(ENTRIES, [one for n, one in enumerate(ballots) if n not in out])


def test_sums_beyond_what_floats_hold_are_exact(tmp_path: Path) -> None:
    points = (Fraction(10**15) + Fraction(1, 3), Fraction(1, 7))
    fine = Vote("public", "ranked", WINDOW["opens"], WINDOW["closes"], Range(1, 2), points)
    ballots: list[Ballot] = [(("b", fine.points[0]), ("c", fine.points[1]))] * 90
    file = tmp_path / "ballots.parquet"
    ballot_table(fine, rows_of(ballots)).write_parquet(file)
    found = count_parquet(file, ENTRIES)
    assert found == count(ENTRIES, ballots)
    assert found.points[1] == 90 * (Fraction(10**15) + Fraction(1, 3))
    with pytest.raises(BallotsError, match="too many"):
        ballot_table(fine, rows_of(ballots * 100))


def test_what_is_no_table_of_ballots_is_told(tmp_path: Path) -> None:
    ballots: list[Ballot] = [(("b", Fraction(3)),)]
    table = ballot_table(VOTES[0], rows_of(ballots))
    file = tmp_path / "ballots.parquet"
    table.drop("units").write_parquet(file)
    with pytest.raises(BallotsError, match="no column 'units'"):
        count_parquet(file, ENTRIES)
    table.write_parquet(file)
    with pytest.raises(BallotsError, match="'b' was not on the ballot"):
        count_parquet(file, ["c"])
    assert count_parquet(file, ["b", "c"]).named == (1, 0)
    file.write_bytes(b"no parquet")
    with pytest.raises(BallotsError, match=r"ballots\.parquet"):
        count_parquet(file)


def test_the_command_counts_a_file_and_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "ballots.parquet"
    ballots: list[Ballot] = [(("b", Fraction(3)), ("가", Fraction(1, 3))), (("b", Fraction(2)),)]
    rules = Vote("public", "ranked", WINDOW["opens"], WINDOW["closes"], Range(1, 2), (Fraction(3), Fraction(1, 3)))
    ballot_table(rules, rows_of(ballots)).write_parquet(file)
    done = CliRunner().invoke(main, ["ballots", str(file)])
    assert "2 ballots count\n  b  5  named 2 times\n  가  1/3  named 1 times" in done.stdout
    told = json.loads(CliRunner().invoke(main, ["ballots", str(file), "--json"]).stdout)
    assert told["entries"][0] == {"entry": "b", "points": "5", "named": 2}
    assert CliRunner().invoke(main, ["ballots"]).exit_code == 2
    file.write_bytes(b"no parquet")
    for asked in ([str(file)], ["--on", f"duckdb://{tmp_path}/new.duckdb"], ["--on", "nowhere://x"]):
        refused = CliRunner().invoke(main, ["ballots", *asked])
        assert (refused.exit_code, "Error: " in refused.stderr) == (1, True), refused.output


@pytest.mark.postgresql
@pytest.mark.django_db
def test_postgresql_counts_by_the_same_expression() -> None:
    """The table on the server of this run, the expression compiled for it."""
    connection.ensure_connection()
    told = connection.connection.info
    about = {"host": told.host, "port": told.port, "user": told.user, "password": told.password or None}
    server = ibis.postgres.connect(database="postgres", **about)
    try:
        for number, rules in enumerate(VOTES):
            ballots = [ballot_of(rules, ENTRIES, ENTRIES[n % 2 : n % 2 + 2], marks(rules, n)) for n in range(50)]
            out = frozenset(range(0, 50, 7))
            server.create_table(f"ballots{number}", ballot_table(rules, rows_of(ballots, out)), temp=True)
            found = count_table(server.table(f"ballots{number}"), ENTRIES)
            assert found == count(ENTRIES, [one for n, one in enumerate(ballots) if n not in out])
    finally:
        server.disconnect()


def marks(rules: Vote, n: int) -> dict[str, Fraction]:
    return {one: rules.worth[(n + place) % len(rules.worth)] for place, one in enumerate(ENTRIES)}
