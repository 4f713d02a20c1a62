"""Background work of awards: computing a result takes longer than a visitor should wait."""

from __future__ import annotations

import logging

from django_tasks import task

from simsa.web.awards.models import Result
from simsa.web.awards.services import ResultError, finish_selection

log = logging.getLogger("simsa.awards")


@task
def compute_result(result_id: int) -> str:
    """Compute a result that `start_selection` asked for, and return its status. A fault in the inputs is kept in it."""
    result = Result.objects.select_related("round").get(pk=result_id)
    try:
        return finish_selection(result).status
    except ResultError as error:
        log.warning("round %s: no result: %s", result.round.slug, error)
        return Result.Status.FAILED.value
