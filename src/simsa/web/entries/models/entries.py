"""Who is evaluated, and what they reported in a round."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from simsa.web.naming import called
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Programme, Round


class Entrant(AppendOnly):
    """An organisation or person of a programme, as it was known from one import on.

    A later round that tells other facts about the same `code` (a new name, a new region) adds a `version`, so that the
    pages of earlier rounds keep saying what they said. `fields` are texts that conflict rules compare.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="entrants")
    code = models.CharField(max_length=128)
    version = models.PositiveIntegerField(default=1)
    name_ko = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=100, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    fields = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("entrant")
        verbose_name_plural = _("entrants")
        ordering: ClassVar[list[str]] = ["programme", "code", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "code", "version"], name="entrant_version_once"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name_ko=""), name="entrant_has_code_and_name"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="entrant_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name()

    def name(self, language: str = "") -> str:
        """In a language, by default that of the page."""
        return called(self.name_ko, self.name_en, language)


class Entry(models.Model):
    """An entrant's part in a round, in a group. `position` is its place in the import, which decides equal optima."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="entries")
    entrant = models.ForeignKey(Entrant, models.PROTECT, related_name="entries")
    group = models.CharField(max_length=64)
    position = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering: ClassVar[list[str]] = ["round", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "entrant"], name="entry_once"),
            models.UniqueConstraint(fields=["round", "position"], name="entry_position_once"),
            models.CheckConstraint(condition=~Q(group=""), name="entry_has_group"),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.entrant.code}"


class ReportedNumber(models.Model):
    """A number that an entry reports: `field` for one criterion, or for the entry as a whole (`criterion` empty).

    `number` is exact: a decimal, or numerator/denominator. A number that was not reported has no row.
    """

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="reported")
    criterion = models.CharField(max_length=64, blank=True)
    field = models.CharField(max_length=100)
    number = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("reported number")
        verbose_name_plural = _("reported numbers")
        ordering: ClassVar[list[str]] = ["entry", "criterion", "field"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "criterion", "field"], name="reported_once"),
            models.CheckConstraint(condition=~Q(number=""), name="reported_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.field} = {self.number}"

    @property
    def value(self) -> Fraction:
        return Fraction(self.number)
