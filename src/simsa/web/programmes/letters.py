"""Letters by e-mail: written in the transaction of the verb that they tell of, sent afterwards, and never twice.

Each is text from a template of its name (`letters/NAME.txt`: the first line is the subject) in the language of whoever
gets it. The mail server is asked up to `ATTEMPTS` times, later and later.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from simsa.web.programmes.models import Round
from simsa.web.programmes.models.letters import SentLetter

ATTEMPTS = 6
FIRST_PAUSE = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """What is to be written, to whom. `key` is the same for what must not come twice."""

    key: str
    to: str
    language: str
    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def post(letter: Letter, round_: Round | None) -> bool:
    """Write a letter, to be sent once the transaction is through; whether it is new."""
    with translation.override(letter.language):
        text = render_to_string(f"letters/{letter.template}.txt", {**letter.facts, "language": letter.language})
    subject, _newline, body = text.strip().partition("\n")
    _written, new = SentLetter.objects.get_or_create(
        key=letter.key,
        defaults={
            "round": round_,
            "template": letter.template,
            "to": letter.to,
            "language": letter.language,
            "subject": subject.strip(),
            "body": f"{body.strip()}\n",
            "due": timezone.now(),
        },
    )
    if new:
        transaction.on_commit(_ask)
    return new


def send_due() -> int:
    """Send what is waiting and due; how many were sent. Safe in several processes at once."""
    sent = 0
    while (letter := _take()) is not None:
        sent += _send(letter)
    return sent


def post_again(letter: SentLetter) -> None:
    """Send a letter that failed, or of which nobody knows whether it arrived, once more: an officer's decision."""
    kept = SentLetter.objects.filter(pk=letter.pk, status__in=[SentLetter.Status.FAILED, SentLetter.Status.SENDING])
    if kept.update(status=SentLetter.Status.WAITING, attempts=0, due=timezone.now(), error=""):
        transaction.on_commit(_ask)


def _ask() -> None:
    from simsa.web.programmes.tasks import send_letters  # noqa: PLC0415 (tasks send letters)

    send_letters.enqueue()


def _take() -> SentLetter | None:
    """The next letter, marked before the mail server is asked: whoever stops in between does not send it twice."""
    with transaction.atomic():
        due = SentLetter.objects.filter(status=SentLetter.Status.WAITING, due__lte=timezone.now()).order_by("due", "pk")
        letter = due.select_for_update(skip_locked=True).first()
        if letter is not None:
            letter.status = SentLetter.Status.SENDING
            letter.attempts += 1
            letter.save(update_fields=["status", "attempts"])
    return letter


def _send(letter: SentLetter) -> bool:
    message = EmailMessage(letter.subject, letter.body, to=[letter.to])
    message.extra_headers = {"Message-ID": f"<{letter.pk}.{letter.written_at.timestamp():.0f}@simsa>"}
    try:
        message.send()
    except Exception as error:
        again = letter.attempts < ATTEMPTS
        letter.status = SentLetter.Status.WAITING if again else SentLetter.Status.FAILED
        letter.due = timezone.now() + FIRST_PAUSE * 4 ** (letter.attempts - 1)
        letter.error = f"{type(error).__name__}: {error}"[:500]
        _log.warning("letter %s could not be sent (%s)", letter.pk, type(error).__name__)
    else:
        letter.status, letter.sent_at, letter.error = SentLetter.Status.SENT, timezone.now(), ""
        letter.body = ""  # a link in it may be a secret of whoever got it
    letter.save(update_fields=["status", "due", "error", "sent_at", "body"])
    return letter.status == SentLetter.Status.SENT
