"""Assignment: which reviewer scores which entry.

A transport problem. Every entry needs a number of slots (its coverage), every reviewer takes at least `least` and at
most `most` of them, each pair of entry and reviewer has an affinity, and the sum of the affinities of the chosen pairs
is to be as large as it can be. The matrix of such a problem is totally unimodular, so the optimum is integral, and
linear-programming duality gives prices of entries and reviewers that prove it: anyone can add them up and find the same
total (Ahuja, Magnanti and Orlin, "Network Flows", 1993, chapters 9 and 11; for reviewers, Charlin and Zemel, "The
Toronto paper matching system", 2013).

Affinities are scaled to integers once, and everything after that is exact. Where the limits cannot all be met the
answer is not a bare "infeasible": as many slots as possible are filled and as little of the least loads as possible is
missed (which never stand in each other's way: Mendelsohn and Dulmage, 1958), the affinity is then as large as it can
be, and the result names entries and reviewers that cannot be satisfied together (Hall, 1935). `advise` shrinks each
such group to a minimal core and lists the fewest changes that would mend it.

After a late change `repair` moves as few pairs as can be. `why`, `why_not`, `what_if` and `margins` answer questions
about an assignment or a repair, exactly, from shortest paths in its residual network or, with kinds, by solving the
changed problem; `prepare` does once what many questions need.

How many of which kinds of reviewers an entry gets can be limited as well (`Kinds`). Kinds that nest make the problem a
valuated matroid intersection (Frank, "A weighted matroid intersection algorithm", 1981), as exact and with the same
kind of proof; for those that cross the result says how far it may be from the optimum at most. A seat that a kind needs
and nobody of it can fill stays empty: it is not given to another kind.

Which of several equal optima is returned is decided by input order: by the numbers that entries and reviewers have. The
order in which the pairs are listed does not matter, and equal input gives an equal result.

`assign_fairly` looks after the entry that is worst off first: see `fair`.
"""

from simsa.engine.assignment.advice import (
    Advice,
    Core,
    FewerSlots,
    Fix,
    LiftConflicts,
    LowerLeast,
    MoreSlots,
    RelaxKinds,
    advise,
)
from simsa.engine.assignment.answering import Prepared
from simsa.engine.assignment.dense import Affinities, DenseAssignment, Embeddings, Matrix, assign_dense
from simsa.engine.assignment.exchange import Exchange
from simsa.engine.assignment.explain import Reason, Why, WhyNot, why, why_not
from simsa.engine.assignment.fair import FairAssignment, assign_fairly
from simsa.engine.assignment.fair_verification import verify_bound
from simsa.engine.assignment.kinds import Family, Kinds
from simsa.engine.assignment.network import DEFAULT_SCALE
from simsa.engine.assignment.prepare import prepare
from simsa.engine.assignment.problem import AssignmentError, Problem, UnmetError
from simsa.engine.assignment.randomised import (
    FINEST_CAP,
    Draw,
    Marginals,
    Metrics,
    RandomAssignment,
    assign_randomly,
    marginals,
    metrics,
    sample,
    verify_marginals,
)
from simsa.engine.assignment.repair import Repair, repair, verify_repair
from simsa.engine.assignment.result import Assignment, Certificate, Infeasibility
from simsa.engine.assignment.shortfall import NAMED_GROUPS
from simsa.engine.assignment.solving import Progress, assign
from simsa.engine.assignment.verification import verify
from simsa.engine.assignment.whatif import (
    Change,
    ConflictLifted,
    Margins,
    OneMoreReview,
    OneMoreReviewer,
    OneMoreSlot,
    Outcome,
    margins,
    what_if,
)
from simsa.engine.assignment.worst_bound import Witness

__all__ = [
    "DEFAULT_SCALE",
    "FINEST_CAP",
    "NAMED_GROUPS",
    "Advice",
    "Affinities",
    "Assignment",
    "AssignmentError",
    "Certificate",
    "Change",
    "ConflictLifted",
    "Core",
    "DenseAssignment",
    "Draw",
    "Embeddings",
    "Exchange",
    "FairAssignment",
    "Family",
    "FewerSlots",
    "Fix",
    "Infeasibility",
    "Kinds",
    "LiftConflicts",
    "LowerLeast",
    "Marginals",
    "Margins",
    "Matrix",
    "Metrics",
    "MoreSlots",
    "OneMoreReview",
    "OneMoreReviewer",
    "OneMoreSlot",
    "Outcome",
    "Prepared",
    "Problem",
    "Progress",
    "RandomAssignment",
    "Reason",
    "RelaxKinds",
    "Repair",
    "UnmetError",
    "Why",
    "WhyNot",
    "Witness",
    "advise",
    "assign",
    "assign_dense",
    "assign_fairly",
    "assign_randomly",
    "marginals",
    "margins",
    "metrics",
    "prepare",
    "repair",
    "sample",
    "verify",
    "verify_bound",
    "verify_marginals",
    "verify_repair",
    "what_if",
    "why",
    "why_not",
]
