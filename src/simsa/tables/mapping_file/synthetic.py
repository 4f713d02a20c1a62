"""How sheets are drawn where none were collected."""

from __future__ import annotations

from fractions import Fraction

from simsa.engine.simulation import Settings
from simsa.rules.reader import Table as Reader
from simsa.rules.reader import shown
from simsa.tables.mapping import Synthetic

MOST = {
    "centre": 100,
    "pair_correlation": 1,
    "severity_sd": 100,
    "residual_sd": 100,
    "criterion_sd": 100,
    "scale_sd": 3,
    "erratic_share": 1,
    "erratic_factor": 100,
    "noise_spread": 3,
    "missing_share": 1,
    "abstained_share": 1,
}
"""The greatest value of each setting; the least is 0. Spreads are in points of a scale of 100."""


def read_synthetic(top: Reader) -> Synthetic | None:
    """[synthetic]: the seed and the settings of the model that sheets are drawn from; None without it."""
    table = top.table("synthetic")
    if table is None:
        return None
    seed = table.text("seed")
    given = {name: _bounded(table, name, most) for name, most in MOST.items() if table.has(name)}
    settings = Settings(**{name: float(number) for name, number in given.items() if number is not None})
    if settings.pair_correlation >= 1:
        table.note("pair_correlation", "is 1", "at least 0 and below 1")
    share = _bounded(table, "conflict_share", 1) or Fraction(0)
    affinity = table.table("affinity")
    pair = (affinity.text("reviewer"), affinity.text("entrant")) if affinity else None
    if affinity:
        affinity.close()
    table.close(known=list(MOST))
    return Synthetic(seed, settings, pair, float(share))


def _bounded(table: Reader, key: str, most: int) -> Fraction | None:
    """The number at `key`, from 0 to `most`; None if it is not there, or after noting what is wrong with it."""
    written = table.data.get(key)
    number = table.number(key, least=Fraction(0))
    if number is not None and number > most:
        table.note(key, f"is {shown(written)}", f"from 0 to {most}")
        return None
    return number
