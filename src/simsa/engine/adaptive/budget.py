"""How many reviews there are in all, in the first round and in a batch, and how many have been given out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.engine.inputs import InputError, Sheets, Status
from simsa.rules import Rules


@dataclass(frozen=True)
class Budget:
    """Reviews of a round: `total`, of which `first` in the first round, the rest in `batches`; `given` out so far."""

    total: int
    first: int
    batches: int
    given: int

    @property
    def held_back(self) -> int:
        """Reviews after the first round."""
        return self.total - self.first

    @property
    def left(self) -> int:
        """Reviews that are not given out yet."""
        return max(0, self.total - self.given)

    @property
    def batch(self) -> int:
        """The number of the next batch, from 1; never above `batches`. It follows from the reviews that are used: a
        batch that could not be filled goes on with the same number."""
        used = max(0, self.given - self.first)
        return min(self.batches, used * self.batches // max(1, self.held_back) + 1)

    @property
    def size(self) -> int:
        """Reviews of the next batch: what is left, shared evenly among the batches that are left."""
        return -(-self.left // (self.batches - self.batch + 1))


def budget(rules: Rules, n_entries: int, sheets: Sheets) -> Budget:
    """What the rules hold back for `n_entries` entries, and what of it `sheets` have used.

    A slot counts once it is given out, whether or not its sheet has come in; one from which its reviewer has withdrawn
    does not. InputError if the rules hold nothing back.
    """
    return budget_used(rules, n_entries, len(sheets) - int(withdrawn(sheets).sum()))


def budget_used(rules: Rules, n_entries: int, given: int) -> Budget:
    """The same where `given` reviews have been given out."""
    if rules.adaptive is None:
        raise InputError("the rules hold no reviews back: [adaptive] held_back says which share")
    first = n_entries * first_sheets(rules)
    total = int(first / (1 - rules.adaptive.held_back))  # exact, rounded down
    return Budget(total, first, rules.adaptive.batches, given)


def first_sheets(rules: Rules) -> int:
    """Reviews of every entry in the first round."""
    return rules.panel.sheets_per_entry.min or 0


def withdrawn(sheets: Sheets) -> NDArray[np.bool_]:
    """Slots whose reviewer may not score the entry after all, shape (n,): recused at every mark."""
    if not sheets.leaves:
        return np.zeros(len(sheets), bool)
    return np.asarray((sheets.status == Status.RECUSED).all(axis=1), bool)
