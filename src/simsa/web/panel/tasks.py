"""Background work of the panel."""

from __future__ import annotations

from django_tasks import task

from simsa.web.panel.affinities.running import compute_affinities
from simsa.web.panel.models import AffinityRun, Alternative, ReviewBatch
from simsa.web.panel.services.adding import compute_batch
from simsa.web.panel.services.planning import compute_alternative


@task
def run_affinities(pk: int) -> str:
    """Compute affinities that were asked for; the state of the run."""
    return compute_affinities(AffinityRun.objects.select_related("round").get(pk=pk)).state


@task
def run_alternative(pk: int) -> str:
    """Compute an assignment that was asked for; its state."""
    return compute_alternative(Alternative.objects.select_related("round").get(pk=pk)).state


@task
def run_batch(pk: int) -> str:
    """Compute the next reviews that were asked for; their state."""
    return compute_batch(ReviewBatch.objects.select_related("round").get(pk=pk)).state
