"""Reading TOML table by table and key by key, collecting every problem with its place instead of the first alone."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeVar, cast

from .decimals import exact_text, parse_decimal
from .errors import MOST, Problem, RulesError

T = TypeVar("T", bound=str)
_BARE = r"[A-Za-z0-9_-]+"
_DIGITS = 30  # of a number, its sign and point among them: more is a slip, and costs whoever calculates with it
_SHOWN = 80  # characters of a value in a message
_LARGEST = 10**9  # of a whole number: nothing that is counted here comes near
# Beyond ASCII anything that is neither a control character nor white space of Latin 1: the same in every Unicode.
_IDENTIFIER = re.compile("[A-Za-z0-9_\u00a1-\U0010ffff][A-Za-z0-9_.\u00a1-\U0010ffff-]{0,63}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def open_toml(text: str | bytes, source: str) -> Table:
    """The top table of TOML text, in NFC. RulesError if it is not UTF-8 or not TOML."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problem = Problem("file", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
            raise RulesError((problem,), source) from None
    try:
        data = tomllib.loads(unicodedata.normalize("NFC", text), parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits, and lists in lists in lists
        raise RulesError((Problem("file", f"is not TOML: {error}", "see toml.io"),), source) from None
    return open_tables(data, source, Lines(text))


def open_tables(data: Any, source: str, lines: Lines | None = None) -> Table:
    """The top table of what TOML or JSON was read to. RulesError for values that no rules can hold."""
    lines = lines or Lines("")
    try:
        unfit = next(_unfit(data, ""), None)
    except RecursionError:
        unfit = Problem("file", "is nested too deeply")
    if unfit is not None:
        raise RulesError((replace(unfit, line=lines.of(unfit.key)),), source)
    return Table(data, "", [], lines)


def _unfit(value: Any, place: str) -> Iterator[Problem]:
    """What would not come back from the canonical form: nothing, floats, text that is not in NFC or is no text."""
    if isinstance(value, str):
        if not value.isascii() and (unicodedata.normalize("NFC", value) != value or _SURROGATE.search(value)):
            yield Problem(place or "file", "holds text that is not in Unicode NFC", "the characters without escapes")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _unfit(key, place)
            yield from _unfit(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for n, item in enumerate(value, 1):
            yield from _unfit(item, f"{place}[{n}]")
    elif value is None or isinstance(value, float):
        yield Problem(place or "file", f"is {_kind(value)}", "leave out what has no value, and write decimals as text")


class Table:
    """One TOML table at `path`.

    Getters return the value, or a stand-in after noting a problem; `close` notes the keys nobody asked for.
    """

    def __init__(self, data: Any, path: str, problems: list[Problem], lines: Lines) -> None:
        self.path = path
        self.problems = problems
        self.lines = lines
        self.seen: set[str] = set()
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.note("", f"is {_kind(data)}", "write a table, e.g. { min = 0, max = 100 }")

    def place(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def note(self, key: str, what: str, allowed: str = "") -> None:
        if len(self.problems) < MOST:
            place = self.place(key)
            self.problems.append(Problem(place, what, allowed, self.lines.of(place)))

    def has(self, key: str) -> bool:
        return key in self.data

    def take(self, key: str) -> Any:
        self.seen.add(key)
        return self.data.get(key)

    def close(self, known: Sequence[str] = ()) -> None:
        """Note each key that was never asked for; `known` adds keys that are valid but were not asked for here."""
        valid = sorted(self.seen | set(known))
        for key in self.data:
            if key not in valid and len(self.problems) < MOST:
                near = difflib.get_close_matches(key, valid, 1)
                hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(valid)}"
                self.note(key, "is not a known key", hint)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key)
        if value is None:
            if default is None:
                self.note(key, "is missing", "write a text in quotation marks")
            return default or ""
        if not isinstance(value, str) or not value:
            self.note(key, f"is {_kind(value)}", "write a text in quotation marks")
            return default or ""
        return value

    def identifier(self, key: str) -> str:
        value = self.text(key)
        if value and not _IDENTIFIER.fullmatch(value):
            self.note(key, f"{shown(value)} is not an identifier", "letters, digits, '.', '_' and '-', at most 64")
        return value

    def choice(self, key: str, allowed: tuple[T, ...], default: T | None = None) -> T:
        value = self.take(key)
        if value in allowed:
            return cast(T, value)
        if value is not None or default is None:
            what = "is missing" if value is None else f"is {shown(value)}"
            self.note(key, what, f"one of {', '.join(allowed)}")
        return default or allowed[0]

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note(key, f"is {_kind(value)}", "true or false")
            return default
        return value

    def integer(self, key: str, default: int | None = None, *, least: int = 0, most: int | None = None) -> int | None:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(key, f"is {_kind(value)}", "a whole number")
            return default
        if not least <= value <= (_LARGEST if most is None else most):
            bounds = f"{least} or more" if most is None and value < least else f"from {least} to {most or _LARGEST}"
            self.note(key, f"is {shown(value)}", bounds)
            return default
        return value

    def number(self, key: str, default: Fraction | None = None, *, least: Fraction | None = None) -> Fraction | None:
        value = self.take(key)
        if value is None:
            return default
        number = self.exact(key, value)
        if number is None:
            return default
        if least is not None and number < least:
            self.note(key, f"is {shown(value)}", f"{exact_text(least)} or more")
            return default
        return number

    def exact(self, key: str, value: Any) -> Fraction | None:
        """`value` (an integer, a decimal literal, or a decimal in quotation marks) as an exact number."""
        try:
            if isinstance(value, bool):
                raise ValueError
            if isinstance(value, Decimal):
                value = format(value, "f") if value.is_finite() and abs(value.adjusted()) <= _DIGITS else "?"
            number = parse_decimal(str(value)) if isinstance(value, (int, str)) else None
            if number is not None and len(exact_text(number)) <= _DIGITS:
                return number
        except ValueError:
            pass
        self.note(key, f"is {shown(value)}", 'a decimal, e.g. 0.25 or "0.25"')
        return None

    def table(self, key: str) -> Table | None:
        value = self.take(key)
        return None if value is None else Table(value, self.place(key), self.problems, self.lines)

    def tables(self, key: str) -> list[Table]:
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(key, f"is {_kind(value)}", f"repeat [[{key}]] for each")
            return []
        return [Table(item, f"{self.place(key)}[{n}]", self.problems, self.lines) for n, item in enumerate(value, 1)]

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.note(key, f"is {_kind(value)}", 'a list of texts, e.g. ["city", "county"]')
            return ()
        return tuple(value)

    def one_of(self, key: str, readers: dict[str, Callable[[], Any]]) -> Any:
        """Exactly one of several keys; what its reader returns."""
        present = [name for name in readers if self.has(name)]
        self.seen.update(readers)
        if len(present) != 1:
            what = "has none of its keys" if not present else f"has {' and '.join(present)} at once"
            self.note(key, what, f"exactly one of {', '.join(readers)}")
            return None
        return readers[present[0]]()


class Lines:
    """Finds the line of a key in TOML text. tomllib keeps no positions, so this looks for header and key again."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")  # as TOML counts them: no other character ends a line

    def of(self, path: str) -> int | None:
        """Line (from 1) of `criterion[2].scale.min`, or of the nearest enclosing table; None if not found."""
        parts = path.split(".") if path else []
        while parts:
            found = self._find(parts)
            if found is not None:
                return found
            parts.pop()
        return None

    def _find(self, parts: list[str]) -> int | None:
        for split in range(len(parts), -1, -1):
            start = self._header(parts[:split])
            if start is None:
                continue
            rest = parts[split:]
            return start if not rest and split else self._key(rest, start)
        return None

    def _header(self, parts: list[str]) -> int | None:
        """Line of `[a.b]` or of the n-th `[[a]]`, within the item of a list that it belongs to; 0 for the top."""
        if not parts:
            return 0
        above = max((n for n in range(1, len(parts)) if _indexed(parts[n - 1])[1]), default=0)
        start = self._header(parts[:above])
        if start is None:
            return None
        _, index = _indexed(parts[-1])
        pattern, another = _opening(parts, bool(index)), _opening(parts[:above], True)
        left = index or 1
        for number, line in enumerate(self.lines[start:], start + 1):
            if above and another.match(line):
                return None
            if pattern.match(line):
                left -= 1
                if left == 0:
                    return number
        return None

    def _key(self, rest: list[str], start: int) -> int | None:
        names = [_indexed(part)[0] for part in rest]
        pattern = (
            re.compile(rf'\s*["\']?({re.escape(names[0])}|{re.escape(".".join(names))})["\']?\s*[=.]')
            if names
            else None
        )
        for number, line in enumerate(self.lines[start:], start + 1):
            if re.match(r"\s*\[", line) and not re.match(r"\s*\[[^\]]*,", line):
                return None
            if pattern and pattern.match(line):
                return number
        return None


def _opening(parts: list[str], repeated: bool) -> re.Pattern[str]:
    """The header of a table, or of an item of a list of tables."""
    dotted = re.escape(".".join(_indexed(part)[0] for part in parts))
    return re.compile(rf"\s*\[\[\s*{dotted}\s*\]\]" if repeated else rf"\s*\[\s*{dotted}\s*\]")


def _indexed(part: str) -> tuple[str, int | None]:
    found = re.fullmatch(rf"({_BARE})\[(\d+)\]", part)
    return (found[1], int(found[2])) if found else (part, None)


def shown(value: Any) -> str:
    """A value as its author wrote it, or what kind of thing it is where that would be long."""
    if isinstance(value, str) and value.strip():
        return repr(value) if len(value) <= _SHOWN else f"a text of {len(value)} characters"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_DIGITS else "a whole number of too many digits"
    if isinstance(value, Decimal):
        return str(value) if len(str(value)) <= _SHOWN else "a decimal of too many digits"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return _kind(value)


def _kind(value: Any) -> str:
    kinds: dict[type, Literal["a text", "a list", "a table", "true or false", "a whole number", "a decimal"]] = {
        str: "a text",
        list: "a list",
        dict: "a table",
        bool: "true or false",
        int: "a whole number",
        Decimal: "a decimal",
    }
    if isinstance(value, str) and not value.strip():
        return "an empty text"
    return "nothing" if value is None else kinds.get(type(value), f"a {type(value).__name__}")
