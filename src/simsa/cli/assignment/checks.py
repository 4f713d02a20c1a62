"""Options that do not go together, told before anything is read."""

from __future__ import annotations

import math

import click

from .inputs import Asked

_IN_RULES = {
    "coverage": "[panel] sheets_per_entry",
    "least": "[panel] load",
    "most": "[panel] load",
    "kind": "[[panel.kind]]",
}


def check_call(asked: Asked) -> None:
    """UsageError for options that contradict each other, or that nothing would come of."""
    _check_source(asked)
    _check_objective(asked)
    if asked.rules_file is not None:
        _check_rules(asked)
    if asked.kind and asked.reviewers_file is None:
        raise click.UsageError("--kind counts reviewers by a field of theirs; give their table with --reviewers")
    if asked.others is not None and not math.isfinite(asked.others):
        raise click.UsageError(f"--others: {asked.others} is no number; for example 0")
    if asked.picture and asked.picture.suffix.lower() != ".svg":
        raise click.UsageError(f"--picture: {asked.picture.name} must end in .svg; any browser opens it")
    to_standard_output = [file for file in (asked.out, asked.margins_file, asked.probabilities_file) if file == "-"]
    if len(to_standard_output) + asked.as_json > 1:
        raise click.UsageError("only one table, or the JSON object, can go to standard output")


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
    if asked.questions and ways and asked.previous_file is None:
        raise click.UsageError(
            f"--why, --what-if and --margins explain the assignment with the greatest total; leave {ways[0]} out"
        )
    if asked.margins_file is not None and (asked.previous_file is not None or asked.kind):
        raise click.UsageError(
            "--margins does not go with --previous or --kind; ask --what-if load=REVIEWER and review=ENTRY of those "
            "that matter"
        )
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
