"""TOML to `RoundMap`: the shape of a round.toml, every fault named with its line."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from simsa.engine.inputs import Status
from simsa.engine.simulation import Settings
from simsa.rules import Missing, Problem, Rules, RulesError, load
from simsa.rules.reader import Lines
from simsa.rules.reader import Table as Reader

from .mapping import (
    Condition,
    Data,
    DataFile,
    Drop,
    EntriesPart,
    Join,
    Matching,
    NameChange,
    Numbers,
    PairsPart,
    ReportedPart,
    ReviewersPart,
    RoundMap,
    SheetsPart,
    Source,
    Synthetic,
    Unpivot,
    Value,
)
from .table import tidy, tidy_name

FORMAT = 1
MAPPING = "round.toml"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"(id|name|name\.\w+|region|fields\.\S.*)\Z")


def load_mapping(folder: str | Path) -> RoundMap:
    """The mapping of the round folder, and the rules it names.

    RulesError names every fault of round.toml, or of the rules; FileNotFoundError if a file is not there.
    """
    folder = Path(folder)
    text = (folder / MAPPING).read_bytes()
    return parse_mapping(text, lambda name: load(folder / name), source=str(folder / MAPPING))


def parse_mapping(text: str | bytes, rules_of: Callable[[str], Rules], source: str = MAPPING) -> RoundMap:
    """A mapping from TOML text; `rules_of` gives the rules for their file name. RulesError names every fault."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problem = Problem("file", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
            raise RulesError((problem,), source) from None
    try:
        data = tomllib.loads(unicodedata.normalize("NFC", text), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RulesError((Problem("file", f"is not TOML: {error}", "see toml.io"),), source) from None
    top = Reader(data, "", [], Lines(text))
    name = _file_name(top, "rules", "rules.toml")
    found = _round_map(top, name, rules_of(name)) if not top.problems else None
    if top.problems or found is None:
        raise RulesError(tuple(top.problems), source)
    return found


def _round_map(top: Reader, rules_file: str, rules: Rules) -> RoundMap:
    version = top.integer("simsa_round", least=1)
    if version != FORMAT:
        top.note("simsa_round", "is missing" if version is None else f"is {version}", f"simsa_round = {FORMAT}")
    names = _Names(rules, _match_ids(top), _translators(top))
    entries = top.table("entries")
    if entries is None:
        top.note("entries", "is missing", "[entries] says which file lists the entries of the round")
    found = RoundMap(
        rules=rules,
        rules_file=rules_file,
        entries=_entries(entries or Reader({}, "entries", [], top.lines), names),
        reviewers=_each(top, "reviewers", names, _reviewers),
        assignment=_each(top, "assignment", names, _assignment),
        sheets=_each(top, "sheets", names, _sheets),
        reported=tuple(_reported(table, names) for table in top.tables("reported")),
        affinity=_each(top, "affinity", names, _affinity),
        conflicts=tuple(_conflicts(table, names) for table in top.tables("conflicts")),
        matching=_matchings(top),
        data=_data(top),
        synthetic=_synthetic(top),
        seed=top.text("seed") if top.has("seed") else None,
        credit=top.text("credit") if top.has("credit") else None,
    )
    if found.synthetic is not None and found.sheets is not None:
        top.note("synthetic", "stands beside [sheets]", "sheets are either collected or drawn")
    top.close()
    return found


class _Names:
    """What a mapping may refer to."""

    def __init__(self, rules: Rules, matches: Sequence[str], translators: Mapping[str, Value]) -> None:
        self.language = rules.language
        self.leaves = tuple(leaf.id for leaf in rules.leaves)
        self.criteria = tuple(rules.by_id)
        self.matches = tuple(matches)
        self.translators = translators
        named = [group.id for group in rules.groups if group.id != "*"]
        self.only_group = named[0] if len(named) == 1 == len(rules.groups) else None


def _each(top: Reader, key: str, names: _Names, read: Callable[[Reader, _Names], Any]) -> Any:
    table = top.table(key)
    return None if table is None else read(table, names)


def _entries(table: Reader, names: _Names) -> EntriesPart:
    only = Value(constant=names.only_group) if names.only_group else None
    part = EntriesPart(
        source=_source(table, stops=False),
        id=_value(table, "id", names),
        name=_named(table, names) or (("", _value(table, "id", names)),),
        group=only if only and not table.has("group") else _value(table, "group", names),
        region=_optional(table, "region", names),
        latitude=_optional(table, "latitude", names),
        longitude=_optional(table, "longitude", names),
        fields=_values(table, "fields", names),
    )
    table.close()
    return part


def _reviewers(table: Reader, names: _Names) -> ReviewersPart:
    part = ReviewersPart(
        _source(table, stops=False), _value(table, "id", names), _named(table, names), _values(table, "fields", names)
    )
    table.close()
    return part


def _assignment(table: Reader, names: _Names) -> PairsPart:
    return _pairs(table, names, stops=True, value=None)


def _affinity(table: Reader, names: _Names) -> PairsPart:
    return _pairs(table, names, stops=False, value="affinity")


def _conflicts(table: Reader, names: _Names) -> PairsPart:
    return _pairs(table, names, stops=True, value="reason")


def _pairs(table: Reader, names: _Names, *, stops: bool, value: str | None) -> PairsPart:
    part = PairsPart(
        source=_source(table, stops=stops),
        entry=_value(table, "entry", names),
        reviewer=_value(table, "reviewer", names),
        value=_value(table, value, names) if value else _optional(table, "affinity", names),
    )
    table.close()
    return part


def _sheets(table: Reader, names: _Names) -> SheetsPart:
    long = not table.has("marks")
    part = SheetsPart(
        source=_source(table, stops=True),
        entry=_value(table, "entry", names),
        reviewer=_value(table, "reviewer", names),
        criterion=_value(table, "criterion", names) if long else None,
        mark=_value(table, "mark", names) if long else None,
        status=_optional(table, "status", names) if long else None,
        marks=_values(table, "marks", names),
        missing=_statuses(table),
        numbers=_numbers(table),
    )
    unknown = [leaf for leaf, _ in part.marks if leaf not in names.leaves]
    for leaf in unknown:
        table.note(f"marks.{leaf}", "is no criterion that the panel marks", f"known: {', '.join(names.leaves)}")
    table.close()
    return part


def _reported(table: Reader, names: _Names) -> ReportedPart:
    long = not table.has("fields")
    missing = table.texts("missing")
    part = ReportedPart(
        source=_source(table, stops=False),
        entry=_value(table, "entry", names),
        criterion=_optional(table, "criterion", names),
        field=_value(table, "field", names) if long else None,
        value=_value(table, "value", names) if long else None,
        fields=_values(table, "fields", names),
        missing=tuple(tidy(text) for text in missing),
        numbers=_numbers(table),
    )
    constant = part.criterion.constant if part.criterion else None
    if constant and constant not in names.criteria:
        table.note("criterion", f"{constant!r} is no criterion", f"known: {', '.join(names.criteria)}")
    table.close()
    return part


def _source(table: Reader, *, stops: bool) -> Source:
    files: Sequence[str] = table.one_of(
        "", {"file": lambda: (_file_name(table, "file"),), "files": lambda: _file_names(table)}
    ) or ("",)
    joins = tuple(_join(inner) for inner in table.tables("join"))
    choice = table.choice("on_error", ("stop", "skip"), "stop" if stops else "skip")
    return Source(
        files=tuple(files),
        sheet=table.text("sheet") if table.has("sheet") else None,
        header_row=table.integer("header_row", 1, least=1) or 1,
        delimiter=table.text("delimiter") if table.has("delimiter") else None,
        encoding=table.text("encoding") if table.has("encoding") else None,
        drop=tuple(_drop(inner) for inner in table.tables("drop")),
        where=_conditions(table, "where"),
        joins=joins,
        unpivot=_unpivot(table.table("unpivot")),
        stops=choice == "stop",
    )


def _file_name(table: Reader, key: str, default: str | None = None) -> str:
    name = table.text(key, default)
    if name and not _is_inside(name):
        table.note(key, f"{name!r} leads out of the folder", "a name inside the data folder")
    return name


def _file_names(table: Reader) -> tuple[str, ...]:
    names = table.texts("files")
    for name in names:
        if not _is_inside(name):
            table.note("files", f"{name!r} leads out of the folder", "names inside the data folder")
    return names


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name.removeprefix("@"))
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def _drop(table: Reader) -> Drop:
    column = table.text("column")
    drop = Drop(_condition(table, column), table.text("reason"))
    table.close()
    return drop


def _join(table: Reader) -> Join:
    file = _file_name(table, "file")
    on = table.take("on")
    pairs: list[tuple[str, str]] = []
    if isinstance(on, str):
        pairs = [(on, on)]
    elif isinstance(on, list) and on and all(isinstance(name, str) for name in on):
        pairs = [(name, name) for name in on]
    elif isinstance(on, dict) and on and all(isinstance(name, str) for name in on.values()):
        pairs = list(on.items())
    else:
        table.note("on", "says no columns", 'on = "id", on = ["a", "b"] or on = { own = "the other\'s" }')
    join = Join(
        file=file,
        on=tuple((tidy_name(own), tidy_name(other)) for own, other in pairs),
        where=_conditions(table, "where"),
        prefix=table.text("prefix") if table.has("prefix") else "",
        unmatched=table.choice("unmatched", ("error", "keep", "drop"), "error"),
        sheet=table.text("sheet") if table.has("sheet") else None,
        header_row=table.integer("header_row", 1, least=1) or 1,
    )
    table.close()
    return join


def _unpivot(table: Reader | None) -> Unpivot | None:
    if table is None:
        return None
    columns = table.one_of("", {"columns": lambda: table.texts("columns"), "matches": lambda: ()}) or ()
    unpivot = Unpivot(
        columns=tuple(tidy_name(name) for name in columns),
        pattern=_pattern(table, "matches") if table.has("matches") else None,
        name=tidy_name(table.text("name")),
        value=tidy_name(table.text("value")),
    )
    table.close()
    return unpivot


def _conditions(table: Reader, key: str) -> tuple[Condition, ...]:
    inner = table.table(key)
    if inner is None:
        return ()
    found = []
    for column in inner.data:
        wanted = inner.take(column)
        if isinstance(wanted, dict):
            one = Reader(wanted, inner.place(column), inner.problems, inner.lines)
            found.append(_condition(one, column))
            one.close()
        else:
            found.append(Condition(tidy_name(column), allowed=frozenset(_texts(inner, column, wanted))))
    return tuple(found)


def _condition(table: Reader, column: str) -> Condition:
    keys = ("is", "not", "matches", "empty")
    if not any(table.has(key) for key in keys):
        table.note("", "says no condition", f"one of {', '.join(keys)}")
    return Condition(
        column=tidy_name(column),
        allowed=frozenset(_texts(table, "is", table.take("is"))) if table.has("is") else None,
        refused=frozenset(_texts(table, "not", table.take("not"))) if table.has("not") else frozenset(),
        pattern=_pattern(table, "matches") if table.has("matches") else None,
        empty=table.flag("empty") if table.has("empty") else None,
    )


def _texts(table: Reader, key: str, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        table.note(key, f"is {value!r}", 'a text or a list of texts, e.g. ["a", "b"]')
        return ()
    return tuple(tidy(item) for item in values)


def _pattern(table: Reader, key: str) -> re.Pattern[str] | None:
    text = table.text(key)
    try:
        return re.compile(text)
    except re.error as error:
        table.note(key, f"is no regular expression: {error}", "see docs.python.org/3/library/re.html")
        return None


def _optional(table: Reader, key: str, names: _Names) -> Value | None:
    return _value(table, key, names) if table.has(key) else None


def _value(table: Reader, key: str, names: _Names) -> Value:
    raw = table.take(key)
    if isinstance(raw, str) and raw.strip():
        return Value(columns=(tidy_name(raw),))
    if isinstance(raw, list) and raw and all(isinstance(name, str) and name.strip() for name in raw):
        return Value(columns=tuple(tidy_name(name) for name in raw))
    if isinstance(raw, dict):
        return _full_value(Reader(raw, table.place(key), table.problems, table.lines), names)
    table.note(key, "is missing" if raw is None else "names no column", _VALUE)
    return Value(constant="")


_VALUE = 'a column ("id"), several (["a", "b"]), or { column = "id", values = { old = "new" } }'


def _full_value(table: Reader, names: _Names) -> Value:
    keys = ("column", "columns", "first", "value")
    kind = next((key for key in keys if table.has(key)), "")
    columns: tuple[str, ...] = (
        table.one_of(
            "",
            {
                "column": lambda: (table.text("column"),),
                "columns": lambda: table.texts("columns"),
                "first": lambda: table.texts("first"),
                "value": lambda: (),
            },
        )
        or ()
    )
    match = table.text("match") if table.has("match") else None
    if match and match not in names.matches:
        table.note("match", f"{match!r} is no [match]", f"known: {', '.join(names.matches) or 'none'}")
    translate = table.text("translate") if table.has("translate") else None
    if translate and translate not in names.translators:
        table.note("translate", f"{translate!r} is no [translate]", f"known: {', '.join(names.translators) or 'none'}")
    shared = names.translators.get(translate or "", Value())
    value = Value(
        columns=tuple(tidy_name(name) for name in columns),
        constant=table.text("value") if kind == "value" else None,
        separator=_separator(table),
        first=kind == "first",
        skip_empty=table.flag("skip_empty"),
        values=_translations(table) + shared.values,
        patterns=_replacements(table) + shared.patterns,
        match=match,
    )
    table.close()
    return value


def _separator(table: Reader) -> str:
    separator = table.take("separator")
    if separator is None:
        return " / "
    if not isinstance(separator, str):
        table.note("separator", "is not a text", 'e.g. " / "')
        return ""
    return separator


def _translations(table: Reader) -> tuple[tuple[str, str], ...]:
    inner = table.table("values")
    if inner is None:
        return ()
    return tuple((tidy(old), inner.text(old)) for old in inner.data)


def _replacements(table: Reader) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(_replacement(inner) for inner in table.tables("patterns"))


def _replacement(table: Reader) -> tuple[re.Pattern[str], str]:
    pattern, becomes = _pattern(table, "matches"), table.text("becomes")
    if pattern is not None:
        try:
            pattern.sub(becomes, "")
        except (re.error, IndexError) as error:
            table.note("becomes", f"does not fit the pattern: {error}", r"\1 is the first group of the pattern")
    table.close()
    return pattern or re.compile(""), becomes


def _values(table: Reader, key: str, names: _Names) -> tuple[tuple[str, Value], ...]:
    raw = table.take(key)
    if raw is None:
        return ()
    if isinstance(raw, list):
        return tuple((name, Value(columns=(tidy_name(name),))) for name in table.texts(key))
    inner = Reader(raw, table.place(key), table.problems, table.lines)
    return tuple((name, _value(inner, name, names)) for name in inner.data)


def _named(table: Reader, names: _Names) -> tuple[tuple[str, Value], ...]:
    """Names by language. `name = "column"` is in the language of the round."""
    raw = table.data.get("name")
    if raw is None:
        return ()
    if isinstance(raw, dict) and set(raw) & {"column", "columns", "first", "value"}:
        return ((names.language, _value(table, "name", names)),)
    return _values(table, "name", names) if isinstance(raw, dict) else ((names.language, _value(table, "name", names)),)


def _statuses(table: Reader) -> tuple[tuple[str, Status], ...]:
    inner = table.table("missing")
    if inner is None:
        return ()
    allowed = tuple(missing.value for missing in Missing)
    return tuple((tidy(text), Status[inner.choice(text, allowed).upper()]) for text in inner.data)


def _numbers(table: Reader) -> Numbers:
    grouping = table.text("grouping") if table.has("grouping") else ""
    decimal = table.text("decimal", ".")
    if len(decimal) != 1 or len(grouping) > 1 or decimal == grouping:
        table.note("decimal", f"{decimal!r} and grouping {grouping!r}", "two different single signs")
    return Numbers(grouping, decimal)


def _translators(top: Reader) -> dict[str, Value]:
    outer = top.table("translate")
    found = {}
    for key in outer.data if outer else ():
        table = outer.table(key) if outer else None
        if table is not None:
            found[key] = Value(values=_translations(table), patterns=_replacements(table))
            table.close()
    return found


def _match_ids(top: Reader) -> tuple[str, ...]:
    return tuple(top.data["match"]) if isinstance(top.data.get("match"), dict) else ()


def _matchings(top: Reader) -> tuple[Matching, ...]:
    outer = top.table("match")
    found = []
    for key in outer.data if outer else ():
        table = outer.table(key) if outer else None
        if table is not None:
            found.append(_matching(key, table))
    return tuple(found)


def _matching(key: str, table: Reader) -> Matching:
    against = table.take("against")
    names = _texts(table, "against", "name" if against is None else against)
    for name in names:
        if not _NAME.match(name):
            table.note("against", f"{name!r} is nothing that entries have", "id, name, name.ko, region or fields.X")
    prefixes = table.table("prefixes")
    found = Matching(
        id=key,
        against=names,
        prefixes=tuple((tidy(short), _texts(prefixes, short, prefixes.take(short))) for short in prefixes.data)
        if prefixes
        else (),
        changes=tuple(_change(inner, renamed=True) for inner in table.tables("renamed"))
        + tuple(_change(inner, renamed=False) for inner in table.tables("gone")),
    )
    table.close()
    return found


def _change(table: Reader, *, renamed: bool) -> NameChange:
    change = NameChange(
        name=tidy_name(table.text("from" if renamed else "name")),
        today=table.text("to") if renamed else None,
        reason=table.text("reason"),
    )
    table.close()
    return change


def _data(top: Reader) -> Data:
    table = top.table("data")
    if table is None:
        return Data()
    home = table.text("home") if table.has("home") else ""
    folder = _file_name(table, "folder") if table.has("folder") else None
    licence = table.text("licence") if table.has("licence") else None
    files = tuple(_data_file(inner, home) for inner in table.tables("file"))
    table.close()
    return Data(folder, licence, files)


def _data_file(table: Reader, home: str) -> DataFile:
    name = _file_name(table, "name")
    url = table.text("url") if table.has("url") else (home.rstrip("/") + "/" + name if home else None)
    digest = table.text("sha256") if table.has("sha256") else None
    if digest is not None and not _SHA256.match(digest):
        table.note("sha256", f"{digest!r} is no SHA-256", "64 hexadecimal digits")
    found = DataFile(name, url, digest, table.integer("bytes"))
    table.close()
    return found


def _synthetic(top: Reader) -> Synthetic | None:
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
