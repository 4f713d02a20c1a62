"""Background work of accounts: letters."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django_tasks import task

from simsa.web.accounts.letters import send_reset


@task
def send_letter(to: str, subject: str, body: str) -> None:
    """Send one letter."""
    EmailMessage(subject, body, to=[to]).send()


@task
def reset_password(email: str) -> None:
    """See whether there is an account, and send the letter: all of it where nobody can measure how long it takes."""
    send_reset(email)
