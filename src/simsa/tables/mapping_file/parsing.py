"""A round.toml as a whole: TOML to `RoundMap`, every fault named at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from simsa.rules import Rules, RulesError, load
from simsa.rules.reader import Table as Reader
from simsa.rules.reader import open_toml
from simsa.tables.mapping import RoundMap
from simsa.tables.mapping_file.data import read_data
from simsa.tables.mapping_file.file_names import read_file_name
from simsa.tables.mapping_file.matching import match_ids, read_matchings
from simsa.tables.mapping_file.parts import (
    read_affinity,
    read_assignment,
    read_conflicts,
    read_entries,
    read_reported,
    read_reviewers,
    read_sheets,
)
from simsa.tables.mapping_file.references import Names
from simsa.tables.mapping_file.synthetic import read_synthetic
from simsa.tables.mapping_file.translations import read_translators

FORMAT = 1
MAPPING = "round.toml"


def load_mapping(folder: str | Path) -> RoundMap:
    """The mapping of the round folder, and the rules it names.

    RulesError names every fault of round.toml, or of the rules; FileNotFoundError if a file is not there.
    """
    folder = Path(folder)
    text = (folder / MAPPING).read_bytes()
    return parse_mapping(text, lambda name: load(folder / name), source=str(folder / MAPPING))


def parse_mapping(text: str | bytes, rules_of: Callable[[str], Rules], source: str = MAPPING) -> RoundMap:
    """A mapping from TOML text; `rules_of` gives the rules for their file name. RulesError names every fault."""
    top = open_toml(text, source)
    name = read_file_name(top, "rules", "rules.toml")
    found = _round_map(top, name, rules_of(name)) if not top.problems else None
    if top.problems or found is None:
        raise RulesError(tuple(top.problems), source)
    return found


def _round_map(top: Reader, rules_file: str, rules: Rules) -> RoundMap:
    version = top.integer("simsa_round", least=1)
    if version != FORMAT:
        top.note("simsa_round", "is missing" if version is None else f"is {version}", f"simsa_round = {FORMAT}")
    names = Names(rules, match_ids(top), read_translators(top))
    entries = top.table("entries")
    if entries is None:
        top.note("entries", "is missing", "[entries] says which file lists the entries of the round")
    found = RoundMap(
        rules=rules,
        rules_file=rules_file,
        entries=read_entries(entries or Reader({}, "entries", [], top.lines), names),
        reviewers=_each(top, "reviewers", names, read_reviewers),
        assignment=_each(top, "assignment", names, read_assignment),
        sheets=_each(top, "sheets", names, read_sheets),
        reported=tuple(read_reported(table, names) for table in top.tables("reported")),
        affinity=_each(top, "affinity", names, read_affinity),
        conflicts=tuple(read_conflicts(table, names) for table in top.tables("conflicts")),
        matching=read_matchings(top),
        data=read_data(top),
        synthetic=read_synthetic(top),
        seed=top.text("seed") if top.has("seed") else None,
        credit=top.text("credit") if top.has("credit") else None,
    )
    if found.synthetic is not None and found.sheets is not None:
        top.note("synthetic", "stands beside [sheets]", "sheets are either collected or drawn")
    if found.synthetic is not None and found.reviewers is None:
        top.note("synthetic", "has no [reviewers]", "sheets are drawn for the reviewers of a panel")
    top.close()
    return found


def _each(top: Reader, key: str, names: Names, read: Callable[[Reader, Names], Any]) -> Any:
    table = top.table(key)
    return None if table is None else read(table, names)
