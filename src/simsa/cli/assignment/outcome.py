"""An assignment with all that is said of it, as one object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simsa.engine.assignment import FairAssignment, RandomAssignment, Repair
from simsa.rules import exact_text
from simsa.tables.figures import Figures

from .advice import Help
from .posing import Posed
from .proof import proof_of
from .questions import Answer
from .ways import Found


@dataclass(frozen=True)
class Outcome:
    """A problem, its assignment, the figures of it, what would help where limits are not met, and answers."""

    posed: Posed
    found: Found
    figures: Figures
    help: Help
    answers: tuple[Answer, ...] = ()

    @property
    def defaults(self) -> tuple[str, ...]:
        """What nobody asked for."""
        drawn = self.found.drawn
        if drawn is None or self.found.seed_given:
            return self.posed.defaults
        return (*self.posed.defaults, f"seed {drawn.seed}: drawn for this run; --seed repeats it")

    def as_json(self) -> dict[str, Any]:
        """Everything, for `--json`."""
        posed, found, solved, figures = self.posed, self.found, self.found.solved, self.figures
        entries, reviewers = posed.entries, posed.reviewers
        given = {} if posed.rules_hash is None else {"rules_hash": posed.rules_hash}
        return {
            **given,
            "source": posed.source or None,
            "shape": posed.shape or None,
            "notes": list(posed.notes),
            "defaults": list(self.defaults),
            "slots": len(solved.entry),
            "total_affinity": exact_text(solved.total),
            "optimal": bool(solved.certificate.optimal),
            "gap": exact_text(Fraction(solved.certificate.gap, solved.scale)) if found.repaired is None else None,
            "proof": proof_of(found),
            **({"worst_off": _fair(found.fair)} if found.fair else {}),
            **({"randomised": _randomised(found.drawn)} if found.drawn else {}),
            **({"nothing_drawn": True} if found.nothing_drawn else {}),
            "scale": solved.scale,
            "load": {"least": int(figures.load.least), "most": int(figures.load.most)},
            "complete": solved.complete,
            "short": [{"entry": entries[int(e)], "missing": int(n)} for e, n in solved.short],
            "below_least_load": [{"reviewer": reviewers[int(r)], "missing": int(n)} for r, n in solved.under],
            "missed_kinds": [
                {"entry": entries[int(e)], "kind": posed.kind_names[int(g)], "missing": int(n)}
                for e, g, n in solved.missed
            ],
            **self.help.as_json(posed),
            "help": self.help.advice(posed, solved),
            **({"changes": _changes(found.repaired, found.gone, entries, reviewers)} if found.repaired else {}),
            **({"answers": [answer.facts for answer in self.answers]} if self.answers else {}),
            "figures": figures.as_json(),
            "solver": solved.solver,
        }


def _fair(fair: FairAssignment) -> dict[str, Any]:
    scale = fair.assignment.scale
    return {
        "worst": exact_text(Fraction(fair.worst, scale)),
        "bound": exact_text(Fraction(fair.bound, scale)),
        "share_of_greatest_total": None if fair.kept is None else exact_text(fair.kept),
        "not_counted": len(fair.excluded),
    }


def _randomised(drawn: RandomAssignment) -> dict[str, Any]:
    marginals, measured = drawn.marginals, drawn.metrics
    return {
        "cap": exact_text(marginals.cap),
        "perturbation": marginals.perturbation,
        "seed": drawn.seed,
        "value": marginals.value,
        "bound": marginals.bound,
        "gap": marginals.gap,
        "expected_total": measured.expected,
        "share_of_greatest_total": measured.kept,
        "support": measured.support,
        "largest_probability": measured.largest,
        "mean_largest_probability": measured.mean_largest,
        "entropy": measured.entropy,
        "sum_of_squares_per_slot": measured.squares,
    }


def _changes(repaired: Repair, gone: int, entries: Sequence[str], reviewers: Sequence[str]) -> dict[str, Any]:
    parts = {name: getattr(repaired, name) for name in ("released", "dropped", "added")}
    return {
        "kept": len(repaired.kept),
        "gone": gone,
        **{name: [[entries[int(e)], reviewers[int(r)]] for e, r in pairs] for name, pairs in parts.items()},
        "minimal": repaired.minimal,
        "share_of_best_total": exact_text(repaired.share) if repaired.share is not None else None,
    }
