"""When periodic work is due, shared by every process that serves the site."""

from __future__ import annotations

from django.db import models


class Beat(models.Model):
    """Periodic work by its name, and the moment from which it is due again."""

    name = models.CharField(max_length=100, primary_key=True)
    due = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
