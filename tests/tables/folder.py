"""A small round folder that tests change piece by piece: rules of `tests.rules.small`, four entries, three people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simsa.rules import Rules, parse
from simsa.tables.mapping import RoundMap
from simsa.tables.mapping_file import parse_mapping
from simsa.tables.round_folder import RoundInputs, read_round
from tests.rules.small import SMALL

RULES: Rules = parse(SMALL)

MAP = """
simsa_round = 1

[entries]
file = "entries.csv"
id = "id"
name = { ko = "name", en = "name_en" }
group = "kind"
region = "region"

[reviewers]
file = "panel.csv"
id = "id"
fields = ["region"]

[sheets]
file = "sheets.csv"
entry = "entry"
reviewer = "reviewer"
criterion = "criterion"
mark = "mark"
"""

DECLARED = '\n[[conflict]]\nid = "told"\nkind = "declared"\n'


def reporting(*fields: str) -> str:
    """The rules with a bonus for each of these reported fields."""
    one = '\n[[adjustment]]\nid = "bonus-{}"\nkind = "bonus"\nfield = "{}"\nmissing = "none"\n'
    return SMALL + "".join(one.format(n, field) for n, field in enumerate(fields))


FILES = {
    "rules.toml": SMALL,
    "round.toml": MAP,
    "entries.csv": "id,name,name_en,kind,region\ne1,가,Ga,a,r\ne2,나,Na,a,s\ne3,다,Da,b,r\ne4,라,Ra,b,\n",
    "panel.csv": "id,region\nR1,r\nR2,s\nR3,\n",
    "sheets.csv": "entry,reviewer,criterion,mark\ne1,R1,idea,9.5\ne1,R1,work,8\ne3,R2,work,0\n",
}


def mapping(text: str = MAP) -> RoundMap:
    return parse_mapping(text, lambda _: RULES)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read(folder: Path, **files: str | bytes) -> RoundInputs:
    """The round with some files replaced, for good: `read(tmp_path, panel_csv="...")`."""
    there = {name: text for name, text in FILES.items() if not (folder / name).exists()}
    return read_round(write(folder, there | {name.replace("_", "."): text for name, text in files.items()}))
