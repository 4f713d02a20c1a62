"""Options by what they are about: a list of forty is read by nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

SECTIONS: Mapping[str, Sequence[str]] = {
    "Affinities": (
        "affinity_file",
        "shape",
        "bids_file",
        "bid",
        "others",
        "entry_vectors",
        "reviewer_vectors",
    ),
    "Limits": (
        "coverage",
        "most",
        "least",
        "entries_file",
        "reviewers_file",
        "conflicts_file",
        "forbidden_file",
        "pinned_file",
        "kind",
    ),
    "What comes first": ("first", "previous_file", "cap", "perturbation", "seed"),
    "Questions": ("why", "what_if", "margins_file"),
    "A round's rules": ("rules_file",),
    "Result": ("out", "out_format", "action", "round_name", "picture", "probabilities_file", "as_json"),
}


class Sectioned(click.Command):
    """A command whose help lists its options in `SECTIONS`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = {option.name or "": option for option in self.get_params(ctx) if isinstance(option, click.Option)}
        listed = {name for names in SECTIONS.values() for name in names}
        sections = {**SECTIONS, "Other": [name for name in options if name not in listed]}
        for title, names in sections.items():
            rows = [row for name in names if name in options and (row := options[name].get_help_record(ctx))]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
