"""Values as TOML writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def literal(value: Any) -> str:
    """A text, number, flag, moment, day, list or table as it may stand behind `=`. TypeError for anything else."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() if "\n" in value:
            lines = "\n".join(_one_line(line)[1:-1] for line in value.split("\n"))
            return f'"""\n{lines}"""'
        case str():
            return _one_line(value)
        case int():
            return str(value)
        case Decimal():
            plain = format(value, "f")
            return plain if "." in plain else f"{plain}.0"
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
        case Mapping():
            inside = ", ".join(f"{key_text(key)} = {literal(item)}" for key, item in value.items())
            return f"{{ {inside} }}" if inside else "{}"
    raise TypeError(f"no TOML for {type(value).__name__}")


def key_text(key: str) -> str:
    """A key, in quotation marks where it needs them."""
    return key if _BARE.fullmatch(key) else _one_line(key)


def table_text(header: str, table: Mapping[str, Any]) -> str:
    """A table under its header, a line for each key."""
    return "".join([f"{header}\n", *(f"{key_text(key)} = {literal(value)}\n" for key, value in table.items())])


def _one_line(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
