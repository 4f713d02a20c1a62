"""Affinities, bids, constraints and limits in the shapes that people have, for an assignment without further files.

- `long`: CSV, Parquet, XLSX or JSON with `entry`, `reviewer`, `affinity`; only these pairs meet
- `dense`: the first column has the entries, the header the reviewers; an empty cell is no candidate
- `matrix`: NumPy's `.npy`, or text with "rows columns" in the first line; rows are entries, NaN is no candidate
- `sparse`: `.npz` of `scipy.sparse.save_npz`; what is stored is a candidate
- `openreview`: scores without a header, in the order paper, profile, score
- `edges`: OpenReview's `head` (paper), `tail` (profile), `weight`
- `hotcrp`: `paper`, `email` and `preference` or `topic_score`; a conflict is never assigned
- `bids`: `entry`, `reviewer`, `bid`, each worth what `BidMeaning` declares

Nothing is unpickled. Millions of pairs are read as whole columns; every fault is told with file, row and field.
"""

from simsa.tables.affinities.bids import BidMeaning, BidValues, bid_affinity
from simsa.tables.affinities.constraints import Constraints, Previous, read_constraints, read_previous
from simsa.tables.affinities.limits import EntryLimits, ReviewerLimits, read_entry_limits, read_reviewer_limits
from simsa.tables.affinities.posing import check_pinned, pose, with_pinned
from simsa.tables.affinities.scores import Scores, read_bids, read_scores, with_bids, with_others
from simsa.tables.affinities.shapes import SHAPES
from simsa.tables.affinities.vectors import large_matrix, read_vectors

__all__ = [
    "SHAPES",
    "BidMeaning",
    "BidValues",
    "Constraints",
    "EntryLimits",
    "Previous",
    "ReviewerLimits",
    "Scores",
    "bid_affinity",
    "check_pinned",
    "large_matrix",
    "pose",
    "read_bids",
    "read_constraints",
    "read_entry_limits",
    "read_previous",
    "read_reviewer_limits",
    "read_scores",
    "read_vectors",
    "with_bids",
    "with_others",
    "with_pinned",
]
