"""The rules of a round: everything that decides who wins, in one TOML file, frozen before the call.

    rules = load("rules.toml")      # or parse(text)
    rules.hash                      # SHA-256 of the canonical form, the same for any formatting
    from_canonical(rules.canonical) # the same rules again

Nothing here computes a score; `simsa.engine` does what the rules declare and nothing else.
"""

from .canonical import canonical_bytes, digest
from .decimals import decimal_or_none, decimal_places, decimal_text, exact_text, parse_decimal
from .errors import Problem, RulesError
from .formulas import parse_formula
from .meetings import MeetingRule
from .model import (
    Adaptive,
    Adjustment,
    CalibrationRule,
    ConflictRule,
    EntryForm,
    Exchange,
    Group,
    Lottery,
    PanelKind,
    PanelLimits,
    Quota,
    Rules,
    Schedule,
    Threshold,
    TieBreak,
)
from .nodes import (
    ROOT,
    AmbiguousError,
    Anchor,
    Combine,
    Criterion,
    Effect,
    Factor,
    Indicator,
    Level,
    Levels,
    Missing,
    Name,
    PanelAggregate,
    Range,
    Rounding,
    Scale,
    Step,
)
from .parse import from_canonical, load, parse
from .sight import Sight
from .votes import Vote

__all__ = [
    "ROOT",
    "Adaptive",
    "Adjustment",
    "AmbiguousError",
    "Anchor",
    "CalibrationRule",
    "Combine",
    "ConflictRule",
    "Criterion",
    "Effect",
    "EntryForm",
    "Exchange",
    "Factor",
    "Group",
    "Indicator",
    "Level",
    "Levels",
    "Lottery",
    "MeetingRule",
    "Missing",
    "Name",
    "PanelAggregate",
    "PanelKind",
    "PanelLimits",
    "Problem",
    "Quota",
    "Range",
    "Rounding",
    "Rules",
    "RulesError",
    "Scale",
    "Schedule",
    "Sight",
    "Step",
    "Threshold",
    "TieBreak",
    "Vote",
    "canonical_bytes",
    "decimal_or_none",
    "decimal_places",
    "decimal_text",
    "digest",
    "exact_text",
    "from_canonical",
    "load",
    "parse",
    "parse_decimal",
    "parse_formula",
]
