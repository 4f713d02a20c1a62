"""That tests with real transactions leave nothing behind on PostgreSQL."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from simsa.web.programmes.models import Round
from tests.resetting import Planted
from tests.web.panel.rounds import scored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_rows_sequences_and_what_was_planted_come_back():
    before = Planted.now()
    scored()
    ContentType.objects.filter(app_label="panel", model="slot").update(model="other")
    ContentType.objects.create(app_label="x", model="y")
    assert Planted.now() != before
    assert before.restore()
    assert Planted.now() == before
    assert not Round.objects.exists()


def test_another_schema_is_noticed():
    before = Planted.now()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE one_more (id integer)")
    assert not before.restore()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE one_more")
    assert before.restore()
