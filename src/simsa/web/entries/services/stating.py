"""What the record of a round says of its entries."""

from __future__ import annotations

from simsa.record.statements import entries_statement
from simsa.web.entries.inputs import entries_of, reported_of
from simsa.web.entries.models import Entrant
from simsa.web.programmes.models import Round
from simsa.web.programmes.recording import state


def state_entries(round_: Round) -> None:
    """Say in the record of a locked round who takes part, and what they reported."""
    rows = round_.entries.select_related("entrant")
    names = {row.entrant.code: _names(row.entrant) for row in rows}
    said = entries_statement(round_.slug, entries_of(round_), names, reported_of(round_))
    state(round_, lambda _head: said)


def _names(entrant: Entrant) -> dict[str, str]:
    return {code: name for code, name in (("ko", entrant.name_ko), ("en", entrant.name_en)) if name}
