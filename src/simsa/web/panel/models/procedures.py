"""What is said about conflicts of interest, by whom, and what was decided: declarations, procedures, decisions."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.panel.models.members import Reviewer
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Round


class Disclosure(models.Model):
    """That entrants are shown who sits on the panel, so that they can challenge a member; no row: they are not."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="disclosure")
    since = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("disclosure of the panel")
        verbose_name_plural = _("disclosures of panels")

    def __str__(self) -> str:
        return self.round.slug


class Declaration(AppendOnly):
    """What a reviewer declared before scoring, in versions; the last one counts. Nothing in it means "I have none".

    `content` is canonical JSON: `entries` (code -> reason), `values` (a field -> its values), `names` (as they were
    written). The conflicts that follow from it point at it.
    """

    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="declarations")
    version = models.PositiveIntegerField()
    content = models.TextField()
    declared_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("declaration of conflicts")
        verbose_name_plural = _("declarations of conflicts")
        ordering: ClassVar[list[str]] = ["reviewer", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["reviewer", "version"], name="declaration_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="declaration_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} ({self.version})"

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.content))

    @property
    def has_none(self) -> bool:
        return not any(self.said.values())


class Procedure(models.Model):
    """One of the three ways in which a reviewer is kept from an entry for a reason of their own.

    Exclusion (제척): a law or rule (`ground`) says so, an officer states it. Challenge (기피): the entrant asks, an
    officer decides. Withdrawal (회피): the reviewer's own, and it takes effect at once. While it is `granted` there is
    a conflict that points at it. `state` is that of the last decision.
    """

    class Kind(models.TextChoices):
        EXCLUSION = "exclusion", pgettext_lazy("procedure", "exclusion")
        CHALLENGE = "challenge", pgettext_lazy("procedure", "challenge")
        WITHDRAWAL = "withdrawal", pgettext_lazy("procedure", "withdrawal")

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("state of a procedure", "to be decided")
        GRANTED = "granted", pgettext_lazy("state of a procedure", "kept from the entry")
        REJECTED = "rejected", pgettext_lazy("state of a procedure", "not kept from it")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="procedures")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="procedures")
    ground = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)

    class Meta:
        verbose_name = _("procedure on a conflict")
        verbose_name_plural = _("procedures on conflicts")
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "reviewer", "kind"], name="procedure_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["exclusion", "challenge", "withdrawal"]), name="procedure_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "granted", "rejected"]), name="procedure_state_known"
            ),
            models.CheckConstraint(condition=Q(kind="exclusion") ^ Q(ground=""), name="procedure_exclusion_has_ground"),
            models.CheckConstraint(condition=~Q(reason=""), name="procedure_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.entry}, {self.reviewer}"

    @property
    def round(self) -> Round:
        return self.entry.round

    @property
    def decision(self) -> Decision | None:
        """The one that counts."""
        return self.decisions.order_by("pk").last()


class Decision(AppendOnly):
    """What was decided of a procedure, by whom and why; another one takes its place and does not change it."""

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="decisions")
    state = models.CharField(max_length=8, choices=Procedure.State.choices)
    reason = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("decision on a conflict")
        verbose_name_plural = _("decisions on conflicts")
        ordering: ClassVar[list[str]] = ["procedure", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=["granted", "rejected"]), name="decision_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.get_state_display()}"
