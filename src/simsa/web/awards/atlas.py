"""The tile map of a round of local governments: laid out once with the result, drawn for each language."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from simsa.engine.tilemap import TileMap, place_tiles, project
from simsa.tables import korea
from simsa.tables.pictures import LEVELS, Tile
from simsa.tables.words import fill, points, rank_words
from simsa.web.awards.lines import Line, Lines


def layout_text(codes: Collection[str]) -> str:
    """The layout as JSON, if every entry is a local government of Korea; empty otherwise. Takes seconds."""
    governments = korea.governments()
    if not codes or not set(codes) <= {government.code for government in governments}:
        return ""
    heads = [government.region_code for government in governments]
    region = {code: n for n, code in enumerate(dict.fromkeys(heads))}
    x, y = project([government.lat for government in governments], [government.lon for government in governments])
    capital = [government.code == government.region_code for government in governments]
    layout = place_tiles(x, y, [region[code] for code in heads], capital=capital)
    plain = {field.name: _plain(getattr(layout, field.name)) for field in fields(layout)}
    return json.dumps({"codes": [government.code for government in governments], "layout": plain})


def layout_from(text: str) -> tuple[list[str], TileMap]:
    """The codes of the places, and their tiles in the same order."""
    kept = json.loads(text)
    facts = kept["layout"]
    for name in ("column", "row", "region"):
        facts[name] = np.array(facts[name], np.int64)
    for name in ("lost_contacts", "false_contacts"):
        facts[name] = tuple(tuple(pair) for pair in facts[name])
    return kept["codes"], TileMap(**facts)


def tiles_of(codes: Collection[str], lines: Lines, absent: str) -> list[Tile]:
    """What stands on each tile; `absent` says in words that a government is not in this round (`%(name)s`)."""
    governments = {government.code: government for government in korea.governments()}
    by_code = {line.code: line for line in lines.all}
    sizes = {group: len(members) for group, members in lines.by_group.items()}
    tiles = []
    for code in codes:
        government = governments[code]
        region = governments[government.region_code]
        about = (_label(government, lines.language), _name(region, lines.language), region is government)
        line = by_code.get(code)
        if line is None:
            title = fill(absent, name=_name(government, lines.language))
            tiles.append(Tile(code, about[0], title, about[1], about[2]))
        else:
            tiles.append(_tile(line, about, sizes, lines))
    return tiles


def _tile(line: Line, about: tuple[str, str, bool], sizes: Mapping[str, int], lines: Lines) -> Tile:
    label, region, head = about
    facts, level = [line.name, line.group_name, line.outcome_text], None
    if line.rank is None:
        facts.append(line.rank_text)
    else:
        level = LEVELS - 1 - LEVELS * (line.rank - 1) // sizes[line.group]
        facts += [rank_words(line.rank, lines.language), points(line.score, lines.places, lines.language)]
    outcome: Any = line.outcome
    return Tile(line.code, label, ", ".join(facts), region, head, level, outcome)


def _name(government: korea.Government, language: str) -> str:
    return government.name_en if language == "en" else government.full_name_ko


def _label(government: korea.Government, language: str) -> str:
    """What fits on a tile: Korean as it is written on maps, English without what kind of government it is."""
    if language == "en":
        return government.name_en.removesuffix(" State").rsplit("-", 1)[0]
    return korea.tile_label(government.name_ko)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value
