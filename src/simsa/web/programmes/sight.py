"""Who of those who take part in a round sees what of each other now: every page, answer and file asks here alone.

The rules say it by role, field and stage (`[sight]`). Officers, auditors and staff are not asked about: what they see
is a matter of permissions.
"""

from __future__ import annotations

from simsa.rules.sight import WHEN, When
from simsa.web.programmes.models import Kind, Round, Stage

ENTRANT, REVIEWERS, MARKS, COMMENTS = "entrant", "reviewers", "marks", "comments"
"""Whose an entry is; who scores it; the marks; the comments."""
MEETING = "meeting"
"""Between the stages `scoring` and `closed`: a meeting of the panel on an entry."""

_WORDS: dict[str, When] = {
    Stage.PREPARING: "always",
    Stage.SCORING: "scoring",
    MEETING: "meeting",
    Stage.CLOSED: "closed",
    Stage.ANNOUNCED: "announced",
}
"""Stages as the rules call them: whatever is seen before scoring is seen always."""


def sees(round_: Round, kind: str, field: str, stage: str | None = None) -> bool:
    """Whether a role of this kind may see a field by the rules of the round: now, or at another stage (`MEETING`).

    What a reviewer sees of others' work also waits for their own sheet (`simsa.web.panel.scoring.others`).
    """
    role = Kind.REVIEWER if field == ENTRANT and kind in {Kind.VOTER, Kind.OBSERVER} else kind
    since = round_.rules.sight.since(role, field)
    return WHEN.index(since) <= WHEN.index(_WORDS[stage or round_.stage])


def hides_entrants(round_: Round) -> bool:
    """Whether the panel scores without knowing whose an entry is: files are made so that they do not tell it."""
    return not sees(round_, Kind.REVIEWER, ENTRANT, Stage.SCORING)
