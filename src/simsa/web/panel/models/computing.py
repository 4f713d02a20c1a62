"""What is computed in the background for an officer: how far it is, and what went wrong."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Computed(models.Model):
    """Asked for, under way, done, or failed with an `error` in words. What nobody goes on with is ended by
    `simsa.web.panel.services.interrupted`."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("computing", "waiting")
        RUNNING = "running", pgettext_lazy("computing", "running")
        DONE = "done", pgettext_lazy("computing", "done")
        FAILED = "failed", pgettext_lazy("computing", "failed")

    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}
