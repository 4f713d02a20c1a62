"""Components as JSON: recorded, read back to the same numbers, and refused by name where they are damaged."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.engine.calibration import Components
from simsa.record.canonical import canonical_bytes
from simsa.tables.components import components_json, components_of, read_components
from simsa.tables.outputs import to_json, write_outputs
from simsa.tables.run import run_round
from simsa.tables.table import TableError
from tests.rules.small import OFFICIAL, changed
from tests.tables.folder import read
from tests.tables.scored import MARKS, scored

REVIEWERS = ("하나", "two", "3")
GIVEN: dict[str, Any] = {
    "simsa_components": 1,
    "entrant": "68.91",
    "reviewer": "0",
    "residual": "61.2",
    "scale_spread": "0",
    "noise_spread": "0.3",
    "reviewers": {"하나": {"noise": "50"}, "3": {"noise": "70.5"}},
}
numbers = st.one_of(st.none(), st.decimals(0, 10**6, places=6).map(Fraction))
spreads = st.decimals(0, 5, places=4).map(Fraction)


@st.composite
def components(draw: st.DrawFn) -> Components:
    known = draw(st.lists(st.booleans(), min_size=3, max_size=3).filter(any))
    own = [
        tuple(draw(st.integers(1, 10**6).map(lambda n: Fraction(n, 1000))) if one else None for one in known)
        if draw(st.booleans())
        else None
        for _ in range(2)
    ]
    return Components(*(draw(numbers) for _ in range(3)), *own, draw(spreads), draw(spreads))


@settings(deadline=None)
@given(components())
def test_what_is_recorded_is_read_back_to_the_same_numbers(given_: Components) -> None:
    content = json.loads(canonical_bytes(components_json(given_, REVIEWERS)))
    assert components_of(content, REVIEWERS, "file") == given_
    turned = components_of(content, REVIEWERS[::-1], "file")
    assert turned.scale == (None if given_.scale is None else given_.scale[::-1])


def test_as_they_are_written() -> None:
    noise = (Fraction(50), None, Fraction(141, 2))
    given_ = Components(Fraction("68.91"), Fraction(0), Fraction("61.2"), noise=noise, noise_spread=Fraction("0.3"))
    assert components_json(given_, REVIEWERS) == GIVEN
    assert components_of(GIVEN, REVIEWERS, "file") == given_


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"entrant": "1e3"}, "file: entrant is '1e3', not a decimal number as text"),
        ({"entrant": 68}, "file: entrant is '68', not a decimal number as text"),
        ({"reviewer": Decimal("1.5")}, "file: reviewer is '1.5', not a decimal number as text"),
        ({"residual": "-1"}, "file: residual is -1; it cannot be below zero"),
        ({"entrants": "1"}, "file: entrants is not understood"),
        ({"reviewers": []}, "file: reviewers is not understood"),
        ({"reviewers": {"four": {"noise": "1"}}}, "file: reviewer 'four' wrote no sheet here"),
        ({"reviewers": {"3": {"noise": "x"}}}, "file, 3: noise is 'x'"),
    ],
)
def test_what_is_damaged_is_named(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(TableError) as raised:
        components_of({**GIVEN, **wrong}, REVIEWERS, "file")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "content", ["{", "[]", "[" * 99999, '{"a": 1.5}', '{"calibration": null}', '{"simsa_components": 2}']
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "file.json").write_text(content)
    with pytest.raises(TableError, match="components"):
        read_components(tmp_path / "file.json")


def test_a_run_records_them_and_takes_them(tmp_path: Path) -> None:
    run = scored(tmp_path / "round", rules_toml=changed("[missing]", OFFICIAL))
    write_outputs(run, tmp_path / "out")
    recorded = read_components(tmp_path / "out/result.json")
    assert recorded == to_json(run)["calibration"]["components"]
    again = run_round(run.inputs, components=recorded)
    assert again.evaluation.selection == run.evaluation.selection
    assert again.stability == run.stability
    other = run_round(run.inputs, components={**recorded, "entrant": "0.01"})
    assert other.evaluation.scores.score.values() != run.evaluation.scores.score.values()
    strangers = read(tmp_path / "round", sheets_csv=MARKS.replace("R3", "R9"), panel_csv="id,region\nR1,r\nR2,s\nR9,\n")
    with pytest.raises(TableError, match="wrote no sheet here"):
        run_round(strangers, components={**recorded, "reviewers": {"R3": {"scale": "1"}}})
