"""Background work as people see it: what waits, runs and failed, and whether anybody takes it.

Tasks are those of django-tasks in the database. What a task was given and what an error said is shown to nobody: there
are addresses and secrets in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_tasks_db.models import DBTaskResult

from simsa.web.programmes.rooms import Alarm
from simsa.web.site.clock import periodic_work
from simsa.web.site.models import Beat

PATIENCE = timedelta(minutes=2)
"""What waits longer than this while nothing was begun is taken by nobody."""
STALE = timedelta(hours=1)
"""What runs longer than this belongs to a process that has ended, or hangs."""
SHOWN = 100

TASKS = {
    "simsa.web.accounts.tasks.send_letter": gettext_lazy("send a letter about an account"),
    "simsa.web.accounts.tasks.reset_password": gettext_lazy("send the letter that replaces a password"),
    "simsa.web.programmes.tasks.stamp": gettext_lazy("have milestones of records time-stamped"),
    "simsa.web.programmes.tasks.witness": gettext_lazy("ask witnesses outside to cosign the records"),
    "simsa.web.programmes.tasks.send_letters": gettext_lazy("send letters that wait"),
    "simsa.web.programmes.tasks.pulse": gettext_lazy("sign of life"),
    "simsa.web.entries.tasks.take_in": gettext_lazy("examine a file of evidence"),
    "simsa.web.panel.tasks.run_affinities": gettext_lazy("compute affinities of reviewers and entries"),
    "simsa.web.panel.tasks.run_alternative": gettext_lazy("compute an assignment"),
    "simsa.web.panel.tasks.run_batch": gettext_lazy("compute the next reviews"),
    "simsa.web.awards.tasks.compute_result": gettext_lazy("compute a result"),
    "simsa.web.weather.tasks.fetch": gettext_lazy("fetch the weather"),
    "simsa.web.newsroom.tasks.make_renditions": gettext_lazy("make a picture in all sizes"),
    "simsa.web.newsroom.search.tasks.analyse_texts": gettext_lazy("find the words of articles"),
}
"""Every task, in words."""
ASKED_ANEW = "simsa.web.accounts.tasks."
"""Tasks that nobody starts again: whoever wants the letter asks for a new one."""

STATES = {
    "running": pgettext_lazy("task", "running"),
    "stale": pgettext_lazy("task", "its process seems to have ended"),
    "ready": pgettext_lazy("task", "waiting"),
    "failed": pgettext_lazy("task", "failed"),
}

_WHY = {
    "OperationalError": gettext_lazy("the database was away, or busy"),
    "InterfaceError": gettext_lazy("the database was away, or busy"),
    "DoesNotExist": gettext_lazy("what it was about is not there any more"),
    "MemoryError": gettext_lazy("the machine had not enough memory"),
    "TimeoutError": gettext_lazy("another server or a file was not reached"),
    "ConnectionError": gettext_lazy("another server or a file was not reached"),
    "OSError": gettext_lazy("another server or a file was not reached"),
    "ConnectionRefusedError": gettext_lazy("another server or a file was not reached"),
    "SystemExit": gettext_lazy("the process was told to stop in the middle"),
    "KeyboardInterrupt": gettext_lazy("the process was told to stop in the middle"),
}


@dataclass(frozen=True)
class Shown:
    """A task as it stands in the list. `why`: of one that failed, in plain words; `kind`: the error's name."""

    pk: UUID
    called: str
    state: str
    enqueued_at: datetime
    lasts: timedelta
    why: str
    kind: str
    may_again: bool

    @property
    def label(self) -> str:
        return str(STATES[self.state])

    @property
    def how_long(self) -> str:
        """In words: to the second below a minute."""
        seconds = max(int(self.lasts.total_seconds()), 0)
        if seconds < 60:
            return _("%(n)d s") % {"n": seconds}
        now = timezone.now()
        return timesince(now - self.lasts, now)


@dataclass(frozen=True)
class Standing:
    """How background work stands. `queued`: tasks wait in the database (else they are done where they are asked for).

    `seen`: when the worker last took a task; `unattended`: since when what is due is taken by nobody; `clock`: since
    when periodic work is overdue.
    """

    queued: bool
    tasks: tuple[Shown, ...]
    waiting: int
    running: int
    failed: int
    seen: datetime | None
    unattended: datetime | None
    clock: datetime | None


def standing_of(now: datetime) -> Standing:
    """Everything that waits, runs or failed, the newest first, the first `SHOWN` of each."""
    every = DBTaskResult.objects.all()
    groups = (every.running(), every.ready(), every.failed())
    return Standing(
        queued=settings.TASKS["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend",
        tasks=tuple(_shown(one, now) for group in groups for one in group.order_by("-enqueued_at")[:SHOWN]),
        waiting=every.ready().count(),
        running=every.running().count(),
        failed=every.failed().count(),
        seen=every.aggregate(at=Max("started_at"))["at"],
        unattended=unattended_since(now),
        clock=clock_behind(now),
    )


def unattended_since(now: datetime) -> datetime | None:
    """Since when something waits that nobody takes: no task was begun in `PATIENCE`, and none runs."""
    oldest = DBTaskResult.objects.ready().aggregate(at=Min("enqueued_at"))["at"]
    if oldest is None or oldest > now - PATIENCE:
        return None
    at_work = Q(started_at__gt=now - PATIENCE) | Q(status="RUNNING", started_at__gt=now - STALE)
    return None if DBTaskResult.objects.filter(at_work).exists() else oldest


def clock_behind(now: datetime) -> datetime | None:
    """Since when periodic work is overdue; None where the clock goes."""
    names = [work.name for work in periodic_work()]
    due = Beat.objects.filter(name__in=names).aggregate(at=Min("due"))["at"]
    return due if due is not None and due < now - PATIENCE else None


def background_alarms() -> list[Alarm]:
    """What officers are told where nobody does the background work."""
    now = timezone.now()
    since = unattended_since(now) or clock_behind(now)
    if since is None:
        return []
    what = _("Background work has stood still since %(at)s: letters, results and files wait.")
    at = timezone.localtime(since).strftime("%Y-%m-%d %H:%M")
    return [Alarm(what % {"at": at}, _("Look what to do"), reverse("background"))]


def run_again(pk: UUID) -> bool:
    """Put a task that failed, or whose process has ended, back into the queue; whether it could be.

    Run twice, a task leaves what it left the first time.
    """
    over = Q(status="FAILED") | Q(status="RUNNING", started_at__lt=timezone.now() - STALE)
    found = DBTaskResult.objects.filter(over, pk=pk).exclude(task_path__startswith=ASKED_ANEW)
    anew = {
        "enqueued_at": timezone.now(),
        "started_at": None,
        "finished_at": None,
        "exception_class_path": "",
        "traceback": "",
    }
    return bool(found.update(status="READY", **anew))


def _shown(one: DBTaskResult, now: datetime) -> Shown:
    kind = one.exception_class_path.rpartition(".")[2]
    stale = one.status == "RUNNING" and one.started_at is not None and one.started_at < now - STALE
    begun = one.enqueued_at if one.started_at is None else one.started_at
    why = str(_WHY.get(kind, _("a fault in the programme; the log of the server says more"))) if kind else ""
    return Shown(
        pk=one.pk,
        called=str(TASKS.get(one.task_path, one.task_path.rpartition(".")[2])),
        state="stale" if stale else one.status.lower(),
        enqueued_at=one.enqueued_at,
        lasts=(one.finished_at or now) - begun,
        why=why,
        kind=kind,
        may_again=(stale or one.status == "FAILED") and not one.task_path.startswith(ASKED_ANEW),
    )
