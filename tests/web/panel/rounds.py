"""A small round with a panel, for tests that do not need the reference programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simsa.record.receipts import Receipt
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.panel.services import (
    ReviewerRow,
    SheetRow,
    assign_as_given,
    import_reviewers,
    submit_sheets,
)
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round
from tests.rules.small import SMALL, changed

ENTRIES = (("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b"), ("b3", "b"), ("b4", "b"))
REVIEWERS = ("p", "q", "r")
HELD_BACK = changed(
    "[missing]",
    '[panel]\nsheets_per_entry = 2\nload = { max = 20 }\n[adaptive]\nheld_back = "0.5"\n\n[missing]',
    changed('trimmed_mean", drop_high = 1, drop_low = 1', 'mean"'),
)
"""Rules of which half of the reviews are held back."""


def prepared(rules: str = SMALL, *, seed: str = "drawn", synthetic_note: str = "") -> Round:
    """A round in preparation with six entries in two groups and a panel of three."""
    round_ = open_round(rules, seed=seed, synthetic_note=synthetic_note)
    import_entries(
        round_,
        [
            EntryRow(code, group, f"기관 {code}", f"Body {code}", f"{group}도", fields={"region": group})
            for code, group in ENTRIES
        ],
    )
    import_reviewers(
        round_, [ReviewerRow(code, f"위원 {code}", {"region": "a" if code == "p" else ""}) for code in REVIEWERS]
    )
    return round_


def scoring(rules: str = SMALL, **about: str) -> Round:
    """The same, with everybody assigned to everything."""
    round_ = prepared(rules, **about)
    assign_as_given(round_, [(entry, reviewer) for entry, _ in ENTRIES for reviewer in REVIEWERS])
    round_.refresh_from_db()
    return round_


def mark(n: int) -> Mapping[str, str]:
    """Marks of sheet number n: they differ, and stay on the scale."""
    return {"idea": str(n * 7 % 21 / 2), "work": str(n * 5 % 21 / 2)}


def scored(rules: str = SMALL, **about: str) -> Round:
    """The same, with every sheet submitted."""
    round_ = scoring(rules, **about)
    submit_all(round_)
    return round_


def submit_all(round_: Round) -> Sequence[Receipt]:
    pairs = [(entry, reviewer) for entry, _ in ENTRIES for reviewer in REVIEWERS]
    return submit_sheets(round_, [SheetRow(*pair, mark(n)) for n, pair in enumerate(pairs)])
