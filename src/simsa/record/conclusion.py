"""How a round ends in the record, wherever it is kept: what counts of every slot, and the result that follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from simsa.engine.evaluation import evaluate
from simsa.rules import Rules

from .canonical import canonical_bytes, canonical_text
from .commitments import commitment, new_secret
from .components import components_json, origin_of
from .outcome import SheetRow, entries_of, result_content, sheets_of
from .statements import ClosingRow, Statement, result_statement, status_of
from .story import Story

Latest = Mapping[str, Mapping[str, str]]
"""The marks of the last version of each slot's sheet, by leaf of the criteria tree."""


def closing_rows(slots: Iterable[str], latest: Latest, replaced: Collection[str]) -> list[ClosingRow]:
    """What counts of every slot, under secrets of its own."""
    rows = []
    for slot in slots:
        marks = None if slot in replaced else latest.get(slot)
        status = "replaced" if slot in replaced else status_of(marks)
        rows.append(ClosingRow(slot, status, marks, new_secret() if marks is not None else b""))
    return rows


@dataclass(frozen=True)
class Conclusion:
    """The `result` statement, and the file with the `components` that an official calibrated score follows from, and
    the secret under which the statement commits to them (else b"")."""

    statement: Statement
    components: bytes


def conclude(story: Story, rules: Rules, reviewers: Mapping[str, str], latest: Latest) -> Conclusion:
    """The result of what the record holds. `reviewers`: the code of every slot.

    The entries are those of the story, which has one `entries`. Raises what `evaluate` raises.
    """
    said = story.last("entries")
    assert said is not None
    entries, reported = entries_of(said.content)
    replaced = story.replaced
    rows = [
        SheetRow(slot, entry, reviewers[slot], latest.get(slot))
        for slot, (entry, _hidden) in story.slots.items()
        if slot not in replaced
    ]
    sheets = sheets_of(rules, entries, rows)
    evaluation = evaluate(rules, entries, sheets, reported, seed=story.seed)
    components, content = None, b""
    if rules.calibration.official and evaluation.calibration and evaluation.calibration.components:
        made = components_json(evaluation.calibration.components, origin_of(rules, entries, sheets, evaluation.tally))
        secret = new_secret()  # by a plain hash anybody could try out who scored what
        components = commitment(story.round, "components", canonical_text(made), secret)
        content = canonical_bytes({"components": made, "secret": secret.hex()})
    stated = result_content(rules, entries, evaluation, story.seed, components)
    return Conclusion(result_statement(story.round, stated), content)
