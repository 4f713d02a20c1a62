"""Cases beside each other: exact conversion, sums that never mix, filters, files."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsa.rules import parse
from simsa.tables.csv_text import read_csv
from simsa.tables.spreadsheets import read_xlsx
from simsa.web.entries.cases.comparing import Choice, chosen, folded, sums_of
from simsa.web.entries.cases.outcomes import Outcome, outcomes_of
from simsa.web.entries.models import Entrant, Entry
from simsa.web.entries.services import submit_entry, withdraw_entry
from simsa.web.programmes.models import Round
from tests.web.entries.test_desk import desk_round, write
from tests.web.people import signed_in, with_role

ADDRESS = "/ko/office/rounds/desk/cases"


def case(n: int, title: str, *outcomes: tuple[str, str, str, str], **parts: str) -> dict[str, str]:
    """The fields of a case; an outcome is its measure, value, unit and currency."""
    said = {f"case__{n}__{part}": text for part, text in {"title": title, "summary": "요약", **parts}.items()}
    for m, outcome in enumerate(outcomes, 1):
        for part, text in zip(("measure", "value", "unit", "currency"), outcome, strict=True):
            said[f"case__{n}__outcome__{m}__{part}"] = text
    return said


MISSION = case(
    1,
    "광융합무역촉진단",
    ("수출 상담", "18,300,000", "", "USD"),
    ("현장 계약", "1,700,000", "", "USD"),
    partners="필리핀, 베트남",
    **{"from": "2023-04-01", "to": "2023-04-30"},
)
OTHERS = {
    **case(
        1,
        '=HYPERLINK("https://x.example")',
        ("수출상담", "1,000,000,000", "", "KRW"),
        ("수출 상담", "5,000", "", "EUR"),
        ("참여 기업", "12", "개사", ""),
        partners="VN",
    ),
    **case(2, "아직 잰 것이 없는 사례"),
}


@pytest.fixture
def round_(db) -> Round:
    """A trade mission of x, and of y amounts in other currencies and a case that measured nothing."""
    round_ = desk_round()
    for code, fields in (("x", MISSION), ("y", OTHERS)):
        entry = round_.entries.get(entrant__code=code)
        write(entry, text__idea="있음", **fields)
        submit_entry(entry, with_missing=True, actor="test")
    with_role("boss", round_, "officer")
    return round_


def test_trade_mission_is_comparable(round_):
    consulted, contracted, *_rest = outcomes_of(round_)
    assert (consulted.value, consulted.currency, consulted.unit) == (18_300_000, "USD", "")
    assert consulted.converted == 18_300_000 * Fraction("1272.5") == 23_286_750_000
    assert contracted.converted == 2_163_250_000
    assert consulted.partners == ("PH", "VN")
    page = signed_in("boss").get(f"{ADDRESS}/").content.decode()
    for said in ("18,300,000", "23,286,750,000", "2,163,250,000", "필리핀, 베트남", "2023-04-01"):
        assert said in page
    english = signed_in("boss").get("/en/office/rounds/desk/cases/").content.decode()
    assert "Philippines, Vietnam" in english


def test_sums_stay_within_a_unit_and_say_what_they_leave_out(round_):
    told = {(one.measure, one.unit): one for one in sums_of(outcomes_of(round_))}
    assert set(told) == {("수출 상담", ""), ("현장 계약", ""), ("참여 기업", "개사")}
    consulted = told["수출 상담", ""]
    assert consulted.by_currency == {"USD": (18_300_000, 1), "KRW": (10**9, 1), "EUR": (5000, 1)}
    assert (consulted.converted, consulted.count) == (24_286_750_000, 2)
    assert consulted.left_out == {"EUR": 1}
    firms = told["참여 기업", "개사"]
    assert (firms.by_currency, firms.converted, firms.left_out) == ({"": (12, 1)}, None, {})
    page = signed_in("boss").get(f"{ADDRESS}/").content.decode()
    assert "24,286,750,000" in page
    assert "EUR 1건" in page


def test_filter_and_order(round_):
    every = outcomes_of(round_)

    def values(**choice: str) -> list[object]:
        return [one.value for one in chosen(every, Choice(**choice), "ko")]

    assert values(sort="-converted")[:3] == [18_300_000, 1_700_000, 10**9]
    assert values(sort="converted")[:3] == [10**9, 1_700_000, 18_300_000]
    assert set(values(sort="converted")[3:]) == set(values(sort="-converted")[3:]) == {5000, 12, None}
    assert values(measure="수출상담") == [18_300_000, 10**9, 5000]
    assert values(currency="USD", measure="계약") == [1_700_000]
    assert values(group="b") == []
    (together,) = sums_of(chosen(every, Choice(currency="USD"), "ko"), "상담과 계약")
    assert together.converted == 23_286_750_000 + 2_163_250_000


def test_files_say_the_same_and_run_no_formula(round_):
    client = signed_in("boss")
    data = client.get(f"{ADDRESS}.json").json()
    assert [one["converted"] for one in data["outcomes"]] == [
        *("23286750000", "2163250000", "1000000000"),
        *(None, None, None),
    ]
    assert data["outcomes"][-1]["value"] is None  # nothing measured is not zero
    content = client.get(f"{ADDRESS}.csv").content
    assert b"'=HYPERLINK" in content
    rows = read_csv(content, "cases.csv").objects()
    sheet = read_xlsx(client.get(f"{ADDRESS}.xlsx?currency=USD").content, "cases.xlsx").objects()
    assert rows[:2] == sheet
    assert [row["환산액"] for row in rows] == [one["converted"] for one in data["outcomes"]]
    assert client.get(f"{ADDRESS}.exe").status_code == 404


def test_what_was_withdrawn_or_replaced_does_not_count(round_):
    entry = round_.entries.get(entrant__code="x")
    write(entry, case__1__outcome__2__value="2")
    submit_entry(entry, with_missing=True, actor="test")
    assert [one.value for one in outcomes_of(round_)][:2] == [18_300_000, 2]
    withdraw_entry(entry, "취소", actor="test")
    assert {one.entry.entrant.code for one in outcomes_of(round_)} == {"y"}


def test_amounts_follow_the_rules_in_force_and_say_so(round_):
    assert not any(one.restated for one in outcomes_of(round_))
    text = round_.rules_toml.replace('"1272.5"', '"1300"')
    Round.objects.update(rules_toml=text, rules_hash=parse(text).hash)
    again = Round.objects.get(pk=round_.pk)
    consulted = outcomes_of(again)[0]
    assert (consulted.converted, consulted.restated) == (18_300_000 * 1300, True)
    assert "다른 환율" in signed_in("boss").get(f"{ADDRESS}/").content.decode()


ENTRY = Entry(pk=1, entrant=Entrant(code="x", name_ko="기관"), group="a")
PLAIN = Outcome(ENTRY, 1, "", "", None, "", "", None, False, "", "", "", (), "")
AMOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["상담", "상 담", "계약"]),
        st.none() | st.fractions(max_denominator=100),
        st.sampled_from(["", "백만", "명"]),
        st.sampled_from(["", "USD", "EUR"]),
    )
)


def drawn(amounts: list[tuple[str, Fraction | None, str, str]]) -> list[Outcome]:
    """Outcomes of which only dollars have a rate."""
    rate = Fraction("1272.5")
    return [
        replace(
            PLAIN, measure=m, value=v, unit=u, currency=c, converted=v * rate if v is not None and c == "USD" else None
        )
        for m, v, u, c in amounts
    ]


@given(AMOUNTS, st.booleans())
def test_amounts_of_one_scale_are_in_order_and_what_has_none_is_last(amounts, most_first):
    found = chosen(drawn(amounts), Choice(sort="-converted" if most_first else "converted"), "ko")
    assert Counter(found) == Counter(drawn(amounts))
    keys = [(one.converted is None, one.unit, (-1 if most_first else 1) * (one.converted or 0)) for one in found]
    there = [key for key in keys if not key[0]]
    assert keys[: len(there)] == there == sorted(there)


@given(AMOUNTS)
def test_every_value_is_in_one_sum_and_no_sum_mixes(amounts):
    outcomes = drawn(amounts)
    expected: dict[tuple[str, str, str], Fraction] = {}
    for measure, value, unit, currency in amounts:
        if value is not None:
            key = (folded(measure), unit, currency)
            expected[key] = expected.get(key, Fraction(0)) + value
    sums = sums_of(outcomes)
    found = {
        (folded(one.measure), one.unit, currency): total
        for one in sums
        for currency, (total, _n) in one.by_currency.items()
    }
    assert found == expected
    for one in sums:
        dollars = found.get((folded(one.measure), one.unit, "USD"))
        assert one.converted == (None if dollars is None else dollars * Fraction("1272.5"))
    left_out = Counter()
    for one in sums:
        left_out.update(one.left_out)
    assert left_out == Counter(c for _m, v, _u, c in amounts if c == "EUR" and v is not None)
