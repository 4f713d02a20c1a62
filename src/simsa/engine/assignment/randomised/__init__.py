"""Randomised assignment: probabilities of pairs instead of pairs, so that nobody can be sure whom they will judge.

A reviewer who bids, or writes a profile, so as to be given one entry cannot be given it for certain if every pair's
probability is capped (Jecmen, Zhang, Liu, Shah, Conitzer and Fang, "Mitigating manipulation in peer review via
randomized reviewer assignments", NeurIPS 2020), and the probabilities can be spread as evenly as quality allows
(perturbed maximisation: Xu, Jecmen, Song and Fang, "A one-size-fits-all approach to improving randomness in paper
assignment", NeurIPS 2023). `marginals` computes the probabilities, with a bound that certifies them; `sample` draws an
assignment in which every pair is chosen with exactly its probability and every limit holds; `metrics` says what was
bought and at what price; `verify_marginals` checks all that from scratch. `assign_randomly` is all of it in one call.
"""

from simsa.engine.assignment.randomised.assigning import RandomAssignment, assign_randomly
from simsa.engine.assignment.randomised.metrics import Metrics, metrics
from simsa.engine.assignment.randomised.result import Draw, Marginals
from simsa.engine.assignment.randomised.sampling import sample
from simsa.engine.assignment.randomised.solving import FINEST_CAP, marginals
from simsa.engine.assignment.randomised.verification import verify_marginals

__all__ = [
    "FINEST_CAP",
    "Draw",
    "Marginals",
    "Metrics",
    "RandomAssignment",
    "assign_randomly",
    "marginals",
    "metrics",
    "sample",
    "verify_marginals",
]
