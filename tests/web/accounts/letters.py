"""What the background work of accounts has sent."""

from __future__ import annotations

from django.core import mail
from django.core.mail import EmailMessage
from django_tasks_db.models import DBTaskResult

from simsa.web.accounts import tasks


def letters() -> list[EmailMessage]:
    """All letters so far; does first what waits in the background."""
    for waiting in DBTaskResult.objects.filter(status="READY").order_by("enqueued_at"):
        name = waiting.task_path.rpartition(".")[2]
        if waiting.task_path.startswith(tasks.__name__):
            getattr(tasks, name).func(*waiting.args_kwargs["args"], **waiting.args_kwargs["kwargs"])
        waiting.delete()
    return list(mail.outbox)
