"""What a fit of reviewers' own scales and noises says, or why there is none (see `own`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.sparse import csr_array

from simsa.engine.calibration.arrays import Floats, Sparse
from simsa.engine.calibration.weighted import Weighted

MOST_SPREAD = 9.0
"""A squared spread beyond any use: noise variances 20 times apart at one standard deviation."""


class Alike(Enum):
    """Why reviewers are taken to be alike."""

    NOT_SHOWN = "not supported by the sheets"
    NO_BEST = "left out, because the sheets leave a noise without a lower bound or a spread without an upper one"


@dataclass(frozen=True)
class OwnFit:
    """Scales and noises at their mode, with the equations there.

    `spread`: standard deviations of the log scale and of the log noise variance over reviewers, zero where all are
    alike. `information` (reviewers, 2, 2): expected, of log scale and log noise variance, without their priors.
    """

    spread: tuple[float, float]
    system: Weighted
    information: Floats
    criterion: float
    iterations: int
    converged: bool
    decrease: float

    @property
    def boundless(self) -> bool:
        """Whether nothing but a limit holds a noise or a spread.

        The qualities of few entrants can meet all marks of one reviewer. This reviewer's noise then falls to nothing,
        the spread grows with it, and the likelihood knows no maximum.
        """
        own, least = self.system.own, self.system.data.least_residual
        noise = own.residual * math.exp(own.log_noise.min())
        return noise < 2 * least or max(self.spread) ** 2 > 0.999 * MOST_SPREAD

    @property
    def evidence(self) -> Floats:
        """About how much the criterion would rise without either spread and all else as it is, shape (2,)."""
        own = self.system.own
        square = np.square(self.spread)
        information = np.diagonal(self.information, axis1=1, axis2=2)
        modes = np.stack([own.log_scale, own.log_noise], axis=1)
        gain = modes**2 * (1 / np.maximum(square, 1e-300) + information) - np.log1p(square * information)
        return np.where(square > 0, gain.sum(axis=0), 0.0)

    def covariance(self) -> Floats:
        """Of a reviewer's log scale and log noise variance, shape (reviewers, 2, 2); zero where all are alike."""
        root = np.array(self.spread)
        # With zero spreads allowed: the inverse of (prior's inverse + information).
        inner = np.eye(2) + root[:, None] * self.information * root
        return np.asarray(root[:, None] * np.linalg.inv(inner) * root)

    def sway(self) -> Sparse:
        """What the scores move with two standard normal numbers per reviewer, entrants x 2 reviewers.

        To first order, through the weight that each sheet has in its entrant's score.
        """
        system, values = self.system, np.empty((len(self.system.column), 2))
        pull = system.given[system.row] * system.slope
        values[:, 0] = pull * (system.residual - system.stretch * system.quality[system.row])
        values[:, 1] = -pull * system.residual
        spread, vectors = np.linalg.eigh(self.covariance())
        half = vectors * np.sqrt(np.maximum(spread, 0))[:, None, :]
        values = np.einsum("pk,pkl->pl", values, half[system.column])
        columns = np.stack([2 * system.column, 2 * system.column + 1], axis=1)
        entrants, reviewers = system.data.count.shape
        return csr_array((values.ravel(), columns.ravel(), 2 * system.data.count.indptr), (entrants, 2 * reviewers))
