"""What would change the result: moves of weight, group by group, and reviewers on whom a place hangs."""

from __future__ import annotations

from dataclasses import dataclass

from simsa.tables.report.edition import Edition
from simsa.tables.words import NO_NUMBER, fill, group_name, listed, weight_words

_NAMED = 3  # names before "and N more"


@dataclass(frozen=True)
class WeightView:
    """One group: how far weights may move, in a sentence."""

    group: str
    sentence: str


@dataclass(frozen=True)
class SwapView:
    """Without this reviewer: in which group who loses a place, and who gains one."""

    reviewer: str
    group: str
    leaves: str
    enters: str


def weights_text(edition: Edition) -> str:
    """How the moves are to be read."""
    _ = edition.texts.gettext
    found = edition.run.sensitivity
    said = [
        _(
            "How much of the weight may move between criteria before somebody else would be selected by the official "
            "score, and which move does it."
        )
    ]
    if found is not None and not all(change.exact for change in found.changes):
        said.append(
            _(
                "Where marks are dropped or rounded, moves from one criterion to one other were tried with exact "
                "tallies in steps of a thousandth: a shorter move than the one told might exist."
            )
        )
    return " ".join(said)


def weight_views(edition: Edition) -> tuple[WeightView, ...]:
    """Each group with the first change of its winners; none where no criteria are weighed."""
    found = edition.run.sensitivity
    if found is None or not found.changes:
        return ()
    names = [edition.names[entry] for entry in edition.inputs.entries.ids]
    return tuple(
        WeightView(
            group_name(edition.rules, result.group, edition.language),
            weight_words(found.first(result.group), edition.rules, names, edition.language),
        )
        for result in edition.evaluation.selection.groups
        if result.size
    )


def stability_text(edition: Edition) -> str:
    """How many reviewers matter, and how many winners hang on one."""
    _ = edition.texts.gettext
    found = edition.run.stability
    if found is None:
        return ""
    deciding, hanging = len({swap.reviewer for swap in found.swaps}), len(found.needs)
    said = fill(
        _(
            "The official selection was made again without each of the %(reviewers)s reviewers in turn, exactly. "
            "Without %(deciding)s of them somebody else would be selected; %(hanging)s of the %(winners)s selected "
            "hang on a single reviewer."
        ),
        reviewers=f"{found.reviewers:,}",
        deciding=f"{deciding:,}",
        hanging=f"{hanging:,}",
        winners=f"{sum(result.places - result.empty for result in edition.evaluation.selection.groups):,}",
    )
    if edition.rules.calibration.official:
        said += " " + _("The recorded components of the calibration were kept.")
    if edition.rules.lottery is not None:
        said += " " + _("This is the order of the official score, before any lot.")
    return said


def swap_views(edition: Edition) -> tuple[SwapView, ...]:
    """Each reviewer and group whose winners would be others, in the order of the reviewers."""
    found = edition.run.stability
    if found is None:
        return ()
    names = [edition.names[entry] for entry in edition.inputs.entries.ids]
    reviewers = edition.run.reviewer_names(edition.language)

    def called(entries: tuple[int, ...]) -> str:
        return listed((names[n] for n in entries), edition.language, _NAMED) or NO_NUMBER

    return tuple(
        SwapView(
            reviewers[swap.reviewer],
            group_name(edition.rules, swap.group, edition.language),
            called(swap.leaves),
            called(swap.enters),
        )
        for swap in found.swaps
    )
