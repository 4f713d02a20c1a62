"""Preparing an assignment, or a repaired one, for questions."""

from __future__ import annotations

from simsa.engine.assignment.anew import Anew
from simsa.engine.assignment.answering import Prepared
from simsa.engine.assignment.problem import Problem
from simsa.engine.assignment.repair import Repair
from simsa.engine.assignment.residual import Residual
from simsa.engine.assignment.result import Assignment


def prepare(problem: Problem, assignment: Assignment | Repair) -> Prepared:
    """Prepare an assignment for any number of questions to `why`, `why_not`, `what_if` and `margins`.

    About a repair the answers are in its terms: slots first, then previous pairs, then affinity.

    Raises:
        AssignmentError: a pair that the problem does not allow, or prices that do not prove the assignment to be the
            problem's optimum (with kinds that cross they may not).
    """
    way = Residual if problem.kinds is None else Anew
    if isinstance(assignment, Repair):
        return way.of(problem, assignment.assignment, assignment.previous)
    return way.of(problem, assignment)
