"""A published result in the record: computed from the record alone, and what the pages show is held against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from simsa.engine.inputs import InputError
from simsa.record.conclusion import Conclusion, conclude
from simsa.record.story import Story
from simsa.web.awards.models import Result
from simsa.web.programmes.bundles import latest_marks
from simsa.web.programmes.log import DatabaseStore
from simsa.web.programmes.models import Opening, Round
from simsa.web.programmes.recording import Kind, keep_openings, state, story_of


class ResultError(RuntimeError):
    """A result that cannot be computed or published as things stand; the message says why."""


def state_result(round_: Round, result: Result) -> None:
    """Put the result of a closed, locked round into its record. ResultError if the pages would show another."""
    story = story_of(DatabaseStore(round_.log))
    if story.awaits_beacon:
        raise ResultError(_("The seed of this round has not been drawn yet; close the round and draw it first."))
    found = _concluded(round_, story)
    shown, stated = _official(result.facts), _official(found.statement.content)
    if shown != stated:
        part = next(name for name in stated if shown[name] != stated[name])
        message = _(
            "The result is not the one that the record leads to (%(part)s differ): the database was changed, or "
            "simsa has a fault. Nothing was published."
        )
        raise ResultError(message % {"part": part})
    if found.components:
        keep_openings(round_, Kind.COMPONENTS, {"": (b"", found.components.decode())})
    state(round_, lambda _head: found.statement)


def _concluded(round_: Round, story: Story) -> Conclusion:
    slots = Opening.objects.filter(log=round_.log, leaf__isnull=True, kind=Kind.SLOT)
    reviewers = dict(slots.values_list("key", "values"))
    try:
        return conclude(story, round_.rules, reviewers, latest_marks(round_.log))
    except InputError as error:
        raise ResultError(str(error)) from error


def _official(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a page and the record both say."""
    parts = ("entry", "group", "score", "rank", "outcome", "values", "reason")
    return {
        **{name: facts[name] for name in ("rules_hash", "seed", "groups", "lots")},
        "standings": [{name: row[name] for name in parts} for row in facts["standings"]],
    }
