"""Design studies: how often a panel of a given size, with so many reviews per entry, chooses the right ones.

Rounds are drawn under the rules and under assumptions about reviewers (`simulation.Settings`, or what a past round's
calibration found), scored by several methods from the same sheets, and compared with the truth behind them. Every run
has a seed of its own that follows from the study's, so a study is the same wherever its runs are computed.
"""

from simsa.engine.studies.assumptions import assumed, fitted
from simsa.engine.studies.plan import Design, Method, Plan, StudyError
from simsa.engine.studies.study import Row, Spread, Study, in_turn, study
from simsa.engine.studies.truth import unit

__all__ = [
    "Design",
    "Method",
    "Plan",
    "Row",
    "Spread",
    "Study",
    "StudyError",
    "assumed",
    "fitted",
    "in_turn",
    "study",
    "unit",
]
