"""Whether a database is one that this version of simsa can work with, told before anything is done to it."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from simsa.rules import Rules
from simsa.web.awards.models import Result
from simsa.web.awards.outcome import FORMAT
from simsa.web.programmes.models import Round


class OtherVersionError(RuntimeError):
    """A database that another version of simsa made; the message says how it shows, and nothing was changed."""


def is_behind() -> bool:
    """Whether there are migrations to be done. OtherVersionError if they cannot be."""
    try:
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
    except (InconsistentMigrationHistory, DatabaseError) as error:
        raise OtherVersionError(_first_line(error)) from error
    ours = {config.label for config in _rooms()}
    unknown = sorted(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations))
    if found := [f"{app}.{name}" for app, name in unknown if app in ours]:
        raise OtherVersionError(f"it has the migration {found[0]}, which there is not in this version")
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def bring_up_to_date() -> None:
    """Do the migrations. OtherVersionError if one cannot be done to the tables that there are."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise OtherVersionError(_first_line(error)) from error


def check_tables() -> None:
    """OtherVersionError if a table of ours lacks a column: a migration was written anew since the database was made."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for config in _rooms():
            for model in config.get_models():
                table = model._meta.db_table
                there: set[str] = set()
                if table in tables:
                    there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
                wanted = {field.column for field in model._meta.local_concrete_fields}
                if missing := sorted(wanted - there):
                    raise OtherVersionError(f"its table {table} has no column {missing[0]}")


def check_round(rules: Rules) -> None:
    """OtherVersionError if the round of these rules is there under other rules, or its result in another form."""
    if Round.objects.filter(slug=rules.id).exclude(rules_hash=rules.hash).exists():
        raise OtherVersionError(f"it has the round {rules.id} under other rules")
    for result in Result.objects.filter(round__slug=rules.id, status=Result.Status.DONE):
        if result.facts["simsa_result"] != FORMAT:
            raise OtherVersionError(f"it has a result of the round {rules.id} in another form")


def _rooms() -> list[AppConfig]:
    return [config for config in apps.get_app_configs() if config.name.startswith("simsa.")]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
