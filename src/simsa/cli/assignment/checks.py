"""Options that do not go together, told before anything is read."""

from __future__ import annotations

import math

import click

from simsa.engine.assignment import FINEST_CAP
from simsa.rules import exact_text

from ..output import check_targets
from .inputs import Asked

_IN_RULES = {
    "coverage": "[panel] sheets_per_entry",
    "least": "[panel] load",
    "most": "[panel] load",
    "kind": "[[panel.kind]]",
}

MARGINS_OF_KINDS = (
    "--margins does not go with --previous or with kinds; ask --what-if load=REVIEWER and review=ENTRY of those that "
    "matter"
)


def check_call(asked: Asked) -> None:
    """UsageError for options that contradict each other, or that nothing would come of."""
    _check_source(asked)
    _check_objective(asked)
    _check_idle(asked)
    assert asked.kinds is not None  # what --kind and --bid say is understood before anything is read
    assert asked.meaning is not None
    if asked.rules_file is not None:
        _check_rules(asked)
    if asked.kind and asked.reviewers_file is None:
        raise click.UsageError("--kind counts reviewers by a field of theirs; give their table with --reviewers")
    if asked.others is not None and not math.isfinite(asked.others):
        raise click.UsageError(f"--others: {asked.others} is no number; for example 0")
    if asked.picture and asked.picture.suffix.lower() != ".svg":
        raise click.UsageError(f"--picture: {asked.picture.name} must end in .svg; any browser opens it")
    if asked.cap is not None and not asked.perturbation and asked.cap.denominator > FINEST_CAP:
        raise click.UsageError(
            f"--cap {exact_text(asked.cap)}: without --perturb probabilities are found in steps of 1/{FINEST_CAP} or "
            "more; write it with two digits, such as 0.33, or add a little --perturb, such as 0.001"
        )
    if asked.perturbation is not None and not math.isfinite(asked.perturbation):
        raise click.UsageError(f"--perturb: {asked.perturbation} is no number; for example 0.1")
    check_targets(asked.targets, asked.sources, as_json=asked.as_json)


def _check_idle(asked: Asked) -> None:
    """Options that would do nothing as the call stands."""
    vectors = asked.entry_vectors is not None
    for option, idle in (
        ("--shape says how a file of affinities is read; vectors have no other shape", asked.shape and vectors),
        ("--bid says what bids are worth; give them with --bids, or as AFFINITIES", asked.bid and vectors),
        ("--round goes with --as hotcrp", asked.round_name is not None and asked.out_format != "hotcrp"),
    ):
        if idle:
            raise click.UsageError(option)
    refused = ways_that_need_pairs(asked) if vectors else []
    if refused:
        raise click.UsageError(f"{refused[0]} does not go with vectors; give a table of candidates")


def ways_that_need_pairs(asked: Asked) -> list[str]:
    """The options given that only a table of candidates can serve."""
    return [
        option
        for option, given in (
            ("--pinned", asked.pinned_file),
            ("--bids", asked.bids_file),
            ("--others", asked.others is not None),
            ("--kind", asked.kind),
            ("--previous", asked.previous_file),
            ("--first worst-off", asked.first != "total"),
            ("--cap", asked.cap is not None),
            ("--perturb", asked.perturbation is not None),
            ("--why", asked.why),
            ("--what-if", asked.what_if),
            ("--margins", asked.margins_file),
        )
        if given
    ]


def _check_source(asked: Asked) -> None:
    vectors = [asked.entry_vectors, asked.reviewer_vectors]
    if asked.affinities and asked.affinity_file:
        raise click.UsageError("AFFINITIES and --affinity are the same; give one of them")
    if any(vectors) and not all(vectors):
        raise click.UsageError("--entry-vectors and --reviewer-vectors go together; give both")
    if any(vectors) and asked.source is not None:
        raise click.UsageError("vectors stand instead of AFFINITIES; give one of the two")
    if any(vectors) and asked.rules_file is not None:
        raise click.UsageError("vectors do not go with --rules; give a table of affinities")
    if asked.rules_file is None and asked.source is None and not any(vectors):
        raise click.UsageError("give a file of affinities, or the rules of a round with --rules")


def _check_objective(asked: Asked) -> None:
    ways = [
        name
        for name, given in (
            ("--previous", asked.previous_file is not None),
            ("--first worst-off", asked.first != "total"),
            ("--cap or --perturb", asked.at_random),
        )
        if given
    ]
    if len(ways) > 1:
        raise click.UsageError(f"{' and '.join(ways)} are different assignments; give one of them")
    questions = asked.why or asked.what_if or asked.margins_file
    if questions and ways and asked.previous_file is None:
        raise click.UsageError(
            f"--why, --what-if and --margins explain the assignment with the greatest total; leave {ways[0]} out"
        )
    if asked.margins_file is not None and (asked.previous_file is not None or asked.kind):
        raise click.UsageError(MARGINS_OF_KINDS)
    if not asked.at_random:
        for option, given in (("--seed", asked.seed), ("--probabilities", asked.probabilities_file)):
            if given is not None:
                raise click.UsageError(f"{option} goes with an assignment that is drawn: --cap or --perturb")


def _check_rules(asked: Asked) -> None:
    """What goes with the rules of a round, and what does not."""
    for option, key in _IN_RULES.items():
        if getattr(asked, option) not in (None, ()):
            raise click.UsageError(f"--{option}: with --rules the rules say this ({key}); leave it out")
    if asked.entries_file is None or asked.reviewers_file is None:
        raise click.UsageError("--rules needs --entries and --reviewers too")
    if asked.source is None and (asked.bids_file or asked.others is not None):
        raise click.UsageError("--bids and --others add to affinities; give a file of affinities too")
