"""Anderson's mixing: where a fixed point is likely to be, from the last steps towards it.

Anderson, Journal of the ACM 1965, doi:10.1145/321296.321305; Walker & Ni, SIAM Journal on Numerical Analysis 2011,
doi:10.1137/10078356X.
"""

from __future__ import annotations

import numpy as np

from simsa.engine.calibration.arrays import Floats

_DEPTH = 6
_REST = 16


class Mixing:
    """The last places and the steps from there; `stride`: how far a coordinate may go beyond its own step.

    Where mixing makes the steps longer, half steps follow, more and more of them: they alone end what goes in circles.
    """

    def __init__(self, stride: float) -> None:
        self.stride = stride
        self.kind: object = None
        self.places: list[Floats] = []
        self.steps: list[Floats] = []
        self.rest, self.rests = 0, 1

    def next(self, place: Floats, step: Floats, kind: object) -> Floats:
        """The next place to look at. Places of another `kind` than the last one are forgotten."""
        if self.rest:
            self.rest -= 1
            return place + step / 2
        longer = bool(self.steps) and _size(step) > 2 * min(map(_size, self.steps))
        if kind != self.kind or longer:
            self.places, self.steps, self.kind = [], [], kind
        if longer:
            self.rest, self.rests = self.rests, min(2 * self.rests, _REST)
            return place + step / 2
        self.places, self.steps = [*self.places[-_DEPTH:], place], [*self.steps[-_DEPTH:], step]
        if len(self.steps) == 1:
            return place + step
        change, turn = np.diff(self.places, axis=0), np.diff(self.steps, axis=0)
        weight = np.linalg.lstsq(turn.T, step, rcond=1e-8)[0]
        further = -weight @ (change + turn)
        most = float(np.abs(further).max())
        return np.asarray(place + step + further * min(1.0, self.stride / max(most, self.stride)))


def _size(step: Floats) -> float:
    return float(np.linalg.norm(step))
