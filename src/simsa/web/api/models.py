"""Tokens with which programs act in a round, for a role that a person has."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.programmes.models import HASH, Role, Round


class ApiToken(models.Model):
    """A secret with which a program does in `round` what `role` may do, while the role lasts. `digest` is its SHA-256;
    the secret itself is kept by nobody but the program.

    `name` says for people what it is for. `writes`: it may change something, and not only read.
    """

    role = models.ForeignKey(Role, models.CASCADE, related_name="tokens")
    round = models.ForeignKey(Round, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=HASH, unique=True)
    writes = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("of the API", "token")
        verbose_name_plural = pgettext_lazy("of the API", "tokens")
        ordering: ClassVar[list[str]] = ["role", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(name=""), name="token_has_a_name"),
            models.CheckConstraint(condition=Q(digest__length=HASH), name="token_digest_length"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_later"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        return str(_("reads and changes") if self.writes else _("reads"))

    def works(self, now: datetime | None = None) -> bool:
        """Whether it still opens anything, as far as it depends on the token itself."""
        return self.revoked_at is None and self.expires_at > (now or timezone.now())
