"""Diagnostics: what a panel's sheets show about the panel. They accuse nobody and change no result.

Reviewers out of the ordinary in severity or noise, affinity of origin, drift along the running order, identical and
flat sheets, panels that changed size. Every diagnosis says how many false alarms to expect; one that cannot be made
says why.
"""

from simsa.engine.diagnostics.diagnose import LEVEL, Diagnostics, diagnose
from simsa.engine.diagnostics.discovery import Control, Screening, screen
from simsa.engine.diagnostics.habits import Counted, Habits, find_habits
from simsa.engine.diagnostics.order import Drift, Timing, find_drift, find_session
from simsa.engine.diagnostics.origin import Origin, find_origin, same_origin
from simsa.engine.diagnostics.outliers import Outliers, find_outliers
from simsa.engine.diagnostics.pairs import Pairs, identical_pairs
from simsa.engine.diagnostics.reasons import Diagnosis, NotMade, Why
from simsa.engine.diagnostics.sizes import Sizes, panel_sizes
from simsa.engine.diagnostics.slopes import Estimate, Slopes, fit_slopes

__all__ = [
    "LEVEL",
    "Control",
    "Counted",
    "Diagnosis",
    "Diagnostics",
    "Drift",
    "Estimate",
    "Habits",
    "NotMade",
    "Origin",
    "Outliers",
    "Pairs",
    "Screening",
    "Sizes",
    "Slopes",
    "Timing",
    "Why",
    "diagnose",
    "find_drift",
    "find_habits",
    "find_origin",
    "find_outliers",
    "find_session",
    "fit_slopes",
    "identical_pairs",
    "panel_sizes",
    "same_origin",
    "screen",
]
