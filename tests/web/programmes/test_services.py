"""Opening and publishing rounds, and the events that every verb leaves, each held to its leaf in the log."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsa.record import canonical_text
from simsa.rules import parse
from simsa.web.programmes.append_only import AppendOnlyError
from simsa.web.programmes.models import Event, Leaf, Programme, Round, RulesChangedError, Stage
from simsa.web.programmes.services import (
    ChangedEventError,
    StageError,
    advance,
    check_events,
    lock,
    open_round,
    publish_round,
    record,
)
from tests.rules.small import SMALL, changed

pytestmark = pytest.mark.django_db


def test_open_round_freezes_the_rules():
    opened = open_round(SMALL, seed="drawn", actor="account 1")
    rules = parse(SMALL)
    assert (opened.slug, opened.rules_hash, opened.stage, opened.published_at) == (
        "small",
        rules.hash,
        "preparing",
        None,
    )
    assert (opened.language, opened.time_zone, opened.synthetic) == ("ko", "Asia/Seoul", False)
    assert opened.programme == Programme.objects.get(slug="small")
    event = opened.events.get()
    assert (event.verb, event.actor) == ("round.opened", "account 1")
    assert event.payload == canonical_text(
        {"programme": "small", "rules_hash": rules.hash, "seed": "drawn", "synthetic": False}
    )


def test_note_on_invented_data_labels_the_round():
    opened = open_round(SMALL, synthetic_note="invented by a test")
    assert (opened.synthetic, opened.synthetic_note) == (True, "invented by a test")


def test_every_fault_of_the_rules_is_a_message_for_the_form():
    broken = changed('weight = "0.4"', 'weight = "a lot"', changed("quota = 1", "quota = -1"))
    with pytest.raises(ValidationError) as refused:
        open_round(broken)
    assert len(refused.value.messages) == 2
    assert Round.objects.count() == Event.objects.count() == Programme.objects.count() == 0


def test_second_round_with_the_same_id_is_refused():
    open_round(SMALL)
    with pytest.raises(ValidationError, match="small"):
        open_round(SMALL)
    assert Event.objects.count() == 1


def test_rules_changed_behind_the_back_are_not_used():
    opened = open_round(SMALL)
    Round.objects.update(rules_toml=changed("quota = 1", "quota = 2"))
    opened.refresh_from_db()
    with pytest.raises(RulesChangedError, match=opened.rules_hash):
        _ = opened.rules


def test_publishing_twice_leaves_one_event_and_the_first_moment():
    opened = open_round(SMALL)
    first = publish_round(opened).published_at
    assert publish_round(opened).published_at == first
    assert [event.verb for event in opened.events.all()] == ["round.opened", "round.published"]


def test_stage_only_moves_forward():
    with transaction.atomic():
        locked = lock(open_round(SMALL), Stage.PREPARING)
        advance(locked, Stage.SCORING)
        with pytest.raises(StageError):
            advance(locked, Stage.PREPARING)
    with pytest.raises(StageError, match="small"), transaction.atomic():
        lock(locked, Stage.PREPARING)


@pytest.mark.parametrize(
    "wrong", [{"stage": "announced"}, {"stage": "lost"}, {"rules_hash": "abc"}], ids=lambda wrong: str(wrong)
)
def test_database_refuses_impossible_rounds(wrong):
    open_round(SMALL)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.update(**wrong)


def test_events_cannot_be_changed_or_deleted_through_the_models():
    opened = open_round(SMALL)
    event = opened.events.get()
    event.verb = "nothing"
    for attempt in (
        event.save,
        event.delete,
        lambda: Event.objects.update(verb="nothing"),
        lambda: Event.objects.filter(pk=event.pk).delete(),
        lambda: opened.events.all().update(verb="nothing"),
        lambda: Event.objects.bulk_update([event], ["verb"]),
        lambda: Event.objects.bulk_create([event], update_conflicts=True, unique_fields=["id"], update_fields=["verb"]),
        lambda: Event.objects.update_or_create(pk=event.pk, defaults={"verb": "nothing"}),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        Event(pk=event.pk, round=opened, verb="nothing", at=event.at, leaf=event.leaf).save()
    assert Event.objects.get().verb == "round.opened"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
PAYLOADS = st.dictionaries(TEXT, TEXT | st.integers(-(2**53) + 1, 2**53 - 1) | st.lists(TEXT, max_size=3), max_size=3)
FORGERIES = {
    "verb": "forged",
    "actor": "somebody else",
    "at": "2001-01-01 00:00:00+00:00",
    "payload": '{"forged":true}',
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=st.lists(PAYLOADS, min_size=2, max_size=6), data=st.data())
def test_any_change_to_any_event_shows(payloads, data):
    with transaction.atomic():
        opened = open_round(SMALL)
        events = [record(lock(opened), "something.done", "system", payload) for payload in payloads]
        assert check_events(opened) == 1 + len(payloads)
        event = data.draw(st.sampled_from(events), "event")
        with connection.cursor() as cursor:
            column = data.draw(st.sampled_from([*sorted(FORGERIES), "gone", "leaf"]), "column")
            if column == "gone":
                cursor.execute("DELETE FROM programmes_event WHERE id = %s", [event.pk])
            elif column == "leaf":
                Leaf.objects.filter(pk=event.leaf_id).update(data=b"{}")
            else:
                cursor.execute(
                    f"UPDATE programmes_event SET {column} = %s WHERE id = %s", [FORGERIES[column], event.pk]
                )
        with pytest.raises(ChangedEventError, match=str(event.leaf_id if column == "gone" else event.pk)):
            check_events(opened)
        transaction.set_rollback(True)


def test_an_event_without_its_opening_shows():
    opened = open_round(SMALL)
    opened.events.get().leaf.opening.delete()
    with pytest.raises(ChangedEventError, match="nothing opens"):
        check_events(opened)
