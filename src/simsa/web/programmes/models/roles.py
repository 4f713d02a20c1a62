"""Who may do what in a programme or round: roles, with whom they act for and since when, and invitations to them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.programmes.models.rounds import HASH, Programme, Round


class Kind(models.TextChoices):
    """What a role is. Those for somebody (`ACTING`) have a code: the entrant's, or the reviewer's."""

    OFFICER = "officer", pgettext_lazy("role", "programme officer")
    ENTRANT = "entrant", pgettext_lazy("role", "entrant's officer")
    REVIEWER = "reviewer", pgettext_lazy("role", "reviewer")
    AUDITOR = "auditor", pgettext_lazy("role", "auditor")
    OBSERVER = "observer", pgettext_lazy("role", "observer")
    VOTER = "voter", pgettext_lazy("role", "voter")
    EDITOR = "editor", pgettext_lazy("role", "editor")


ACTING = (Kind.ENTRANT, Kind.REVIEWER)
OF_PROGRAMMES = (Kind.OFFICER, Kind.AUDITOR, Kind.EDITOR)
"""Roles that somebody may have for all rounds of a programme, drafts included."""

_SCOPE = models.CheckConstraint(
    condition=Q(kind__in=OF_PROGRAMMES) | Q(round__isnull=False), name="%(class)s_in_a_round_where_it_must"
)
_CODE = models.CheckConstraint(
    condition=Q(kind__in=ACTING) & ~Q(code="") | ~Q(kind__in=ACTING) & Q(code=""), name="%(class)s_code_where_it_acts"
)
_KIND = models.CheckConstraint(condition=Q(kind__in=Kind.values), name="%(class)s_kind_known")


class _ForWhat(models.Model):
    """What somebody is to do, and where: in one round, or (`round` None) in every round of the programme."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="%(class)ss")
    round = models.ForeignKey(Round, models.PROTECT, related_name="%(class)ss", null=True, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=128, blank=True)

    class Meta:
        abstract = True


class Role(_ForWhat):
    """What one person may do, from `since` until it ends; an ended role is kept. Work belongs to what the role acts
    for, never to the person, so that `follows` can take it over."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="roles")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    given_by = models.CharField(max_length=64)
    ended_by = models.CharField(max_length=64, blank=True)
    end_reason = models.TextField(blank=True)
    follows = models.OneToOneField("self", models.PROTECT, related_name="followed_by", null=True, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering: ClassVar[list[str]] = ["kind", "code", "since", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _KIND,
            _SCOPE,
            _CODE,
            models.UniqueConstraint(
                fields=["person", "round", "kind", "code"],
                condition=Q(until__isnull=True, round__isnull=False),
                name="role_once_in_a_round",
            ),
            models.UniqueConstraint(
                fields=["person", "programme", "kind"],
                condition=Q(until__isnull=True, round__isnull=True),
                name="role_once_in_a_programme",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()} {self.code}".rstrip()


class Invitation(_ForWhat):
    """A role that is offered by e-mail. The link holds a secret, of which `digest` alone is kept.

    `hands_over` names the role that ends when this one is taken, and `reason` why. `follows`: the one in whose place it
    was sent, as a reminder (`reminds`) or to another address.
    """

    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=HASH, unique=True)
    invited_by = models.CharField(max_length=64)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    hands_over = models.ForeignKey(Role, models.PROTECT, related_name="offers", null=True, blank=True)
    reason = models.TextField(blank=True)
    follows = models.OneToOneField("self", models.PROTECT, related_name="followed_by", null=True, blank=True)
    reminds = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar[list[str]] = ["-invited_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _KIND.clone(),
            _SCOPE.clone(),
            _CODE.clone(),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True), name="invitation_ends_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_kind_display()} {self.code}".rstrip()
