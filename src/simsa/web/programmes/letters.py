"""Letters by e-mail: written in the transaction of the verb that they tell of, sent afterwards, and never twice.

Each is text from a template of its name (`letters/NAME.txt`: the first line is the subject) in the language of whoever
gets it. The mail server is asked up to `ATTEMPTS` times, later and later; not again where it refused the address for
good, and not where it may have the letter already. What an officer decides of a letter is in
`simsa.web.programmes.services.posting`.
"""

from __future__ import annotations

import hmac
import logging
import re
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from simsa.web.programmes.models import Round, SentLetter, UnreachableAddress

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
    defaults: dict[str, Any] = {
        "round": round_,
        "template": letter.template,
        "to": letter.to,
        "language": letter.language,
        "subject": subject.strip(),
        "body": f"{body.strip()}\n",
        "due": timezone.now(),
    }
    if round_ is not None and UnreachableAddress.objects.filter(round=round_, address=letter.to).exists():
        defaults |= {"status": SentLetter.Status.FAILED, "fault": SentLetter.Fault.MARKED}
    written, new = SentLetter.objects.get_or_create(key=letter.key, defaults=defaults)
    if new and written.status == SentLetter.Status.WAITING:
        ask_to_send()
    return new


def ask_to_send() -> None:
    """Have what waits sent once the transaction is through."""
    transaction.on_commit(_ask)


def send_due() -> int:
    """Send what is waiting and due; how many were sent. Safe in several processes at once."""
    sent = 0
    while (letter := _take()) is not None:
        sent += _send(letter)
    return sent


def message_id(letter: SentLetter) -> str:
    """What names a letter outside: the same for every attempt, another one if an officer has it sent again.

    Nobody can make one up: a report that it came back is believed by it.
    """
    return f"<{letter.pk}.{letter.again}.{_token(letter.pk, letter.again)}@{urlsplit(settings.PUBLIC_URL).hostname}>"


def letter_named(text: str) -> tuple[int, int] | None:
    """Number and `again` of the letter that a Message-ID names; None if it is none of ours."""
    found = re.fullmatch(r"\s*<([0-9]{1,18})\.([0-9]{1,5})\.([0-9a-f]{20})@[^<>@]+>\s*", text)
    if found is None:
        return None
    pk, again = int(found[1]), int(found[2])
    return (pk, again) if hmac.compare_digest(found[3], _token(pk, again)) else None


def _token(pk: int, again: int) -> str:
    return salted_hmac("simsa.letters", f"{pk}.{again}", algorithm="sha256").hexdigest()[:20]


def _ask() -> None:
    from simsa.web.programmes.tasks import send_letters  # noqa: PLC0415 (tasks send letters)

    send_letters.enqueue()


def _take() -> SentLetter | None:
    """The next letter, marked before the mail server is asked: whoever stops in between does not send it twice."""
    with transaction.atomic():
        due = SentLetter.objects.filter(status=SentLetter.Status.WAITING, due__lte=timezone.now()).order_by("due", "pk")
        letter = due.select_for_update(skip_locked=True).first()
        if letter is not None:
            letter.status, letter.tried_at, letter.fault = SentLetter.Status.SENDING, timezone.now(), ""
            letter.attempts += 1
            letter.save(update_fields=["status", "tried_at", "fault", "attempts"])
    return letter


def _send(letter: SentLetter) -> bool:
    became = _hand_over(letter)
    # Unless an officer has taken it for lost meanwhile.
    kept = SentLetter.objects.filter(pk=letter.pk, status=SentLetter.Status.SENDING, tried_at=letter.tried_at)
    if not kept.exclude(body="").update(**became):  # what it said was forgotten meanwhile
        stopped = {"status": SentLetter.Status.STOPPED} if became.get("status") == SentLetter.Status.WAITING else {}
        kept.update(**{**became, **stopped, "error": ""})
    return became.get("status") == SentLetter.Status.SENT


def _hand_over(letter: SentLetter) -> dict[str, Any]:
    """Ask the mail server, and what the letter is now, by field."""
    named = {"Message-ID": message_id(letter), "Auto-Submitted": "auto-generated"}
    message = EmailMessage(letter.subject, letter.body, to=[letter.to], headers=named)
    server = mail.get_connection()
    try:
        server.open()
        if isinstance(session := getattr(server, "connection", None), smtplib.SMTP):
            session.ehlo_or_helo_if_needed()  # whoever does not even greet has taken nothing
    except Exception as error:
        return _not_sent(letter, error, SentLetter.Fault.SERVER)
    try:
        server.send_messages([message])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        return _not_sent(letter, error, SentLetter.Fault.REFUSED)
    except (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as error:
        _log.warning("letter %s: the connection broke while it was sent (%s)", letter.pk, type(error).__name__)
        return {"fault": SentLetter.Fault.LOST, "error": _said(error)}
    except Exception as error:
        return _not_sent(letter, error, SentLetter.Fault.OTHER)
    finally:
        server.close()
    # A link in the body may be a secret of whoever got it.
    return {"status": SentLetter.Status.SENT, "sent_at": timezone.now(), "fault": "", "error": "", "body": ""}


def _not_sent(letter: SentLetter, error: Exception, fault: SentLetter.Fault) -> dict[str, Any]:
    """The mail server surely does not have it: it waits for its next turn, or has failed."""
    _log.warning("letter %s could not be sent (%s)", letter.pk, type(error).__name__)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        fault = SentLetter.Fault.LOGIN
    for_good = False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        fault = SentLetter.Fault.ADDRESS
        for_good = all(code >= 500 for code, _text in error.recipients.values())
    again = letter.attempts < ATTEMPTS and not for_good
    return {
        "status": SentLetter.Status.WAITING if again else SentLetter.Status.FAILED,
        "due": timezone.now() + FIRST_PAUSE * 4 ** (letter.attempts - 1),
        "fault": fault,
        "error": _said(error),
    }


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
