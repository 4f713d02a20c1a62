"""Queries that are put together once find what the mapper finds, whatever comes in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from simsa.web.accounts.models import User
from simsa.web.entries.models import Entry
from simsa.web.prepared import Prepared, ask, tell
from simsa.web.programmes.models import Programme, Role, Round

pytestmark = pytest.mark.django_db

NOW = timezone.now()
OF_PERSON = Prepared(
    lambda person, now: Role.objects.filter(Q(until__isnull=True) | Q(until__gt=now), person=person, kind="officer"),
    person=7_777_777,
    now=NOW,
)


def roles(person: User, *untils: Any) -> None:
    programme = Programme.objects.create(slug=f"p{person.pk}")
    for until in untils:
        Role.objects.create(programme=programme, person=person, kind="officer", since=NOW - timedelta(2), until=until)


def facts(found: list[Role]) -> list[dict[str, Any]]:
    return [{key: value for key, value in vars(one).items() if key != "_state"} for one in found]


def test_it_finds_what_the_mapper_finds_with_values_of_the_same_types() -> None:
    people = [User.objects.create_user(f"{n}@example.org") for n in range(2)]
    roles(people[0], NOW + timedelta(1), NOW - timedelta(1))
    roles(people[1], None)
    for person in people:
        for now in (NOW - timedelta(3), NOW, NOW + timedelta(3)):
            expected = list(Role.objects.filter(Q(until__isnull=True) | Q(until__gt=now), person=person))
            assert facts(OF_PERSON(person=person.pk, now=now)) == facts(expected)
    assert len(OF_PERSON(person=people[0].pk, now=NOW)) == 1
    with CaptureQueriesContext(connection) as noted:
        assert len(OF_PERSON(person=people[0].pk, now=NOW)) == 1
    assert len(noted) == 1


def test_related_objects_come_with_it(example: Round) -> None:
    entry = Entry.objects.select_related("round__programme", "entrant").order_by("pk")[0]
    [found] = Prepared(lambda pk: Entry.objects.filter(pk=pk).select_related("round__programme", "entrant"), pk=9)(
        pk=entry.pk
    )
    with CaptureQueriesContext(connection) as asked:
        assert found.round.programme == entry.round.programme
        assert vars(found.round)["opened_at"] == entry.round.opened_at
        assert (found.entrant.name_ko, found.entrant.latitude) == (entry.entrant.name_ko, entry.entrant.latitude)
    assert not asked.captured_queries


def test_a_sample_that_is_not_in_the_query_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="do not occur"):
        Prepared(lambda pk, more: User.objects.filter(pk=pk), pk=1, more=2)(pk=1, more=2)


def test_several_are_asked_at_once_and_an_error_is_one_of_django() -> None:
    one, two = ask(("SELECT 1 + %(n)s", {"n": 1}), ("SELECT %(n)s", {"n": 5}))
    assert (one, two) == ([(2,)], [(5,)])
    person = User.objects.create_user("a@example.org")
    statement = "UPDATE accounts_user SET email = %(email)s WHERE id = %(pk)s"
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(statement, [{"email": "A@example.org", "pk": person.pk}])
    assert tell(statement, [{"email": "b@example.org", "pk": person.pk}]) == 1
    assert tell(statement, [{"email": "c@example.org", "pk": 0}]) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        ask(("SELECT 1", {}), (statement + " RETURNING id", {"email": "D@example.org", "pk": person.pk}))
