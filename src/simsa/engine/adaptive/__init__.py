"""Adaptive rounds: reviews that the rules hold back go to the entries of which the first round leaves the place open.

After the first round joint draws of the true scores disagree about some winners. An entry on which two draws disagree
is in the symmetric difference of their winner sets; the chance of that, 2 p (1 - p) for an entry that wins in the share
p of the draws, is its *doubt*. The next batch of reviews is given out in proportion to doubt times the variance of the
score, by Webster's method, to reviewers that tell most and have room; then it is asked how much better the selection is
expected to be with what these reviews will say, and whether the rules find that worth while.

Sources: sampling where two posterior draws disagree is top-two sampling (Russo, Operations Research 2020,
doi:10.1287/opre.2019.1911) for a set of the best; the expected gain is the expected value of sample information (Raiffa
& Schlaifer 1961) in the normal approximation of the posterior (as in the knowledge gradient for correlated normal
beliefs, Frazier, Powell & Dayanik 2009, doi:10.1287/ijoc.1080.0314).
"""

from simsa.engine.adaptive.budget import Budget, budget, budget_used, first_sheets, withdrawn
from simsa.engine.adaptive.proposal import NextReviews, Stop, next_reviews

__all__ = ["Budget", "NextReviews", "Stop", "budget", "budget_used", "first_sheets", "next_reviews", "withdrawn"]
