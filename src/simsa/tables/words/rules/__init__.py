"""The rules of a programme in plain sentences, so that everyone can read what decides."""

from simsa.tables.words.rules.faults import rule_fault_words
from simsa.tables.words.rules.missing import missing_words
from simsa.tables.words.rules.sections import Section, rules_words

__all__ = ["Section", "missing_words", "rule_fault_words", "rules_words"]
