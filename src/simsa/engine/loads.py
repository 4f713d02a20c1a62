"""Loads that nobody declared, and what would help where the declared ones do not suffice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEFAULT_COVERAGE = 3
"""Reviewers of each entry where nothing says otherwise."""


def usual_most(coverage: NDArray[np.int64], own_most: NDArray[np.int64]) -> int:
    """A greatest load for the reviewers who have none of their own: half as much again as they need, at least one more.

    `coverage`: shape (entries,); `own_most`: shape (reviewers,), -1 for a reviewer without a greatest load of their
    own. What they need is the least number with which all loads together reach the coverage.
    """
    free = int((own_most < 0).sum())
    needed = max(int(coverage.sum()) - int(own_most[own_most >= 0].sum()), 0)
    least = -(-needed // free) if free else 0
    return least + max(1, -(-least // 2))


@dataclass(frozen=True)
class TooFew:
    """All loads together are below the slots needed. Each of the last three alone would make them enough.

    `most` is a greatest load for everybody, `reviewers` how many more with the greatest load that is there now (None if
    that is 0), `coverage` the reviewers that each entry can have.
    """

    needed: int
    offered: int
    most: int
    reviewers: int | None
    coverage: int


def too_few(coverage: NDArray[np.int64], most: NDArray[np.int64]) -> TooFew | None:
    """What would help if the greatest loads (one for each reviewer) together are below the coverage (of each entry).

    None if they suffice.
    """
    needed, offered = int(coverage.sum()), int(most.sum())
    if needed <= offered or not len(most):
        return None
    highest = int(most.max())
    return TooFew(
        needed=needed,
        offered=offered,
        most=-(-needed // len(most)),
        reviewers=-(-(needed - offered) // highest) if highest else None,
        coverage=offered // len(coverage),
    )
