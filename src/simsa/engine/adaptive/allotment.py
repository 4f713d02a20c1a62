"""Reviews for entries in proportion to what is at stake at each."""

from __future__ import annotations

import heapq
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


def allot(stake: NDArray[np.float64], total: int, room: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of `total` reviews each entry gets, shape (n,): Webster's method, never more than `room`.

    The next review goes where stake / (2 x reviews + 1) is greatest, of equals to the first. Where nothing is at stake
    there are none, so fewer than `total` may be given out.
    """
    given = np.zeros(len(stake), np.int64)
    # Quotients are compared as fractions: the order is then the same on every machine.
    exact = {n: Fraction(float(stake[n])) for n in np.flatnonzero((stake > 0) & (room > 0)).tolist()}
    queue = [(-value, n) for n, value in exact.items()]
    heapq.heapify(queue)
    for _ in range(total):
        if not queue:
            break
        _, n = queue[0]
        given[n] += 1
        if given[n] < room[n]:
            heapq.heapreplace(queue, (-exact[n] / int(2 * given[n] + 1), n))
        else:
            heapq.heappop(queue)
    return given
