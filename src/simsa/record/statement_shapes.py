"""The shape of every kind of statement, key by key, as the reference lays it down ("The record's format")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import shapes
from .notes import NoteError, VerifierKey

STATUSES = ("submitted", "missing", "recused", "replaced")
CAUSES = ("rank", "tie_break", "lot", "no_result", "threshold", "award_floor", "certain", "lottery", "out")


def _seed(value: Any, place: str) -> None:
    kinds: dict[str, dict[str, shapes.Shape]] = {
        "none": {},
        "given": {"value": shapes.filled},
        "beacon": {"source": shapes.filled},
    }
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise shapes.ShapeError(f"{place}: is no source of a seed")
    shapes.record({"kind": shapes.text, **kinds[kind]})(value, place)


def _key(value: Any, place: str) -> None:
    shapes.text(value, place)
    try:
        VerifierKey.parse(value)
    except NoteError as error:
        raise shapes.ShapeError(f"{place}: {error}") from None


def _reported(value: Any, place: str) -> None:
    shapes.listed(shapes.row(shapes.filled, shapes.text, shapes.filled, shapes.short_number))(value, place)
    keys: Sequence[tuple[str, ...]] = [tuple(row[:3]) for row in value]
    for n in range(1, len(keys)):
        if keys[n - 1] >= keys[n]:
            raise shapes.ShapeError(f"{place}/{n}: is out of order, or there twice")


def _entries(value: Any, place: str) -> None:
    def names(name: Any, at: str) -> None:
        shapes.mapping(shapes.filled)(name, at)
        if not name:
            raise shapes.ShapeError(f"{at}: is empty")

    each = shapes.record({"id": shapes.filled, "group": shapes.filled, "name": names})
    shapes.listed(each, ordered=True)(value, place)
    if not value:
        raise shapes.ShapeError(f"{place}: nobody takes part")


def _status_row(value: Any, place: str) -> None:
    shapes.row(shapes.slot, shapes.one_of(*STATUSES), shapes.text)(value, place)
    opened = value[1] in ("submitted", "recused")
    (shapes.hash256 if opened else shapes.constant(""))(value[2], f"{place}/2")


_NUMBER_OR_NULL = shapes.optional(shapes.number)
_COUNT_OR_NULL = shapes.optional(shapes.count)
_REASON = shapes.record(
    {
        "cause": shapes.one_of(*CAUSES),
        "rank": _COUNT_OR_NULL,
        "size": shapes.count,
        "places": shapes.count,
        "score": _NUMBER_OR_NULL,
        "line": _NUMBER_OR_NULL,
        "criterion": shapes.optional(shapes.filled),
        "limit": _NUMBER_OR_NULL,
        "position": _COUNT_OR_NULL,
        "tied_with": shapes.listed(shapes.filled),
        "tied": shapes.count,
        "shared": shapes.count,
        "drawn": shapes.count,
        "tally": _NUMBER_OR_NULL,
        "tally_rank": _COUNT_OR_NULL,
    }
)
_STANDING = shapes.record(
    {
        "entry": shapes.filled,
        "group": shapes.filled,
        "outcome": shapes.one_of("selected", "reserve", "not_selected"),
        "rank": _COUNT_OR_NULL,
        "score": _NUMBER_OR_NULL,
        "reason": _REASON,
        "values": shapes.mapping(_NUMBER_OR_NULL),
        "exact": shapes.mapping(_NUMBER_OR_NULL),
        "calibrated": _NUMBER_OR_NULL,
        "zone": shapes.optional(shapes.one_of("certain", "tie", "out")),
    }
)
_GROUP = shapes.record(
    {
        "group": shapes.filled,
        "size": shapes.count,
        "places": shapes.count,
        "empty": shapes.count,
        "line": _NUMBER_OR_NULL,
    }
)
SHAPES: dict[str, dict[str, shapes.Shape]] = {
    "freeze": {
        "engine": shapes.filled,
        "rules_hash": shapes.hash256,
        "seed": _seed,
        "synthetic": shapes.text,
        "auditors": shapes.listed(_key, ordered=True),
    },
    "entries": {"entries": _entries, "reported": _reported},
    "panel": {
        "reviewers": shapes.listed(shapes.hash256, ordered=True),
        "conflicts": shapes.listed(shapes.hash256, ordered=True),
    },
    "slots": {
        "slots": shapes.listed(shapes.row(shapes.slot, shapes.filled, shapes.hash256), ordered=True),
        "replaces": shapes.listed(shapes.row(shapes.slot, shapes.slot, shapes.filled), ordered=True),
    },
    "close": {
        "size": shapes.count,
        "root": shapes.filled,
        "sheets": shapes.count,
        "slots": shapes.listed(_status_row, ordered=True),
    },
    "seed": {"value": shapes.beacon, "seed": shapes.hash256},
    "amendment": {"reason": shapes.filled, "previous": shapes.hash256, "rules_hash": shapes.hash256},
    "result": {
        "rules_hash": shapes.hash256,
        "seed": shapes.optional(shapes.filled),
        "standings": shapes.listed(_STANDING),
        "groups": shapes.listed(_GROUP),
        "lots": shapes.listed(shapes.listed(shapes.filled)),
        "components": shapes.optional(shapes.hash256),
    },
    "vote": {
        "entries": shapes.listed(shapes.filled, ordered=True),
        "ballots": shapes.count,
        "counted": shapes.count,
        "asides": shapes.listed(shapes.row(shapes.filled, shapes.count, shapes.truth)),
        "sha256": shapes.hash256,
    },
    "key": {"key": _key},
    "forgotten": {"what": shapes.constant("openings"), "reason": shapes.filled},
}
