"""Why a diagnosis cannot be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Diagnosis(StrEnum):
    """What is looked at."""

    OUTLIERS = "outliers"
    ORIGIN = "origin"
    ORDER = "order"
    SESSION = "session"
    PAIRS = "pairs"
    HABITS = "habits"
    SIZES = "sizes"


class Why(StrEnum):
    """Why a diagnosis is missing; `NotMade.data` holds what goes with it."""

    NO_SHEETS = "no_sheets"
    """No sheet has a mark."""
    FEW_REVIEWERS = "few_reviewers"
    """Fewer than `least` reviewers have sheets to compare; there are `reviewers`."""
    CONSTANT = "constant"
    """All scores agree exactly: there is nothing that could differ."""
    NO_COMMON_ENTRIES = "no_common_entries"
    """No entry was scored by two reviewers."""
    NO_FIELD = "no_field"
    """Entrants and reviewers share no field that could be compared."""
    NO_SAME_ORIGIN = "no_same_origin"
    """No reviewer scored an entrant of the same `field`; conflict rules often see to that."""
    NO_CONTRAST = "no_contrast"
    """No reviewer has both kinds of sheets on entries that others scored: nothing to compare."""
    NO_ORDER = "no_order"
    """The data do not say in which order, or when, the sheets were written."""
    NO_SESSIONS = "no_sessions"
    """The data hold no times, or all of them are in one half of the day."""


@dataclass(frozen=True)
class NotMade:
    """A diagnosis that could not be made. `subject`: the field that it is about, if it is about one."""

    diagnosis: Diagnosis
    why: Why
    subject: str = ""
    data: Mapping[str, int] = field(default_factory=dict)
