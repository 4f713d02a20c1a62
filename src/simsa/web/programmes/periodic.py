"""What programmes want done again and again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from simsa.web.periodic import Periodic
from simsa.web.programmes.models import SentLetter
from simsa.web.programmes.services import pass_due_moments
from simsa.web.programmes.stamping import unstamped
from simsa.web.programmes.tasks import pulse, send_letters, stamp, witness
from simsa.web.programmes.witnessing import anything_unwitnessed


def stamp_when_needed() -> bool:
    """Hand the asking to the task queue if there is something to be stamped; tells whether it did."""
    needed = unstamped().exists()
    if needed:
        stamp.enqueue()
    return needed


def witness_when_needed() -> bool:
    """The same for what witnesses have not cosigned yet."""
    needed = anything_unwitnessed()
    if needed:
        witness.enqueue()
    return needed


def send_when_needed() -> bool:
    """The same for letters whose turn has come again."""
    waiting = SentLetter.objects.filter(status=SentLetter.Status.WAITING, due__lte=timezone.now()).exists()
    if waiting:
        send_letters.enqueue()
    return waiting


def beat() -> bool:
    """Put a pulse into the queue, unless one waits there (`simsa.web.site.background` looks when one was taken)."""
    pulses = DBTaskResult.objects.filter(task_path=pulse.module_path)
    if pulses.ready().exists():
        return False
    pulses.finished().delete()
    pulse.enqueue()
    return True


def forget_done() -> None:
    """The queue keeps what was done; here for a week, and what failed for a quarter."""
    now = timezone.now()
    DBTaskResult.objects.successful().filter(finished_at__lt=now - timedelta(days=7)).delete()
    DBTaskResult.objects.failed().filter(finished_at__lt=now - timedelta(days=90)).delete()


PERIODIC = (
    Periodic("programmes.stamp", every=timedelta(minutes=1), run=stamp_when_needed),
    Periodic("programmes.witness", every=timedelta(minutes=1), run=witness_when_needed),
    Periodic("programmes.calls", every=timedelta(seconds=10), run=pass_due_moments),
    Periodic("programmes.letters", every=timedelta(minutes=1), run=send_when_needed),
    Periodic("programmes.pulse", every=timedelta(minutes=5), run=beat),
    Periodic("programmes.forget_done", every=timedelta(hours=1), run=forget_done),
)
