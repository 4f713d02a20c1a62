"""Letters by e-mail that are waiting, on their way, or sent: what officers see of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.programmes.models.rounds import Round

UNCLEAR_AFTER = timedelta(minutes=10)
"""No mail server is waited for so long: who was sending a letter by then has stopped."""


class SentLetter(models.Model):
    """One letter. `key` says what it is about and to whom, so that nothing is sent twice.

    A process that stopped while the mail server had the letter leaves it `SENDING`, and so does a connection that broke
    then (`Fault.LOST`): whether it arrived nobody knows, so it is shown to the officer and not sent again by itself.
    What was sent keeps no body: links in it are secrets. `again` counts how often an officer had it sent once more;
    `reason` is why one stopped it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("letter", "waiting")
        SENDING = "sending", pgettext_lazy("letter", "being sent")
        SENT = "sent", pgettext_lazy("letter", "sent")
        FAILED = "failed", pgettext_lazy("letter", "failed")
        STOPPED = "stopped", pgettext_lazy("letter", "stopped")
        RETURNED = "returned", pgettext_lazy("letter", "returned")

    class Fault(models.TextChoices):
        """Why the last attempt did not send it."""

        SERVER = "server", pgettext_lazy("letter", "the mail server was not reached")
        LOGIN = "login", pgettext_lazy("letter", "the mail server did not let us in")
        ADDRESS = "address", pgettext_lazy("letter", "the mail server refused the address")
        REFUSED = "refused", pgettext_lazy("letter", "the mail server refused the letter")
        LOST = "lost", pgettext_lazy("letter", "the connection broke while it was handed over")
        MARKED = "marked", pgettext_lazy("letter", "the address is marked as not reachable")
        RETURNED = "returned", pgettext_lazy("letter", "the recipient's mail server sent it back")
        OTHER = "other", pgettext_lazy("letter", "a fault in the programme")

    key = models.CharField(max_length=200, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="letters", null=True)
    template = models.CharField(max_length=40)
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    again = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField()
    fault = models.CharField(max_length=8, choices=Fault.choices, blank=True)
    error = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    written_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering: ClassVar[list[str]] = ["-written_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due"], condition=Q(status="waiting"), name="letter_waiting")
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_unclear(self) -> bool:
        """Whether nobody knows if it arrived, and nobody is finding out."""
        if self.status != self.Status.SENDING or self.tried_at is None:
            return False
        return self.fault == self.Fault.LOST or self.tried_at < timezone.now() - UNCLEAR_AFTER

    @property
    def can_go_again(self) -> bool:
        """Whether an officer can have it sent once more: its text is still there, and nobody is sending it."""
        ended = self.status in {self.Status.FAILED, self.Status.STOPPED, self.Status.RETURNED}
        return bool(self.body) and (ended or self.is_unclear)


def unclear(now: datetime) -> Q:
    """`SentLetter.is_unclear` as a condition."""
    over = Q(fault=SentLetter.Fault.LOST) | Q(tried_at__lt=now - UNCLEAR_AFTER)
    return Q(status=SentLetter.Status.SENDING) & over


class UnreachableAddress(models.Model):
    """That letters of a round do not reach an address, as an officer says: what is written to it waits for them."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="unreachable")
    address = models.EmailField(max_length=254)
    since = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("address that is not reachable")
        verbose_name_plural = _("addresses that are not reachable")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "address"], name="unreachable_once")
        ]

    def __str__(self) -> str:
        return self.address
