"""The climb: the assignment with the best worst-off entry so far, raised by chains of exchanges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simsa.engine.assignment.chains import Pairs, exchange
from simsa.engine.assignment.kinds_transport import tree_of
from simsa.engine.assignment.problem import BoolArray, IntArray
from simsa.engine.assignment.solving import Progress
from simsa.engine.assignment.transport import transport
from simsa.engine.assignment.worst_bound import Field, Round, units_of

_NO_FLOOR = -(2**62)
_WORK = 3 * 10**8  # pairs that chains may look at in all, ...
_WORK_PER_PAIR = 100  # ... and so many more for each pair there is
_GAIN_WORK = 10**8  # in search of a greater total, each time
_SOLVED_ANEW = 3  # times at most ...
_FEW = 4  # ... if no more than one in so many had to be raised
_LOW_PRICE = 0.9  # the kernel wants to start somewhat below the final prices


class Climb:
    """The assignment with the best worst-off entry so far, and the work that may still be put into a better one.

    Where slots stay empty, stand-ins without affinity fill them: they are as many as there must be, none has room, and
    so an empty slot can be passed on but never made. With kinds it stays where it is: it may be kept for one of them.
    """

    def __init__(self, field: Field, taken: BoolArray, price: IntArray, tell: Progress) -> None:
        """Begin with the greatest total: the pairs of the field that are taken, and the reviewers' prices."""
        self.field, self.tell, self.share = field, tell, 0.3
        self._left = _WORK + _WORK_PER_PAIR * field.units.size
        self._pairs, self._real, self._state, self._price = _with_stand_ins(field, taken, price)
        self._welfare = units_of(field, taken)
        self._greatest = self._state, self._welfare
        self._elsewhere = False  # whether the assignment comes from a round

    @property
    def taken(self) -> BoolArray:
        """Of the field's pairs, those that are chosen."""
        return self._state[self._real]

    @property
    def worst(self) -> int:
        """Units of the worst-off entry that counts; 0 if none does."""
        return self._worst(self._welfare)

    def near(self, bound: int) -> BoolArray:
        """The entries that count and are less than twice as far above the worst-off as the bound is."""
        return self.field.counts & (self._welfare - self.worst < 2 * (bound - self.worst))

    @property
    def spent(self) -> bool:
        """Whether as much was looked at as may be."""
        return self._left <= 0

    def _worst(self, welfare: IntArray) -> int:
        counted = welfare[self.field.counts]
        return int(counted.min()) if counted.size else 0

    def aim(self, target: int, start: Round | None = None) -> bool:
        """Raise everyone to the target, in the best assignment or in that of a round. Whether that succeeded."""
        if self.spent or (start and (self.field.missing or not start.whole)):
            return False
        state, welfare, price = (
            (start.taken, start.welfare, start.price) if start else (self._state, self._welfare, self._price)
        )
        floor, tell = self._floor(target), lambda _step, _share: self.tell("worst-off", self.share)
        done = exchange(self._pairs, state, welfare, price, floor, work=self._left, tell=tell)
        self._left -= done.work
        if self._worst(done.welfare) > self.worst:
            self._state, self._welfare = done.taken, done.welfare
            self._elsewhere |= start is not None
        return done.complete

    def _floor(self, target: int) -> IntArray:
        return np.where(self.field.counts, target, _NO_FLOOR)

    def gain(self) -> None:
        """Gain in total under the floor that is reached, if anything was done to reach it."""
        if self._state is self._greatest[0]:
            return
        floor, now = self._floor(self.worst), (self._state, self._welfare)
        if self._elsewhere:
            raised = exchange(self._pairs, *self._greatest, self._price, floor, work=_GAIN_WORK)
            now = max([now] + [(raised.taken, raised.welfare)] * raised.complete, key=_total)
        now = max([now, *self._solved_anew(now[0])], key=_total)
        tell = lambda _step, share: self.tell("total", 0.8 + 0.1 * share)  # noqa: E731
        end = exchange(self._pairs, *now, self._price, floor, gain=True, work=_GAIN_WORK, tell=tell)
        self._state, self._welfare = end.taken, end.welfare

    def _solved_anew(self, state: BoolArray) -> Iterator[tuple[BoolArray, IntArray]]:
        """The greatest total while those keep what they have who had to be raised; if nobody else comes below."""
        field, floor = self.field, self._floor(self.worst)
        fixed = self._greatest[1] < floor
        many = field.missing or field.family or np.count_nonzero(fixed) * _FEW > fixed.size
        for _ in range(0 if many else _SOLVED_ANEW):
            settled = fixed[field.entry]
            kept, free = state & settled, np.flatnonzero(~settled)
            load = np.bincount(field.reviewer[np.flatnonzero(kept)], minlength=field.room.size)
            flow = transport(
                np.searchsorted(field.entry[free], np.arange(field.need.size + 1)),
                field.reviewer[free],
                field.units[free],
                np.where(fixed, 0, field.need).astype(np.int64),
                np.maximum(field.least - load, 0),
                field.room - load,
                field.penalty,
                price=(np.maximum(self._price, 0) * _LOW_PRICE).astype(np.int64),
            )
            kept[free] = flow.taken > 0
            welfare = units_of(field, kept)
            if (welfare >= floor).all():
                yield kept, welfare
                return
            fixed |= welfare < floor


def _total(at: tuple[BoolArray, IntArray]) -> int:
    return int(at[1].sum())


def _with_stand_ins(field: Field, taken: BoolArray, price: IntArray) -> tuple[Pairs, BoolArray, BoolArray, IntArray]:
    """The pairs to exchange; of them, those of the field and those taken; and the reviewers' prices."""
    empty = field.need - np.bincount(field.entry[np.flatnonzero(taken)], minlength=field.need.size)
    many, n_reviewers = int(empty.max(initial=0)), field.room.size
    if field.family is not None or not many:  # with kinds an empty seat stays with its entry
        pairs = Pairs(field.start, field.reviewer.astype(np.int32), field.units, field.need, field.least, field.room)
        if field.family is not None:
            pairs = replace(pairs, kinds=tree_of(field.network, field.family))
        return pairs, np.ones(taken.size, dtype=np.bool_), taken, price
    stand_ins = np.arange(many)
    entry = np.concatenate([field.entry, np.repeat(np.arange(field.need.size), many)])
    order = np.argsort(entry, kind="stable")
    real = np.arange(entry.size)[order] < field.units.size
    state = np.concatenate([taken, (stand_ins < empty[:, None]).ravel()])[order]
    load = np.count_nonzero(stand_ins < empty[:, None], axis=0)
    units = np.zeros(entry.size, dtype=np.int64)
    units[: field.units.size] = field.units
    reviewer = np.concatenate([field.reviewer, np.tile(n_reviewers + stand_ins, field.need.size)])
    pairs = Pairs(
        start=field.start + many * np.arange(field.start.size),
        reviewer=reviewer[order].astype(np.int32),
        units=units[order],
        need=field.need,
        least=np.concatenate([field.least, load]).astype(np.int32),
        most=np.concatenate([field.room, load]).astype(np.int32),
    )
    return pairs, real, state, np.concatenate([price, np.full(many, field.penalty)])
