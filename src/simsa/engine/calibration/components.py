"""The components of a calibration as exact numbers, rounded to few digits, that are recorded.

Estimates come from floating point and differ in their last digits from one machine to another. Rounded and written
down they are data like the sheets: given both, calibrated scores are the solution of equations with rational numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from simsa.engine.calibration.sheets import CalibrationError

Numbers = tuple[Fraction | None, ...]


@dataclass(frozen=True)
class Components:
    """Variances of entrants, reviewers and residuals in the square of the sheets' unit; None: not estimable, left out.

    `scale`, `noise` (n_reviewers,): scales, and variances of the residuals, of reviewers' own (None for a reviewer
    without sheets); None where the reviewers are alike. `scale_spread`, `noise_spread`: as in `Calibration`; no score
    depends on them, errors do.
    """

    entrant: Fraction | None
    reviewer: Fraction | None
    residual: Fraction | None
    scale: Numbers | None = None
    noise: Numbers | None = None
    scale_spread: Fraction = Fraction(0)
    noise_spread: Fraction = Fraction(0)

    @classmethod
    def rounded(
        cls,
        digits: int,
        variances: Sequence[float],
        scale: Iterable[float],
        noise: Iterable[float],
        spread: tuple[float, float],
    ) -> Components:
        """To `digits` significant digits. `scale`, `noise` (variances) by reviewer; of a spread of zero they are one.

        NaN is a number that is not known.
        """
        entrant, reviewer, residual = (significant(value, digits) for value in variances)
        scale_spread, noise_spread = (significant(value, digits) or Fraction(0) for value in spread)
        return cls(
            entrant,
            reviewer,
            residual,
            tuple(significant(value, digits) for value in scale) if scale_spread else None,
            tuple(significant(value, digits) for value in noise) if noise_spread else None,
            scale_spread,
            noise_spread,
        )

    def of(self, name: Literal["scale", "noise"], reviewers: Iterable[int]) -> list[Fraction]:
        """Scales or noises of `reviewers` (positions) with sheets. CalibrationError where one is not above zero."""
        numbers, plain = (self.scale, Fraction(1)) if name == "scale" else (self.noise, self.residual or Fraction(0))
        found = []
        for reviewer in reviewers:
            number = plain if numbers is None else numbers[reviewer] if reviewer < len(numbers) else None
            if number is None or number <= 0:
                what = f"components: the {name} of reviewer {reviewer}, who wrote sheets, is {number}"
                raise CalibrationError(f"{what}; give those of this panel")
            found.append(number)
        return found

    @property
    def own(self) -> bool:
        """Whether reviewers differ in scale or noise."""
        return self.scale is not None or self.noise is not None


def significant(value: float, digits: int) -> Fraction | None:
    """`value` rounded to `digits` significant digits, exactly; None for NaN."""
    return None if math.isnan(value) else Fraction(f"{value:.{digits - 1}e}")
