"""How a draft begins: with the least that rules must say, or as the rules of another round, moved to its time."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from simsa.rules.model import MOMENTS
from simsa.rules.nodes import ROOT
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.drafting.literals import table_text

_WORD = re.compile(r"[^\W][\w.-]{0,63}")


def least_rules(
    *,
    round_id: str,
    name: str,
    programme: str,
    time_zone: str,
    language: str,
    groups: Sequence[tuple[str, int]],
    criteria: Sequence[str],
    highest: int,
    sheets: int,
) -> str:
    """Rules that can be frozen as they are: groups with so many selected, criteria of equal weight marked from 0 to
    `highest`, and the mean over `sheets` sheets for every entry. Whatever else there is to say can be added.
    """
    about: dict[str, Any] = {"id": round_id, "programme": programme, "name": name, "time_zone": time_zone}
    if language != "ko":
        about["language"] = language
    parts = ["simsa_rules = 1\n", table_text("[round]", about)]
    for number, (group, quota) in enumerate(groups, 1):
        named = {"id": group} if _WORD.fullmatch(group) else {"id": f"g{number}", "name": group}
        parts.append(table_text("[[group]]", {**named, "quota": quota}))
    parts += [table_text("[panel]", {"sheets_per_entry": sheets})]
    reasons = ("not_submitted", "not_applicable", "abstained", "recused")
    parts += [table_text("[missing]", dict.fromkeys(reasons, "leave_out"))]
    aggregate = {"method": "mean", "round": {"places": 2, "mode": "half_up"}}
    parts += [table_text("[[criterion]]", {"id": ROOT, "combine": {"method": "mean"}, "panel": aggregate})]
    scale = {"min": 0, "max": highest, "step": 1}
    parts += [
        table_text("[[criterion]]", {"id": f"c{number}", "name": criterion, "scale": scale})
        for number, criterion in enumerate(criteria, 1)
    ]
    parts += [
        table_text("[[tie_break]]", {"criterion": ROOT, "exact": True}),
        table_text("[[tie_break]]", {"lot": True}),
    ]
    return "\n".join(parts)


def cloned_rules(text: str, *, round_id: str, name: str, months: int) -> str:
    """The rules `text` for another round: with its id and name, and all moments so many `months` later.

    EditError if the text is written in a way that cannot be changed here.
    """
    document = Document(text.replace("\r\n", "\n")).put(("round", "id"), round_id)
    if name:
        document = document.put(("round", "name"), name)
    for key in MOMENTS:
        moment = document.value(("schedule", key))
        if isinstance(moment, datetime):
            document = document.put(("schedule", key), later(moment, months))
    return document.text


def later(moment: datetime, months: int) -> datetime:
    """So many months later, on the same day of the month, or its last where it has none."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
