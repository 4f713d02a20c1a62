"""Letters by e-mail that are waiting, on their way, or sent: what officers see of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.programmes.models.rounds import Round


class SentLetter(models.Model):
    """One letter. `key` says what it is about and to whom, so that nothing is sent twice.

    A process that stopped while the mail server had the letter leaves it `SENDING`: whether it arrived nobody knows, so
    it is shown to the officer and not sent again by itself. What was sent keeps no body: links in it are secrets.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("letter", "waiting")
        SENDING = "sending", pgettext_lazy("letter", "being sent")
        SENT = "sent", pgettext_lazy("letter", "sent")
        FAILED = "failed", pgettext_lazy("letter", "failed")

    key = models.CharField(max_length=200, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="letters", null=True)
    template = models.CharField(max_length=40)
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField()
    error = models.TextField(blank=True)
    written_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering: ClassVar[list[str]] = ["-written_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due"], condition=Q(status="waiting"), name="letter_waiting")
        ]

    def __str__(self) -> str:
        return self.key
