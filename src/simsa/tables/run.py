"""A round from its inputs to its result in one call.

    run = run_round(read_round("examples/proactive"))

In order: assignment and synthetic sheets where the round has a synthetic panel and no sheets, then tally, calibration
and selection. Whatever comes from synthetic sheets says so.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simsa.engine.adaptive import Budget, budget
from simsa.engine.assignment import Assignment
from simsa.engine.diagnostics import Diagnostics, diagnose
from simsa.engine.evaluation import Evaluation, evaluate, robustness
from simsa.engine.inputs import Entries, Sheets, values_of
from simsa.engine.selection import Sensitivity, Stability, Standing
from simsa.engine.simulation import Simulation, simulate, simulate_affinity, uniform
from simsa.engine.slots import ConflictPair, conflicts, pose_slots
from simsa.engine.tally import Tally, tally
from simsa.record.components import origin_of
from simsa.rules import Rules

from .components import Recorded, components_of
from .diagnoses import order_of_entries, shared_fields
from .intake import RoundError
from .lookup import SourceFile
from .mapping_file import MAPPING
from .round_folder import RoundInputs, Synthetic
from .words import assurance_of, assurance_words, reason_words

Progress = Callable[[str, int, int], None]
"""Told the step that begins, how many are done, and how many there are."""

STEPS = ("assignment", "sheets", "tally, calibration and selection", "sensitivity and stability")
PARTS = ("simsa", "numpy", "scipy")


class Slots(Protocol):
    """Who scores what: positions of entries and reviewers, int64 (n,)."""

    @property
    def entry(self) -> NDArray[np.int64]: ...

    @property
    def reviewer(self) -> NDArray[np.int64]: ...


@dataclass(frozen=True)
class Run:
    """A run of a round: what went in, what came out, and how.

    `assignment`, `conflicts` and `simulation` are there where the run itself assigned and drew sheets. `sheets` are
    those that were tallied; `stability` is there where there are any. `seed` is that of the lots, `given_seed` the one
    that took the place of the round's, `given_components` the file whose components took that of an estimate.
    `versions` names what computed it.
    """

    inputs: RoundInputs
    sheets: Sheets
    evaluation: Evaluation
    seed: str | None
    given_seed: str | None = None
    assignment: Assignment | None = None
    conflicts: tuple[ConflictPair, ...] = ()
    simulation: Simulation | None = None
    versions: tuple[tuple[str, str], ...] = ()
    sensitivity: Sensitivity | None = None
    stability: Stability | None = None
    given_components: SourceFile | None = None

    @property
    def rules(self) -> Rules:
        return self.inputs.rules

    @property
    def synthetic(self) -> bool:
        """Whether anything in the result was drawn instead of collected."""
        return self.inputs.synthetic is not None

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files that the result rests on."""
        given = self.given_components
        return self.inputs.sources if given is None else (*self.inputs.sources, given)

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """What the sheets show about the panel; computed when it is first asked for."""
        inputs, sheets = self.inputs, self.sheets
        fields = inputs.entrant_fields
        return diagnose(
            inputs.rules,
            inputs.entries,
            sheets,
            self.evaluation.tally,
            origins=shared_fields(fields, inputs.reviewers, sheets),
            timing=inputs.timing or order_of_entries(fields.get("order"), inputs.entries, sheets),
        )

    @property
    def budget(self) -> Budget | None:
        """Reviews of the round, where the rules hold some back, and how many of them have been given out."""
        return None if self.rules.adaptive is None else budget(self.rules, len(self.inputs.entries), self.sheets)

    @property
    def command(self) -> str:
        """What makes this run again, where the folder and the components that were given are at hand."""
        folder = shlex.quote(self.inputs.folder.resolve().name)
        seed = "" if self.given_seed is None else f" --seed {shlex.quote(self.given_seed)}"
        given = self.given_components
        components = "" if given is None else f" --components {shlex.quote(given.name)}"
        return f"simsa run {folder}{seed}{components} --out out"

    def names(self, language: str) -> dict[str, str]:
        """What entries are called, by id."""
        return {entrant.id: entrant.text(language) for entrant in self.inputs.entrants}

    def reviewer_names(self, language: str) -> tuple[str, ...]:
        """What the reviewers of the sheets are called, in the order of `sheets.reviewers`."""
        known = {reviewer.id: reviewer.text(language) for reviewer in self.inputs.panel}
        return tuple(known.get(reviewer, reviewer) for reviewer in self.sheets.reviewers)

    def reason(self, standing: Standing, language: str, names: Mapping[str, str] | None = None) -> str:
        """Why an entrant has its outcome, as a sentence."""
        return reason_words(
            standing.reason,
            self.rules,
            language,
            outcome=standing.outcome,
            names=self.names(language) if names is None else names,
            value=deciding_value(self.evaluation.tally, standing, self.inputs.entries),
        )

    def assurance(self, standing: Standing, language: str) -> str:
        """How sure an entrant's outcome is, in sentences."""
        sure = self.evaluation.uncertainty
        return assurance_words(assurance_of(standing, self.inputs.entries, sure, self.stability), language)


def deciding_value(tally: Tally, standing: Standing, entries: Entries) -> Fraction | None:
    """The entrant's value at the criterion that its reason names; None without such a criterion or value."""
    node = standing.reason.criterion
    if node is None or node not in tally.values:
        return None
    return tally.value(node, entries.index[standing.entry])


@dataclass(frozen=True)
class Scored:
    """The sheets of a round; `assignment`, `conflicts` and `simulation` as at `Run`."""

    sheets: Sheets
    assignment: Assignment | None = None
    conflicts: tuple[ConflictPair, ...] = ()
    simulation: Simulation | None = None


def scored(inputs: RoundInputs, *, seed: str | None = None, progress: Progress | None = None) -> Scored:
    """The sheets that there are; where there are none and the round declares a synthetic panel, drawn ones.

    `seed` takes the place of that of synthetic sheets. RoundError where the panel marks something and there is neither.
    """
    tell = progress or (lambda _step, _done, _total: None)
    synthetic = inputs.synthetic
    if inputs.sheets is not None:
        return Scored(inputs.sheets)
    if synthetic is None:
        return Scored(_no_sheets(inputs))
    drawn_from = seed or synthetic.seed
    tell(STEPS[0], 0, len(STEPS))
    assignment: Assignment | None = None
    forbidden: tuple[ConflictPair, ...] = ()
    slots: Slots | None = inputs.assignment
    if slots is None:
        forbidden = synthetic_conflicts(inputs, synthetic, drawn_from)
        slots = assignment = _assigned(inputs, synthetic, forbidden, drawn_from)
    tell(STEPS[1], 1, len(STEPS))
    simulation = synthetic_sheets(inputs, synthetic, slots, drawn_from)
    return Scored(simulation.sheets, assignment, forbidden, simulation)


def run_round(
    inputs: RoundInputs,
    *,
    seed: str | None = None,
    progress: Progress | None = None,
    components: Recorded | None = None,
) -> Run:
    """Assign, draw sheets, tally, calibrate and select, as far as the round needs it.

    Sheets that there are are used. Where there are none and the round declares a synthetic panel, reviewers are
    assigned and sheets drawn; otherwise indicators alone make the result. `seed` takes the place of those of the round,
    for lots and for synthetic sheets; `components`, recorded ones (`read_components`), that of an estimate. Raises what
    the engine raises for inputs that do not fit each other or the rules.
    """
    tell = progress or (lambda _step, _done, _total: None)
    had = scored(inputs, seed=seed, progress=progress)
    sheets = had.sheets
    tell(STEPS[2], 2, len(STEPS))
    lots = seed or inputs.seed or (inputs.synthetic.seed if inputs.synthetic else None)
    given = (inputs.rules, inputs.entries, sheets, inputs.reported)
    recorded = None
    if components is not None:
        recorded = components_of(components, origin_of(*given[:3], tally(*given)))
    evaluation = evaluate(*given, seed=lots, components=recorded)
    tell(STEPS[3], 3, len(STEPS))
    taken = evaluation.calibration.components if evaluation.calibration else None
    weights, single = robustness(*given, seed=lots, components=taken)
    tell(STEPS[3], 4, len(STEPS))
    origin = (had.assignment, had.conflicts, had.simulation)
    file = None if components is None else components.source
    return Run(inputs, sheets, evaluation, lots, seed, *origin, _versions(), weights, single, file)


def synthetic_conflicts(inputs: RoundInputs, synthetic: Synthetic, seed: str) -> tuple[ConflictPair, ...]:
    """Pairs that must not meet: by the rules, by the register, and those that the synthetic register adds."""
    n_entries, n_reviewers = len(inputs.entries), len(inputs.reviewers.ids)
    drawn = uniform(seed, "conflict", n_entries * n_reviewers) < synthetic.conflict_share
    places = np.argwhere(drawn.reshape(n_entries, n_reviewers))
    declared = [(conflict.entry, conflict.reviewer) for conflict in inputs.conflicts]
    declared += [(int(entry), int(reviewer)) for entry, reviewer in places]
    return conflicts(inputs.rules, inputs.entries, inputs.entrant_fields, inputs.reviewers, declared)


def synthetic_affinity(inputs: RoundInputs, synthetic: Synthetic, seed: str) -> NDArray[np.float64]:
    """Synthetic affinities, shape (entries, reviewers).

    Higher where the reviewer's field that `synthetic.affinity` names (several values apart by `;`) has the value of the
    entrant's.
    """
    n_entries, n_reviewers = len(inputs.entries), len(inputs.reviewers.ids)
    match = np.zeros((n_entries, n_reviewers), bool)
    if synthetic.affinity is not None:
        theirs = [values_of(cell) for cell in inputs.reviewers.fields[synthetic.affinity[0]]]
        own = inputs.entrant_fields[synthetic.affinity[1]]
        match = np.array([[value in known for known in theirs] for value in own], bool)
    return simulate_affinity(seed, n_entries, n_reviewers, match)


def synthetic_sheets(inputs: RoundInputs, synthetic: Synthetic, slots: Slots, seed: str) -> Simulation:
    """Sheets drawn for the slots of an assignment, by the round's model."""
    return simulate(
        inputs.rules, inputs.entries, slots.entry, slots.reviewer, inputs.reviewers.ids, synthetic.settings, seed
    )


def _assigned(inputs: RoundInputs, synthetic: Synthetic, forbidden: Sequence[ConflictPair], seed: str) -> Assignment:
    known = inputs.affinity
    pairs = None if known is None else (known.entry, known.reviewer)
    affinity = synthetic_affinity(inputs, synthetic, seed) if known is None else known.value
    return pose_slots(inputs.rules, inputs.entries, inputs.reviewers, affinity, forbidden, pairs).assignment


def _no_sheets(inputs: RoundInputs) -> Sheets:
    """No sheets, where the rules need none. RoundError where the panel marks something."""
    leaves = ", ".join(leaf.id for leaf in inputs.rules.leaves)
    if leaves:
        what = f"the panel marks {leaves}, and there is no [sheets] that says where the marks are"
        raise RoundError(f"{inputs.folder / MAPPING}: {what}")
    return Sheets.none(inputs.rules)


def _versions() -> tuple[tuple[str, str], ...]:
    found = [("python", python_version())]
    for part in PARTS:
        try:
            found.append((part, version(part)))
        except PackageNotFoundError:  # run from the source, not installed
            continue
    return tuple(found)
