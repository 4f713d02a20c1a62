"""How sheets are drawn where none were collected."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction

from simsa.engine.simulation import Settings
from simsa.rules.reader import Table as Reader
from simsa.tables.mapping import Synthetic


def read_synthetic(top: Reader) -> Synthetic | None:
    """[synthetic]: the seed and the settings of the model that sheets are drawn from; None without it."""
    table = top.table("synthetic")
    if table is None:
        return None
    seed = table.text("seed")
    given = {f.name: table.number(f.name, least=Fraction(0)) for f in fields(Settings) if table.has(f.name)}
    settings = Settings(**{name: float(number) for name, number in given.items() if number is not None})
    if settings.pair_correlation >= 1:
        table.note("pair_correlation", f"is {settings.pair_correlation}", "at least 0 and below 1")
    share = table.number("conflict_share", Fraction(0), least=Fraction(0)) or Fraction(0)
    if share > 1:
        table.note("conflict_share", f"is {share}", "from 0 to 1")
    affinity = table.table("affinity")
    pair = (affinity.text("reviewer"), affinity.text("entrant")) if affinity else None
    if affinity:
        affinity.close()
    table.close(known=[f.name for f in fields(Settings)])
    return Synthetic(seed, settings, pair, float(share))
