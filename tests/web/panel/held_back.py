"""A small round whose rules hold reviews back, with sheets that are drawn, for tests."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simsa.engine.simulation import Settings, World
from simsa.rules import decimal_text
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.models import ReviewBatch, Slot
from simsa.web.panel.services import ReviewerRow, SheetRow, assign_as_given, import_reviewers, submit_sheets
from simsa.web.panel.services.adding import compute_batch, start_batch
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round
from tests.engine.adaptive_rounds import TEXT, entries, first_round, panel

N, M = 12, 6
OFFICER = "person/1"


def rules(adaptive: str = 'held_back = "0.5"\nbatches = 2\nleast_gain = 0', *, load: int = 20, kinds: str = "") -> str:
    return TEXT.replace("LOAD", str(load)).replace("KINDS", kinds).replace("ADAPTIVE", adaptive)


def assigned(text: str = "", *, seed: str = "drawn") -> Round:
    """Twelve entries in two groups, six reviewers, two of them for each entry."""
    round_ = open_round(text or rules(), seed=seed)
    there, crew = entries(N), panel(M)
    import_entries(
        round_, [EntryRow(e, g, f"기관 {e}", f"Body {e}", "") for e, g in zip(there.ids, there.group, strict=True)]
    )
    fields = [{name: column[n] for name, column in crew.fields.items()} for n in range(M)]
    import_reviewers(round_, [ReviewerRow(code, f"위원 {code}", fields[n]) for n, code in enumerate(crew.ids)])
    assign_as_given(
        round_, [(there.ids[e], crew.ids[r]) for e, r in zip(*(one.tolist() for one in first_round(N, M)), strict=True)]
    )
    round_.refresh_from_db()
    return round_


def score(round_: Round, *, leave: int = 0) -> None:
    """Submit a drawn sheet for every slot that has none, but for the last `leave`."""
    there, crew = entries(N), panel(M)
    waiting = Slot.objects.filter(entry__round=round_, replaced_by=None, status="assigned").order_by("position")
    pairs = list(waiting.values_list("entry__entrant__code", "reviewer__code"))
    pairs = pairs[: len(pairs) - leave]
    world = World(round_.rules, N, crew.ids, Settings(scale_sd=0.0, erratic_share=0.0), "b")
    entry, reviewer = np.array([[there.index[e], crew.index[r]] for e, r in pairs], np.int64).reshape(-1, 2).T
    drawn = world.sheets(entry, reviewer, part=str(Slot.objects.count()))
    submit_sheets(
        round_,
        [
            SheetRow(e, r, {"total": decimal_text(Fraction(mark, 10**drawn.places))})
            for (e, r), mark in zip(pairs, drawn.mark[:, 0].tolist(), strict=True)
        ],
    )


def scored(text: str = "", **about: str) -> Round:
    """The same with every sheet of the first round."""
    round_ = assigned(text, **about)
    score(round_)
    return round_


def computed(round_: Round, seed: str = "") -> ReviewBatch:
    return compute_batch(start_batch(round_, seed, actor=OFFICER))
