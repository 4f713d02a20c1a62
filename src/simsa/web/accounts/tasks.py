"""Background work of accounts: letters.

They do not go through the letters of rounds (`simsa.web.programmes.letters`), which are kept so that an officer sees
what became of each and nobody gets one twice. These are for their person alone, who asks again where none arrives; the
one that replaces a password is written only while it is sent, so that its link stands in no table and no page takes
longer where there is an account.
"""

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
