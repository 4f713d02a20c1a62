"""What every process that serves the site shares: when periodic work is due, and which edition of the site this is."""

from __future__ import annotations

from django.db import models


class Beat(models.Model):
    """Periodic work by its name, and the moment from which it is due again."""

    name = models.CharField(max_length=100, primary_key=True)
    due = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """One row: a number that grows with everything that is published, so that kept pages are made anew."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
