"""An edition: one run in one language, from which every part of the report is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import NullTranslations

from simsa.engine.evaluation import Evaluation
from simsa.rules import Rules
from simsa.tables.round_folder import RoundInputs
from simsa.tables.run import Run
from simsa.tables.words import translator

_MANY_GROUPS = 12  # beyond, each group folds
_MOST_PARTS = 6  # criteria that fit beside the score


@dataclass(frozen=True)
class Edition:
    """A run, and the language in which it is told."""

    run: Run
    language: str

    @property
    def texts(self) -> NullTranslations:
        return translator(self.language)

    @property
    def rules(self) -> Rules:
        return self.run.rules

    @property
    def inputs(self) -> RoundInputs:
        return self.run.inputs

    @property
    def evaluation(self) -> Evaluation:
        return self.run.evaluation

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What entries are called, by id."""
        return self.run.names(self.language)

    @property
    def long(self) -> bool:
        """Whether there are so many groups that each of them folds."""
        return len(self.evaluation.selection.groups) > _MANY_GROUPS

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The criteria just below the one that ranks, if every entry has its own value at them and they are few."""
        children = self.rules.children(self.rules.rank_by)
        own = [child.id for child in children if child.id in self.evaluation.tally.values]
        return tuple(own) if len(own) == len(children) <= _MOST_PARTS else ()
