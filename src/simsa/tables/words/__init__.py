"""What the engine and the rules say in codes and numbers, in words: Korean and English.

Texts are English in the code and Korean in the catalogue `locale/ko` (gettext domain `simsa`). Korean particles stand
there in both forms, as officials write them on forms (`은(는)`), and `fill` puts the one that fits.
"""

from simsa.tables.words.assurance import Assurance, assurance_of, assurance_words, zone_lead, zone_words
from simsa.tables.words.calibration import note_words, own_words, severity_words
from simsa.tables.words.faults import fault_words
from simsa.tables.words.filling import fill, listed, particle
from simsa.tables.words.groups import group_name, group_summary
from simsa.tables.words.languages import LANGUAGES, LanguageError, translator
from simsa.tables.words.moments import moment_words
from simsa.tables.words.numbers import (
    NO_NUMBER,
    expected_rank_text,
    format_score,
    no_result,
    percent,
    points,
    rank_words,
    share_words,
)
from simsa.tables.words.outcomes import outcome_words, reason_words
from simsa.tables.words.places import score_places
from simsa.tables.words.robustness import swap_words, weight_words, weights_text
from simsa.tables.words.rules import Section, missing_words, rule_fault_words, rules_words

__all__ = [
    "LANGUAGES",
    "NO_NUMBER",
    "Assurance",
    "LanguageError",
    "Section",
    "assurance_of",
    "assurance_words",
    "expected_rank_text",
    "fault_words",
    "fill",
    "format_score",
    "group_name",
    "group_summary",
    "listed",
    "missing_words",
    "moment_words",
    "no_result",
    "note_words",
    "outcome_words",
    "own_words",
    "particle",
    "percent",
    "points",
    "rank_words",
    "reason_words",
    "rule_fault_words",
    "rules_words",
    "score_places",
    "severity_words",
    "share_words",
    "swap_words",
    "translator",
    "weight_words",
    "weights_text",
    "zone_lead",
    "zone_words",
]
