"""On PostgreSQL, indexes of three letters each, which find a word anywhere in a text without reading all of them.

The extension `pg_trgm` comes with PostgreSQL, and the owner of a database may create it. Where that is not allowed the
search works all the same and reads every text; SQLite does that always.
"""

from django.db import migrations, transaction
from django.db.utils import DatabaseError

TABLE = "newsroom_search_searchtext"
COLUMNS = ("title", "beside", "text", "morphemes")


def create(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for column in COLUMNS:
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS {TABLE}_{column}_trigrams ON {TABLE} USING gin ({column} gin_trgm_ops)"
                )
    except DatabaseError as error:
        print(f"search without trigrams, which is slower: {error}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(f"DROP INDEX IF EXISTS {TABLE}_{column}_trigrams")


class Migration(migrations.Migration):
    dependencies = [("newsroom_search", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
