"""Who may see what of a round: the public what is published, staff everything."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from simsa.web.awards.models import Result
from simsa.web.programmes.access import is_staff, round_of
from simsa.web.programmes.models import Round


@dataclass(frozen=True)
class Sight:
    """A round as one visitor may see it.

    `result` is the published one; staff see the latest computed one before that. `pending` is the latest attempt, while
    there is no result to see. `preview` says that the public does not see this.
    """

    round: Round
    result: Result | None
    pending: Result | None
    staff: bool

    @property
    def preview(self) -> bool:
        shown_early = self.result is not None and self.result.published is None
        return self.round.published_at is None or shown_early


def sight_of(request: HttpRequest, slug: str) -> Sight:
    """The round as the visitor may see it. Http404 for an unpublished round, exactly as for one that is not there."""
    found, staff = round_of(request, slug), is_staff(request.user)
    results = list(found.results.defer("payload"))
    published = next((result for result in results if result.published), None)
    done = next((result for result in results if result.status == Result.Status.DONE), None)
    result = published or (done if staff else None)
    pending = None if result is not None else next(iter(results), None)
    return Sight(found, result, pending, staff)


def result_of(request: HttpRequest, slug: str) -> tuple[Sight, Result]:
    """The round and its result. Http404 while there is none that the visitor may see."""
    sight = sight_of(request, slug)
    if sight.result is None:
        raise Http404("no result")
    return sight, sight.result
