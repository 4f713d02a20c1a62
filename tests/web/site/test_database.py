"""A database of another version of simsa is recognised before anything is done to it; the demo says what it does."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from simsa.rules import parse
from simsa.web.awards.models import Result, Standing
from simsa.web.awards.services import run_selection
from simsa.web.programmes.models import Event, Round
from simsa.web.site import commands
from simsa.web.site.database import OtherVersionError, check_round, check_tables, is_behind
from tests.rules.small import SMALL, changed
from tests.web.panel.rounds import scored

pytestmark = pytest.mark.django_db


def test_database_of_this_version_is_taken():
    assert is_behind() is False
    check_tables()
    run_selection(scored())
    check_round(parse(SMALL))


def test_new_database_is_behind():
    connection.cursor().execute("DELETE FROM django_migrations")
    assert is_behind() is True


def test_history_in_another_order_is_refused():
    MigrationRecorder(connection).record_unapplied("programmes", "0001_initial")
    with pytest.raises(OtherVersionError, match=r"programmes\.0001_initial"):
        is_behind()


def test_migration_that_this_version_does_not_have_is_refused():
    MigrationRecorder(connection).record_applied("awards", "0099_from_another_time")
    with pytest.raises(OtherVersionError, match=r"awards\.0099_from_another_time"):
        is_behind()


def test_migrations_of_parts_that_have_gone_are_not_ours_to_judge():
    MigrationRecorder(connection).record_applied("some_part", "0001_initial")
    assert is_behind() is False


@pytest.mark.parametrize(
    ("change", "column"), [("RENAME COLUMN chance TO luck", "chance"), ("RENAME TO elsewhere", "calibrated")]
)
def test_tables_that_were_made_by_another_migration_of_the_same_name_are_refused(change, column):
    connection.cursor().execute(f"ALTER TABLE {Standing._meta.db_table} {change}")
    with pytest.raises(OtherVersionError, match=f"has no column {column}"):
        check_tables()


def test_same_round_under_other_rules_is_refused():
    scored()
    with pytest.raises(OtherVersionError, match="the round small under other rules"):
        check_round(parse(changed("quota = 1", "quota = 2")))


def test_result_in_another_form_is_refused():
    result = run_selection(scored())
    Result.objects.update(payload=json.dumps({**result.facts, "simsa_result": 1}))
    with pytest.raises(OtherVersionError, match="a result of the round small in another form"):
        check_round(parse(SMALL))


def test_demo_has_one_account_with_a_new_password_each_time(client):
    commands._open_account("first password 1")
    assert client.login(email="demo@example.org", password="first password 1")
    commands._open_account("second password 2")
    assert not client.login(email="demo@example.org", password="first password 1")
    assert client.login(email="demo@example.org", password="second password 2")
    assert client.get("/cms/").status_code == 200


def test_demo_tells_how_far_it_is_and_loads_once(monkeypatch, capsys):
    told = []

    @contextmanager
    def progress(title):
        yield lambda step, done, total: told.append((step, done, total))

    monkeypatch.setattr(commands, "progress", progress)
    commands.load_example()
    assert [step for step, _done, _total in told[-5:]] == [
        "entries and panel",
        "assignment",
        "sheets",
        "result",
        "result",
    ]
    assert told[-1][1] == told[-1][2]
    assert "Loading the reference programme" in capsys.readouterr().err
    events = Event.objects.count()
    told.clear()
    commands.load_example()
    assert told == []
    assert Event.objects.count() == events
    Round.objects.update(rules_hash="0" * 64)
    with pytest.raises(OtherVersionError, match="under other rules"):
        commands.load_example()
