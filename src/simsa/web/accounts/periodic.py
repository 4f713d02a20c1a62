"""What accounts want done again and again: that nothing about people is kept longer than it is of use."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from simsa.web.accounts import tasks
from simsa.web.accounts.models import Counted
from simsa.web.periodic import Periodic


def forget_letters() -> None:
    """The queue keeps what it has done, with the addresses and texts of letters; here for a day, to find faults."""
    done = DBTaskResult.objects.finished().filter(task_path__startswith=tasks.__name__)
    done.filter(finished_at__lt=timezone.now() - timedelta(days=1)).delete()


def forget_sessions() -> None:
    """Sessions that have ended by themselves."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def forget_counts() -> None:
    """How often somebody has tried what, once that no longer counts."""
    Counted.objects.filter(expires_at__lt=timezone.now()).delete()


PERIODIC = (
    Periodic("accounts.forget_letters", timedelta(hours=1), forget_letters),
    Periodic("accounts.forget_sessions", timedelta(hours=1), forget_sessions),
    Periodic("accounts.forget_counts", timedelta(hours=1), forget_counts),
)
