"""The next reviews of an adaptive round in sentences: what is proposed, or why nothing more is."""

from __future__ import annotations

from collections.abc import Sequence

from simsa.engine.adaptive import Budget, NextReviews, Stop
from simsa.rules import Adaptive, Rules
from simsa.tables.intervals import Z95
from simsa.tables.words.filling import fill, listed
from simsa.tables.words.languages import translator
from simsa.tables.words.numbers import number, plus_minus_words

_NAMED = 10  # reviewers before "and N more"


def proposal_lines(
    found: NextReviews, rules: Rules, skipped: Sequence[str], outstanding: int, language: str = "ko"
) -> list[str]:
    """`skipped`: who is too noisy to be asked; `outstanding`: sheets that were given out and have not come in."""
    assert rules.adaptive is not None
    _ = translator(language).gettext
    warning = outstanding_warning(found, outstanding, language)
    lines = [] if warning is None else [warning]
    lines += _made_up(found, language)
    if found.stop is None:
        lines += _batch(found, rules.adaptive, language)
    else:
        lines.append(_stopped(found, found.stop, rules.adaptive, language))
        lines.append(_selection(outstanding + len(found.entry), language))
    if skipped and len(found.entry):
        names = listed(skipped, language, _NAMED)
        lines.append(fill(_("Not asked again, because their sheets are too noisy: %(names)s."), names=names))
    if any("±" in line for line in lines):
        lines.append(plus_minus_words(language))
    return lines


def budget_words(plan: Budget, language: str = "ko") -> str:
    """How many of the reviews of a round have been given out, and what is still held back."""
    _ = translator(language).gettext
    template = (
        _(
            "Of the %(total)s reviews of this round %(given)s have been given out. %(left)s are held back for entries "
            "of which the place is open, so this result is final only if they are not needed."
        )
        if plan.left
        else _("All %(total)s reviews of this round have been given out.")
    )
    return fill(template, total=f"{plan.total:,}", given=f"{plan.given:,}", left=f"{plan.left:,}")


def outstanding_warning(found: NextReviews, outstanding: int, language: str = "ko") -> str | None:
    """How many of the sheets that were given out have not come in, None if all have: a batch that was proposed while
    the one before was out knows nothing of what that will say."""
    if not outstanding:
        return None
    _ = translator(language).gettext
    return fill(
        _(
            "Warning: not in yet: %(n)s of the %(given)s sheets that were given out. What they will say is not in this "
            "proposal; wait for them unless you mean to go on without."
        ),
        n=f"{outstanding:,}",
        given=f"{found.budget.given:,}",
    )


def _selection(waiting: int, language: str) -> str:
    """When the selection can be made, `waiting` sheets being out."""
    texts = translator(language)
    if not waiting:
        return texts.gettext("The selection can be made.")
    template = texts.ngettext(
        "The selection can be made once the %(n)s sheet that is out is in.",
        "The selection can be made once the %(n)s sheets that are out are in.",
        waiting,
    )
    return fill(template, n=f"{waiting:,}")


def _made_up(found: NextReviews, language: str) -> list[str]:
    """Reviews of the first round that were lost."""
    _ = translator(language).gettext
    lost = int(found.owed.sum())
    if not lost:
        return []
    template = _("To make up for reviews of the first round that were lost: %(n)s, of %(entries)s entries.")
    return [fill(template, n=f"{lost:,}", entries=f"{int((found.owed > 0).sum()):,}")]


def _batch(found: NextReviews, adaptive: Adaptive, language: str) -> list[str]:
    _ = translator(language).gettext
    plan = found.budget
    return [
        fill(
            _("Batch %(batch)d of %(batches)d: %(n)s reviews of %(entries)s entries by %(reviewers)s reviewers."),
            batch=plan.batch,
            batches=plan.batches,
            n=f"{len(found.entry):,}",
            entries=f"{int((found.wanted > 0).sum()):,}",
            reviewers=f"{len(set(found.reviewer.tolist())):,}",
        ),
        fill(
            _(
                "Expected gain: %(gain)s ± %(error)s points of true quality for each place; the rules ask for at least "
                "%(least)s."
            ),
            least=number(adaptive.least_gain),
            **_gain(found),
        ),
        fill(
            _("Of the %(held)s reviews held back %(left)s are left after this batch."),
            held=f"{plan.held_back:,}",
            left=f"{plan.left - len(found.entry):,}",
        ),
    ]


def _stopped(found: NextReviews, stop: Stop, adaptive: Adaptive, language: str) -> str:
    """Why no more reviews go to entries in doubt."""
    _ = translator(language).gettext
    plan = found.budget
    template = {
        Stop.SPENT: _("All %(total)s reviews of the round have been given out."),
        Stop.ALIKE: _(
            "The sheets tell no entries apart, so more reviews cannot be aimed at any. Order and tie-breaks of the "
            "rules decide."
        ),
        Stop.NOTHING_OPEN: _("No place is open: the same entries win, whatever the errors of the scores."),
        Stop.NOBODY: _(
            "Entries are in doubt, but nobody may score them: conflicts, greatest loads, or everybody has. More "
            "reviewers would help."
        ),
        Stop.GAIN: _(
            "The next batch is expected to bring %(gain)s ± %(error)s points of true quality for each place, less than "
            "the %(least)s that the rules ask for."
        ),
    }[stop]
    said = fill(template, total=f"{plan.total:,}", least=number(adaptive.least_gain), **_gain(found))
    if stop in (Stop.SPENT, Stop.NOBODY):
        return said
    left = fill(_("Of the reviews held back %(left)s are not needed."), left=f"{plan.left - len(found.entry):,}")
    return f"{said} {left}"


def _gain(found: NextReviews) -> dict[str, str]:
    places = 3 if found.gain < 1 else 2
    return {"gain": f"{found.gain:.{places}f}", "error": f"{Z95 * found.gain_error:.{places}f}"}
