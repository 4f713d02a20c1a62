"""Calibration: every entrant's quality net of its reviewers' severity, with its uncertainty.

Crossed random effects: a sheet's score is the mean of the entrant's group, plus the entrant's quality, minus the
reviewer's severity, plus noise; quality, severity and noise are normal with variances estimated by restricted maximum
likelihood (Patterson & Thompson, Biometrika 1971, doi:10.1093/biomet/58.3.545). The larger of the two factors is
eliminated analytically from Henderson's mixed-model equations (Henderson, Biometrics 1975, doi:10.2307/2529430); the
smaller one is factorised densely, or of more than 2,000 levels solved by conjugate gradients (`solver`). The criterion
is minimised by average-information Newton steps (Gilmour, Thompson & Cullis, Biometrics 1995, doi:10.2307/2533274) over
the three components' shares of their sum, where a share of zero is an ordinary point of the boundary. On top, where
asked for and where the sheets show it, every reviewer has a scale and a noise of their own by empirical Bayes (`own`).

Memory is linear in the sheets, plus a few squares of the smaller factor where that is factorised.

Beside it stand two further models, `criteria` (a sheet's marks instead of its total) and `ordinal` (a short scale);
what every model tells is `Scores`.
"""

from simsa.engine.calibration.components import Components
from simsa.engine.calibration.estimation import calibrate
from simsa.engine.calibration.result import Blocks, Calibration, Note, NoteCode, Scores
from simsa.engine.calibration.rounded import RoundedScores, rounded_scores
from simsa.engine.calibration.sheets import CalibrationError
from simsa.engine.calibration.statistics import Order

__all__ = [
    "Blocks",
    "Calibration",
    "CalibrationError",
    "Components",
    "Note",
    "NoteCode",
    "Order",
    "RoundedScores",
    "Scores",
    "calibrate",
    "rounded_scores",
]
