"""Background work: what is shown of it, when nobody does it, and that doing it twice leaves the same."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers import serialize
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult
from wagtail.models import Collection

from simsa.web import JOURNEY
from simsa.web.awards.services import start_selection
from simsa.web.entries.files.uploads import add_file
from simsa.web.newsroom.models import NewsPicture
from simsa.web.panel.affinities.running import start_affinities
from simsa.web.panel.services.adding import start_batch
from simsa.web.panel.services.planning import start_alternative
from simsa.web.programmes.periodic import beat, forget_done
from simsa.web.programmes.services import invite
from simsa.web.programmes.tasks import pulse, send_letters
from simsa.web.site.background import (
    ASKED_ANEW,
    PATIENCE,
    STALE,
    TASKS,
    background_alarms,
    run_again,
    standing_of,
    unattended_since,
)
from simsa.web.site.clock import tick
from simsa.web.site.models import Beat
from simsa.web.site.server import _new_worker
from tests.web.entries.pictures import noise
from tests.web.panel import held_back
from tests.web.panel.rounds import prepared, scored
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db


def registered() -> dict[str, Task]:
    """Every task that there is."""
    modules = []
    for room in (*JOURNEY, "newsroom.search"):
        try:
            modules.append(importlib.import_module(f"simsa.web.{room}.tasks"))
        except ModuleNotFoundError:
            continue
    return {one.module_path: one for module in modules for one in vars(module).values() if isinstance(one, Task)}


def _letter() -> list[Any]:
    round_ = prepared()
    invite(round_.programme, round_, "observer", "kim@example.kr")
    return []


def _file() -> list[Any]:
    entry = prepared().entries.get(entrant__code="a1")
    return [add_file(entry, account("kim"), SimpleUploadedFile("a.png", noise(40))).pk.hex]


def _picture() -> list[Any]:
    if not Collection.objects.exists():  # what the first migration plants is gone after a test with real transactions
        Collection.add_root(name="Root")
    return [NewsPicture.objects.create(title="x", file=ImageFile(io.BytesIO(noise(60)), name="x.png")).pk]


def _nothing() -> list[Any]:
    return []


GIVEN: dict[str, Callable[[], list[Any]]] = {
    "simsa.web.programmes.tasks.stamp": lambda: [scored(), []][1],
    "simsa.web.programmes.tasks.witness": lambda: [scored(), []][1],
    "simsa.web.programmes.tasks.send_letters": _letter,
    "simsa.web.programmes.tasks.pulse": _nothing,
    "simsa.web.entries.tasks.take_in": _file,
    "simsa.web.panel.tasks.run_affinities": lambda: [start_affinities(prepared(), "0", actor="person/1").pk],
    "simsa.web.panel.tasks.run_alternative": lambda: [start_alternative(prepared(), "total", actor="person/1").pk],
    "simsa.web.panel.tasks.run_batch": lambda: [start_batch(held_back.scored(), actor="person/1").pk],
    "simsa.web.awards.tasks.compute_result": lambda: [start_selection(scored()).pk],
    "simsa.web.weather.tasks.fetch": _nothing,
    "simsa.web.newsroom.tasks.make_renditions": _picture,
    "simsa.web.newsroom.search.tasks.analyse_texts": _nothing,
}
"""What each task is given in its test. Those of accounts send a letter to the person who asked for it, each time that
they do; nobody starts them again."""


def test_every_task_is_listed_and_tried_out():
    ours = {path for path in registered() if not path.startswith("tests.")}
    assert ours == set(TASKS)
    assert {path for path in ours if not path.startswith(ASKED_ANEW)} == set(GIVEN)


def everything() -> str:
    """All rows of all tables, but those of the queue."""
    models = [model for model in apps.get_models() if model is not DBTaskResult and model._meta.managed]
    return json.dumps([json.loads(serialize("json", model._base_manager.order_by("pk"))) for model in models])


@pytest.mark.parametrize("path", GIVEN)
def test_run_twice_a_task_leaves_the_same(path, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("simsa.web.morphology.installed", lambda: False)  # it takes long to load
    settings.MEDIA_ROOT, settings.UPLOADS = tmp_path / "media", tmp_path / "uploads"
    settings.UPLOADS.mkdir(mode=0o700)
    task, given = registered()[path], GIVEN[path]()
    task.call(*given)
    once, letters = everything(), len(mail.outbox)
    task.call(*given)
    assert everything() == once
    assert len(mail.outbox) == letters


def later(**by: float) -> Any:
    return timezone.now() + timedelta(**by)


def test_nobody_who_takes_what_waits_is_noticed_and_told():
    round_ = prepared()
    with_role("boss", round_, "officer")
    DBTaskResult.objects.all().delete()  # what migrations asked for
    assert unattended_since(timezone.now()) is None
    waiting = send_letters.enqueue()
    assert background_alarms() == []
    long_ago = timezone.now() - PATIENCE - timedelta(seconds=1)
    DBTaskResult.objects.update(enqueued_at=long_ago)
    assert unattended_since(timezone.now()) == long_ago
    client = signed_in("boss")
    assert "/ko/office/background/" in client.get("/ko/office/rounds/small/").content.decode()
    assert 'role="alert"' in client.get("/ko/office/background/").content.decode()
    busy = DBTaskResult.objects.get(pk=pulse.enqueue().id)
    busy.claim("worker")
    assert unattended_since(timezone.now()) is None  # somebody is at work
    DBTaskResult.objects.filter(pk=busy.pk).update(started_at=timezone.now() - STALE - timedelta(minutes=1))
    assert unattended_since(timezone.now()) == long_ago
    assert {one.state for one in standing_of(timezone.now()).tasks} == {"ready", "stale"}
    waiting.refresh()
    assert not waiting.is_finished


def test_a_clock_that_stands_still_is_noticed():
    assert standing_of(timezone.now()).clock is None  # it has never gone: nothing is overdue
    tick(timezone.now())
    assert standing_of(timezone.now()).clock is None
    DBTaskResult.objects.all().delete()
    Beat.objects.filter(name="programmes.calls").update(due=timezone.now() - timedelta(hours=1))
    assert standing_of(timezone.now()).clock is not None
    assert len(background_alarms()) == 1


def test_what_failed_is_said_in_words_and_run_again(monkeypatch):
    staff = signed_in(account("staff", is_staff=True))
    monkeypatch.setattr(
        "simsa.web.programmes.tasks.send_due", lambda: (_ for _ in ()).throw(TimeoutError("kim@example.kr"))
    )
    worker, one = _new_worker(), DBTaskResult.objects.get(pk=send_letters.enqueue().id)
    one.claim(worker.worker_id)
    worker.run_task(one)
    page = staff.get("/ko/office/background/").content.decode()
    assert "TimeoutError" in page
    assert "kim@example.kr" not in page
    monkeypatch.undo()
    assert staff.post(f"/ko/office/background/{one.pk}/again/").status_code == 302
    again = DBTaskResult.objects.ready().get(pk=one.pk)
    worker.run_task(again)
    assert DBTaskResult.objects.get(pk=one.pk).status == "SUCCESSFUL"
    assert not run_again(one.pk)


def test_letters_about_accounts_are_asked_for_anew():
    from simsa.web.accounts.tasks import reset_password

    one = reset_password.enqueue("kim@example.kr")
    DBTaskResult.objects.filter(pk=one.id).update(status="FAILED")
    assert not run_again(one.id)
    assert "kim@" not in signed_in(account("staff", is_staff=True)).get("/ko/office/background/").content.decode()


def test_signs_of_life_do_not_pile_up_and_the_queue_forgets():
    assert beat()
    assert not beat()
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=timezone.now())
    assert beat()
    assert DBTaskResult.objects.filter(task_path=pulse.module_path).count() == 1
    old = DBTaskResult.objects.get(pk=send_letters.enqueue().id)
    DBTaskResult.objects.filter(pk=old.pk).update(status="SUCCESSFUL", finished_at=later(days=-8))
    kept = DBTaskResult.objects.get(pk=send_letters.enqueue().id)
    DBTaskResult.objects.filter(pk=kept.pk).update(status="FAILED", finished_at=later(days=-8))
    forget_done()
    assert set(DBTaskResult.objects.filter(pk__in=[old.pk, kept.pk]).values_list("pk", flat=True)) == {kept.pk}
