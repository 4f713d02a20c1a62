"""A conference written down as a round folder: rules to be completed, and tables in simsa's own shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from simsa.rules import decimal_text, parse
from simsa.tables.conference.gathering import Conference
from simsa.tables.conference.scores import ScoreField
from simsa.tables.files import write_bytes, write_table
from simsa.tables.mapping_file import MAPPING
from simsa.tables.spreadsheets import number_text
from simsa.tables.table import Cell, Table, TableError

GROUP = "all"


def write_folder(found: Conference, folder: str | Path, rules: str | None = None) -> tuple[Path, ...]:
    """Write the round folder; the files that were written, rules.toml first.

    `rules`: the text of the rules, whose leaves need the ids of `found.scores`, and one group. Without, rules are
    drafted: equal weights, scales as far as marks were given, one place. RulesError for rules that cannot be used,
    TableError if the folder is there and not empty.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TableError(f"{folder}: is there already and not empty; name a folder that is not there")
    text = drafted_rules(found, folder.name) if rules is None else rules
    known = parse(text)
    group = known.groups[0].id if len(known.groups) == 1 and known.groups[0].id != "*" else GROUP
    tables = dict(_tables(found, group))
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "rules.toml", folder / MAPPING]
    write_bytes(written[0], text.encode())
    write_bytes(written[1], _mapping(found, tables).encode())
    for name, table in tables.items():
        written.append(folder / f"{name}.csv")
        write_table(table, written[-1])
    return tuple(written)


def drafted_rules(found: Conference, title: str) -> str:
    """Rules that can be used as they are and should be completed: what an export does not say is marked."""
    leaves = found.scores or (_OVERALL,)
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in title.lower()).strip("-")
    return _RULES.format(
        id=plain[:60] or "round",
        name=_quoted(title or "Round"),
        leaves="\n".join(map(_leaf, leaves)),
    )


_OVERALL = ScoreField("overall", "Overall", Fraction(1), Fraction(10), Fraction(1))
_RULES = """\
# Drafted from an export: what it does not say is marked with "check". Then: simsa rules check rules.toml
simsa_rules = 1

[round]
id = "{id}"
name = {{ en = {name} }}
time_zone = "UTC"            # check
language = "en"

[[group]]
id = "all"
quota = 1                    # check: how many are selected

[[conflict]]
id = "declared"
name = {{ ko = "신고된 이해충돌", en = "Declared conflict" }}
kind = "declared"

[missing]
not_submitted = "leave_out"
not_applicable = "leave_out"
abstained = "leave_out"
recused = "leave_out"

# check: each sheet is the mean of its scores, each entry the mean of its sheets.
[[criterion]]
id = "total"
combine = {{ method = "mean" }}
panel = {{ method = "mean" }}
round = {{ places = 2, mode = "half_up" }}

# check: the scales reach from the least to the greatest score that was given.
{leaves}
[[tie_break]]
lot = true
"""


def _leaf(one: ScoreField) -> str:
    least, most, step = (decimal_text(number) for number in (one.least, one.most, one.step))
    return (
        f"[[criterion]]\nid = {_quoted(one.id)}\nname = {{ en = {_quoted(one.name)} }}\n"
        f'scale = {{ min = "{least}", max = "{most}", step = "{step}" }}\n'
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _tables(found: Conference, group: str) -> Iterable[tuple[str, Table]]:
    """The tables that have a row."""
    about = _names(one.fields for one in found.submissions)
    rows: list[list[Cell]] = [
        [one.id, one.title or one.id, group, *(one.fields.get(name) for name in about)] for one in found.submissions
    ]
    yield "entries", Table.of(["id", "name", "group", *about], rows, "entries")
    known = _names(one.fields for one in found.members)
    rows = [[one.code, one.name, one.account, *(one.fields.get(name) for name in known)] for one in found.members]
    yield "reviewers", Table.of(["id", "name", "account", *known], rows, "reviewers")
    pairs = [[*pair, reason] for pair, reason in found.conflicts.items()]
    numbers = [[*pair, number_text(value)] for pair, value in (found.affinity or {}).items()]
    marks = [[*cell, mark] for cell, mark in found.marks.items()]
    for name, header, rest in (
        ("conflicts", ("entry", "reviewer", "reason"), pairs),
        ("affinity", ("entry", "reviewer", "affinity"), numbers),
        ("assignment", ("entry", "reviewer"), [list(pair) for pair in found.assignment]),
        ("sheets", ("entry", "reviewer", "criterion", "mark"), marks),
    ):
        if rest:
            yield name, Table.of(header, rest, name)


def _names(fields: Iterable[Iterable[str]]) -> list[str]:
    """The names of further columns, in the order in which they first appear."""
    return [name for name in dict.fromkeys(name for one in fields for name in one) if name not in _TAKEN]


_TAKEN = {"id", "name", "group", "account"}


def _mapping(found: Conference, tables: dict[str, Table]) -> str:
    parts = [
        f"# Where the inputs of this round are: what was exported of {_PRODUCTS[found.source]}.",
        'simsa_round = 1\nrules = "rules.toml"\n',
        _part("[entries]", "entries", "id", ("group",), _fields(tables["entries"], 3)),
        _part("[reviewers]", "reviewers", "id", (), _fields(tables["reviewers"], 3)),
    ]
    for section, name, keys in (
        ("[[conflicts]]", "conflicts", ("reason",)),
        ("[affinity]", "affinity", ("affinity",)),
        ("[assignment]", "assignment", ()),
        ("[sheets]", "sheets", ("criterion", "mark")),
    ):
        if name in tables:
            parts.append(_part(section, name, "entry", ("reviewer", *keys)))
    return "\n".join(parts)


_PRODUCTS = {"hotcrp": "HotCRP", "openreview": "OpenReview"}


def _part(section: str, name: str, first: str, keys: Sequence[str], more: str = "") -> str:
    lines = [section, f'file = "{name}.csv"', 'on_error = "stop"', *(f'{key} = "{key}"' for key in (first, *keys))]
    return "\n".join([*lines, *([more] if more else [])]) + "\n"


def _fields(table: Table, after: int) -> str:
    names = ", ".join(map(_quoted, table.header[after:]))
    return 'name = { en = "name" }' + (f"\nfields = [{names}]" if names else "")
