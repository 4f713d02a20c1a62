"""Observations as they were fetched, and the attempts that failed since the last of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Snapshot(models.Model):
    """The readings of all stations at one moment, as canonical JSON (see `readings`); the newest moment counts."""

    class Source(models.TextChoices):
        HUB = "hub", pgettext_lazy("source of the weather", "API hub")
        MAP = "map", pgettext_lazy("source of the weather", "weather map")

    observed = models.DateTimeField(unique=True)
    source = models.CharField(max_length=3, choices=Source.choices)
    fetched = models.DateTimeField()
    readings = models.TextField()

    class Meta:
        verbose_name = _("weather observation")
        verbose_name_plural = _("weather observations")
        ordering: ClassVar[list[str]] = ["-observed"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.observed):%Y-%m-%d %H:%M} {self.source}"


class Failure(models.Model):
    """An attempt that brought nothing new, and why. They end with the next success."""

    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        verbose_name = _("failed weather fetch")
        verbose_name_plural = _("failed weather fetches")
        ordering: ClassVar[list[str]] = ["-at"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.reason}"
