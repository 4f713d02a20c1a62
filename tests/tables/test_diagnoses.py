"""Diagnostics on tables: what is compared, when sheets were written, what is written down, said and drawn."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from bench import skating
from lxml import html

from simsa.engine.diagnostics import Drift, NotMade, Origin, Outliers, Why
from simsa.engine.inputs import Entries, InputError, Reviewers, Sheets
from simsa.tables.diagnoses import diagnostics_json, order_of_entries, read_timing, shared_fields
from simsa.tables.files import read_table
from simsa.tables.intake import RoundError
from simsa.tables.outputs import TABLES, to_json, write_outputs
from simsa.tables.report import render_report
from simsa.tables.round_folder import RoundInputs
from simsa.tables.run import Run, run_round
from simsa.tables.shapes import RowsError
from tests.tables.folder import MAP, read
from tests.tables.scored import drawn, scored

DATA = Path(os.environ.get("SIMSA_DATA", "none"))
ENTRIES = Entries(("e1", "e2"), ("a", "a"))


def sheets() -> Sheets:
    """R1 and R2 on both entries, in this order."""
    entry, reviewer = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    return Sheets(("R1", "R2"), ("idea",), entry, reviewer, np.ones((4, 1), np.int64), np.zeros((4, 1), np.int8), 0)


def favouring(folder: Path) -> Run:
    """Eight reviewers of two regions, thirty entries; they score their own region three points higher."""
    random = np.random.default_rng(1)
    entries, panel = ["id,name,name_en,kind,region,order"], ["id,region"]
    rows = ["entry,reviewer,criterion,mark"]
    panel += [f"R{n},{'rs'[n % 2]}" for n in range(8)]
    for n in range(30):
        entries.append(f"e{n},가{n},Ga{n},{'ab'[n % 2]},{'rs'[n // 2 % 2]},{n}")
        level = random.integers(3, 6)
        for reviewer in range(8):
            same = reviewer % 2 == n // 2 % 2
            for leaf in ("idea", "work"):
                mark = level + 3 * same + random.choice([-0.5, 0, 0.5])
                rows.append(f"e{n},R{reviewer},{leaf},{mark}")
    fields = 'region = "region"\nfields = { order = "order" }'
    return scored(
        folder,
        round_toml=MAP.replace('region = "region"', fields, 1),
        entries_csv="\n".join(entries) + "\n",
        panel_csv="\n".join(panel) + "\n",
        sheets_csv="\n".join(rows) + "\n",
    )


def test_fields_that_both_have_are_compared() -> None:
    panel = Reviewers(
        ("R2", "R1", "R9"), {"region": ("s", "r;t", "u"), "pool": ("x", "y", "z"), "name": ("A", "B", "C")}
    )
    fields = {"region": ("r", ""), "group": ("a", "a"), "name": ("A", "B")}
    assert shared_fields(fields, panel, sheets()) == {"region": (("r", ""), ("r;t", "s"))}
    wanted = shared_fields(fields, panel, sheets(), [("group", "pool")])
    assert wanted == {"group=pool": (("a", "a"), ("y", "x"))}
    with pytest.raises(InputError, match="reviewers have no 'group'"):
        shared_fields(fields, panel, sheets(), [("group", "group")])
    assert shared_fields({"region": ("", "")}, panel, sheets()) == {}


def test_times_are_read_from_the_sheets(tmp_path: Path) -> None:
    path = tmp_path / "sheets.csv"
    head = "entry,reviewer,criterion,mark,time\n"
    path.write_text(
        head + "e1,R1,idea,1,2026-03-02T14:00\ne1,R1,work,1,2026-03-02T09:30\ne1,R2,idea,1,2026-03-03\ne2,R1,idea,1,\n",
        "utf-8",
    )
    timing = read_timing(path, ENTRIES, sheets(), "Asia/Seoul")
    assert timing is not None
    assert timing.order[1] - timing.order[0] == 14.5 * 3600
    assert np.isnan(timing.order[2:]).all()
    assert timing.afternoon[0] == 0
    assert np.isnan(timing.afternoon[1:]).all()
    path.write_text(head + "e1,R1,idea,1,noon\n", "utf-8")
    with pytest.raises(RowsError, match=r"noon.*is not a time"):
        read_timing(path, ENTRIES, sheets(), "Asia/Seoul")
    path.write_text("entry,reviewer,criterion,mark\ne1,R1,idea,1\n", "utf-8")
    assert read_timing(path, ENTRIES, sheets(), "Asia/Seoul") is None


TIMED = {
    "entries_csv": "id,name,name_en,kind,region\n" + "".join(f"e{n},가{n},Ga{n},{'ab'[n % 2]},r\n" for n in range(4)),
    "panel_csv": "id,region\nR1,r\nR2,r\n",
}


def timed(folder: Path, how: str, cells: list[str], **files: str) -> RoundInputs:
    """Both reviewers on all four entries, with `how` in [sheets] and a cell for each sheet, entry by entry."""
    rows = [f"e{n // 2},R{n % 2 + 1},{leaf},5,{cell}" for n, cell in enumerate(cells) for leaf in ("idea", "work")]
    sheets_csv = "entry,reviewer,criterion,mark,at\n" + "\n".join(rows) + "\n"
    return read(folder, round_toml=f"{MAP}{how}\n", sheets_csv=sheets_csv, **TIMED, **files)


def test_a_round_folder_says_when_sheets_were_written(tmp_path: Path) -> None:
    cells = [
        "2026-03-02T09:30",
        "2026-03-02",
        "2026-03-02T00:30Z",
        "2026-03-02 12:00",
        "",
        "2026-03-01T23:00-05:00",
        "",
        "",
    ]
    inputs = timed(tmp_path, 'time = "at"', cells)
    assert inputs.sheets is not None
    assert inputs.timing is not None
    slots = [(int(e), int(r)) for e, r in zip(inputs.sheets.entry, inputs.sheets.reviewer, strict=True)]
    assert slots == [(n // 2, n % 2) for n in range(8)]
    # The rules' clock is that of Seoul, nine hours ahead: 00:30 UTC is 09:30 there, 23:00-05:00 is 13:00 the next day.
    assert inputs.timing.order[2] == inputs.timing.order[0]
    assert inputs.timing.order[5] - inputs.timing.order[3] == 3600
    assert np.isnan(inputs.timing.order[[4, 6, 7]]).all()
    assert np.array_equal(inputs.timing.afternoon[[0, 2, 3, 5]], [0, 0, 1, 1])
    assert np.isnan(inputs.timing.afternoon[1])
    assert np.array_equal(inputs.timing.block, inputs.sheets.reviewer)


def test_an_order_of_sheets_is_found_and_diagnosed(tmp_path: Path) -> None:
    inputs = timed(tmp_path, 'order = "at"', ["1", "4", "2", "3", "3", "2", "4", "1"])
    assert inputs.timing is not None
    assert inputs.timing.order.tolist() == [1, 4, 2, 3, 3, 2, 4, 1]
    order = run_round(inputs).diagnostics.order
    assert isinstance(order, Drift) or order.why is not Why.NO_ORDER
    assert timed(tmp_path / "other", "", ["1"] * 8).timing is None


@pytest.mark.parametrize("on_error", ["stop", "skip"])
@pytest.mark.parametrize(
    ("how", "cell", "what"), [("time", "noon", "is not a time"), ("order", "nan", "is not a number")]
)
def test_a_time_that_cannot_be_read_costs_no_mark(
    tmp_path: Path, how: str, cell: str, what: str, on_error: str
) -> None:
    with pytest.raises(RoundError, match=rf"no mark is left out for that[\s\S]*line 2, at '{cell}': {what}"):
        timed(tmp_path, f'{how} = "at"\non_error = "{on_error}"', [cell, *[""] * 7])


def test_the_running_order_of_entries() -> None:
    timing = order_of_entries(["2", "x"], ENTRIES, sheets())
    assert timing is not None
    assert timing.order[:2].tolist() == [2.0, 2.0]
    assert np.isnan(timing.order[2:]).all()
    assert order_of_entries(["", ""], ENTRIES, sheets()) is None
    assert order_of_entries(None, ENTRIES, sheets()) is None


def test_a_planted_preference_is_in_the_result_the_tables_and_the_report(tmp_path: Path) -> None:
    run = favouring(tmp_path)
    found = run.diagnostics
    region = next(part for part in found.origins if isinstance(part, Origin) and part.field == "region")
    assert region.slopes.overall is not None
    assert isinstance(found.order, Drift)
    assert found.order.common
    result = to_json(run)["diagnostics"]
    estimate = result["origins"][0]["overall"]
    assert estimate["low"] > 0
    assert json.dumps(result, allow_nan=False)
    written = write_outputs(run, tmp_path / "out")
    assert {path.stem for path in written if path.suffix == ".csv"} == set(TABLES) - {"assignment"}
    table = read_table(tmp_path / "out/diagnosis-differences.csv")
    assert table.column("reviewer")[0] in (None, "")
    assert float(table.column("estimate")[0] or "nan") == pytest.approx(estimate["estimate"])
    assert len(table) == 1 + 8 + 1 + 8
    for language, sentence in (("en", "own region"), ("ko", "지역이 같은 평가위원은")):
        text = render_report(run, language)
        section = html.document_fromstring(text.encode()).xpath("//section[@aria-labelledby='diagnostics']")[0]
        said = section.text_content()
        assert sentence in said
        assert f"{estimate['estimate']:.2f}" in said
        assert len(section.xpath(".//*[local-name()='svg']")) >= 3
        assert all(svg.xpath("*[local-name()='title']") for svg in section.xpath(".//*[local-name()='svg']"))


def test_diagnostics_do_not_change_the_result(tmp_path: Path) -> None:
    one, two = favouring(tmp_path / "a"), favouring(tmp_path / "b")
    assert one.diagnostics.level == 0.05
    assert one.evaluation.selection == two.evaluation.selection
    assert one.evaluation.tally.values["total"].values() == two.evaluation.tally.values["total"].values()


def test_what_cannot_be_looked_at_says_why(tmp_path: Path) -> None:
    run = scored(tmp_path, panel_csv="id\nR1\nR2\nR3\n", round_toml=MAP.replace('fields = ["region"]\n', ""))
    why = {part.diagnosis.value: part.why for part in run.diagnostics.not_made}
    assert why["origin"] is Why.NO_FIELD
    assert why["order"] is Why.NO_ORDER
    assert why["session"] is Why.NO_SESSIONS
    assert why["outliers"] is Why.FEW_REVIEWERS
    texts = {part["diagnosis"]: part["text"] for part in diagnostics_json(run.diagnostics, "en")["not_made"]}
    assert texts["outliers"] == "Only 3 reviewers have sheets; it takes 4."
    assert "share no field" in texts["origin"]
    said = html.document_fromstring(render_report(run, "en").encode()).text_content()
    assert "What could not be looked at" in said
    assert texts["origin"] in said


def test_synthetic_sheets_are_called_synthetic_in_every_picture(tmp_path: Path) -> None:
    run = drawn(tmp_path)
    assert isinstance(run.diagnostics.outliers, Outliers | NotMade)
    section = html.document_fromstring(render_report(run, "en").encode()).xpath(
        "//section[@aria-labelledby='diagnostics']"
    )[0]
    pictures = section.xpath(".//*[local-name()='svg']")
    assert pictures
    assert all("Synthetic data" in picture.text_content() for picture in pictures)


@pytest.mark.skipif(not (DATA / "skating").is_dir(), reason="SIMSA_DATA is not set or holds no skating")
def test_the_home_country_preference_of_skating_judges() -> None:
    judged = skating.read(DATA / "skating")
    assert (len(judged.performances), len(judged.judges), len(judged.points)) == (1289, 195, 11_601)
    found = skating.preference(judged)
    assert isinstance(found, Origin)
    one = found.slopes.overall
    assert one is not None
    assert (found.same, found.slopes.contrasts, len(found.slopes.reviewers)) == (1092, 9828, 165)
    assert (one.value, one.low, one.high) == pytest.approx((3.17, 2.86, 3.47), abs=0.02)
    value, error = skating.plain(judged)
    assert value == pytest.approx(3.186, abs=1e-3)
    assert abs(one.value - value) < error
    assert int(found.slopes.screening.found.sum()) == 70
    assert int((found.slopes.own > 0).sum()) == 151
    assert found.slopes.spread == pytest.approx(1.27, abs=0.05)
