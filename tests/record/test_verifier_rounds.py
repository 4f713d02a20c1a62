"""What the JavaScript verifier accepts: whole rounds, whose numbers are the engine's."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simsa.rules import RulesError, parse
from tests.draws import draws
from tests.record.bundles_by_hand import Book, Key, zipped
from tests.record.conftest import Verify
from tests.record.rounds_by_hand import CALIBRATED, GROUPS, LOTTERY, PANEL, PLAIN, ROUNDS, TIED, WITNESS, scored
from tests.rules.drawn import rules_texts
from tests.rules.small import changed

made = cache(lambda name: ROUNDS[name]())
ALWAYS = {"archive", "manifest", "log", "keys", "statements", "rules", "slots", "selection", "first-page"}


def drawing(number: int) -> settings:
    return settings(
        max_examples=draws(number), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


def passed(found: dict[str, Any]) -> set[str]:
    return {name for name, outcome in found["outcomes"].items() if outcome == "passed"}


@pytest.mark.parametrize("name", ROUNDS)
def test_what_was_done_by_the_rules_is_verified_in_both_tiers(verified: Verify, name: str) -> None:
    book = made(name)
    hidden = book.rules.calibration.official or book.rules.lottery is not None
    tiers = [("public", True), ("public", False), ("full", True)]
    for tier, sheets in tiers[:1] if book.forgotten else tiers:
        found = verified(book.bundle(tier, sheets))
        assert found["failed"] == [], found["why"]
        shown = not book.forgotten and (tier == "full" or (sheets and not hidden))
        assert found["verdict"] == ("verified" if shown else "incomplete")
        also = {"sheets", "tally"} if shown else set()
        also |= {"openings"} if tier == "full" else set()
        also |= {"calibration"} if tier == "full" and book.rules.calibration.official else set()
        also |= {"seed"} if book.seed else set()
        also |= {"ballots"} if book.counted else set()
        assert passed(found) == ALWAYS | also
        assert (found["tier"], found["round"], found["synthetic"]) == (tier, book.round, book.synthetic)
        chosen = [one for one in book.result["standings"] if one["outcome"] == "selected"]
        assert [(w["group"], w["rank"], w["entry"], w["score"]) for w in found["winners"]] == [
            (one["group"], one["rank"], one["entry"], one["score"]) for one in chosen
        ]


def test_the_rounds_hold_what_they_are_for() -> None:
    def causes(name: str) -> set[str]:
        return {one["reason"]["cause"] for one in made(name).result["standings"]}

    assert causes("many") >= {"lot", "tie_break", "rank"}
    assert causes("lottery") >= {"lottery", "out"}
    assert "threshold" in causes("indicators")
    assert len(made("many").leaves) > 256
    assert {row[1] for row in _closing(made("plain"))} == {"submitted", "missing", "recused", "replaced"}
    assert made("calibrated").evaluation.calibration.components.residual


def _closing(book: Book) -> list[list[str]]:
    return next(c["slots"] for c in map(json.loads, book.statements.values()) if c["kind"] == "close")


@pytest.mark.parametrize("until", ["open", "close"])
@pytest.mark.parametrize("tier", ["public", "full"])
def test_a_round_without_a_result_is_incomplete(verified: Verify, until: str, tier: str) -> None:
    found = verified(scored(parse(PLAIN), 12, until=until).bundle(tier))
    assert (found["verdict"], found["failed"], found["winners"]) == ("incomplete", [], [])
    assert found["outcomes"]["selection"] == "not shown"
    assert found["outcomes"]["slots"] == ("not shown" if until == "open" else "passed")


def test_after_an_amendment_there_is_no_result_until_there_is_another(verified: Verify) -> None:
    book = scored(parse(PLAIN), 14)
    book.amend()
    found = verified(book.bundle("full"))
    assert (found["verdict"], found["failed"], found["winners"]) == ("incomplete", [], [])
    book.announce()  # says the same as the first
    assert verified(book.bundle("full"))["verdict"] == "verified"


@pytest.mark.parametrize("value", ["0", "7 7 10 123", "c0ffee" * 10 + "1234", "1" * 64, "1 " * 499 + "22"])
def test_what_a_beacon_may_give(verified: Verify, value: str) -> None:
    book = scored(parse(PLAIN), 17, until="open")
    book.close()
    book.draw_seed(value)
    book.announce()
    assert verified(book.bundle())["verdict"] == "verified"


def test_entries_are_corrected_after_an_amendment_alone(verified: Verify) -> None:
    book = scored(parse(PLAIN), 16, until="open")
    book.amend()
    book.enter({**GROUPS, "a9": "a"})
    book.close()
    book.amend()  # one for both: a sheet, and the close
    book.enter({**GROUPS, "a8": "a", "a9": "a"})
    book.draw_seed()
    book.announce()
    found = verified(book.bundle("full"))
    assert found["verdict"] == "verified", found["why"]


def test_what_was_changed_on_the_way_is_told_in_the_order_of_the_log(verified: Verify) -> None:
    def told(name: str) -> list[tuple[str, str, str, bool]]:
        found = verified(made(name).bundle())["changes"]
        assert [one["leaf"] for one in found] == sorted(one["leaf"] for one in found)
        assert all(one["name"] == ({"ko": "기관 a0", "en": "Body a0"} if one["entry"] else {}) for one in found)
        return [(one["kind"], one["entry"], one["reason"], one["rules"]) for one in found]

    replaced = ("replaced", "a0", "fell ill", False)
    assert told("plain") == [replaced]
    assert told("rotated") == [replaced, ("key", "", "", False), ("key", "", "", False)]
    assert told("amended") == [replaced, ("amendment", "", "an objection", True)]
    assert told("numbers") == []
    book = scored(parse(PLAIN), 14)
    book.amend()
    assert verified(book.bundle())["changes"][-1]["rules"] is False


def test_versions_that_came_in_together_are_shuffled(verified: Verify) -> None:
    book = scored(parse(PLAIN), 15, until="open")
    slot = next(iter(book.slots))
    book.sheet(slot, {"idea": "1", "work": "1"})
    book.sheet(slot, {"idea": "2", "work": "2"})
    book.leaves[-1], book.leaves[-2] = book.leaves[-2], book.leaves[-1]
    book.opened_sheets[-1], book.opened_sheets[-2] = book.opened_sheets[-2], book.opened_sheets[-1]
    for row, index in zip(book.opened_sheets[-2:], (len(book.leaves) - 2, len(book.leaves) - 1), strict=True):
        row[0] = index
    book.close()
    book.draw_seed()
    book.announce()
    found = verified(book.bundle("full"))
    assert found["verdict"] == "verified", found["why"]


@drawing(30)
@given(rules_texts(), st.integers(0, 2**32))
def test_any_tally_is_the_engines(verified: Verify, text: str, number: int) -> None:
    """Every panel method, combination, rounding and effect of a missing mark."""
    wild = random.Random(number)
    words, low = ["recused", "abstained", "not_applicable"], wild.choice([4, 24, 34])
    book = Book(parse(text), number)
    book.freeze({"kind": "given", "value": "s"})
    book.enter({f"e{n}": "a" for n in range(5)})
    book.seat(PANEL)
    for slot in book.assign([(f"e{n}", who) for n in range(5) for who in wild.sample(PANEL, wild.randint(0, 5))]):
        mark = lambda: wild.choice(words) if wild.random() < 0.05 else f"{wild.randint(low, low + 6) / 4:g}"  # noqa: E731
        if wild.random() < 0.9:
            book.sheet(slot, {"p": mark(), "q": mark(), "single": mark()})
    book.close()
    book.announce()
    found = verified(book.bundle())
    assert found["verdict"] == "verified", found["why"]


@drawing(18)
@given(
    st.integers(0, 2**32),
    st.integers(0, 4),
    st.integers(0, 3),
    st.sampled_from(["", 'award_floor = "4"\nno_award = true', 'award_floor = "11"\nno_award = true']),
    st.sampled_from(["", '[[threshold]]\ncriterion = "idea"\nat_least = "1"\ngroups = ["b"]\n\n']),
    st.sampled_from([PLAIN, TIED, LOTTERY, CALIBRATED]),
)
def test_any_selection_is_the_engines(
    verified: Verify, number: int, quota: int, reserve: int, floor: str, threshold: str, base: str
) -> None:
    text = changed("quota = 2\nreserve = 1", f"quota = {quota}\nreserve = {reserve}\n{floor}", base)
    try:
        rules = parse(changed("[missing]", f"{threshold}[missing]", text))
    except RulesError:  # a floor that an official score has, a threshold that no marks reach
        assume(False)
    groups = {f"b{n}": "b" for n in range(random.Random(number).randint(5, 12))}
    book = scored(rules, number, groups={**groups, "a0": "a"}, few=bool(number % 2))
    found = verified(book.bundle("full"))
    assert found["verdict"] == "verified", found["why"]


@drawing(9)
@given(
    st.integers(0, 2**32),
    st.sampled_from(["half_up", "half_even", "down"]),
    st.integers(0, 6),
    st.sampled_from(["own", "alike"]),
    st.booleans(),
)
def test_calibrated_scores_are_the_engines(
    verified: Verify, number: int, mode: str, places: int, reviewers: str, few: bool
) -> None:
    """Also where all scores lie on an edge of the rounding."""
    rule = f'reviewers = "{reviewers}"\nround = {{ places = {places}, mode = "{mode}" }}'
    rules = parse(changed("round = { places = 2 }\n\n[missing]", f"{rule}\n\n[missing]", CALIBRATED))
    panel = [f"r{n}" for n in range(12)]
    groups = {f"b{n:02d}": "b" if n % 3 else "a" for n in range(25)}
    book = scored(rules, number, groups=groups, panel=panel, each=6, few=few)
    found = verified(book.bundle("full"))
    assert found["verdict"] == "verified", found["why"]
    assert found["outcomes"]["calibration"] == "passed"


def test_the_key_and_the_witnesses_that_the_user_trusts(verified: Verify) -> None:
    book = made("countersigned")
    bundle = book.bundle()
    assert verified(bundle, key=book.keys[0].text)["verdict"] == "verified"
    assert verified(bundle)["why"]["witnesses"].endswith("2 / 2, auditor.example, witness.example")
    found = verified(bundle, key=Key(book.origin, 7).text)
    assert (found["verdict"], found["failed"]) == ("refused", ["keys"])
    rotated = made("rotated")
    for key in rotated.keys:
        assert verified(rotated.bundle(), key=key.text)["verdict"] == "verified"
    assert verified(rotated.bundle())["key"] == rotated.keys[-1].text
    other = Key("other.example", 3, 4)
    log = f"log {book.keys[0].text} https://log.example/\n"
    witnesses = f"witness W {WITNESS.text}\nwitness\tX {other.text} https://x.example\n"
    for quorum, met in (
        ("quorum W", True),
        ("quorum X", False),
        ("quorum none", True),
        ("group any any W X\nquorum any", True),
        ("group both all W X\nquorum both", False),
        ("group one 1 W X\ngroup deep all one\nquorum deep", True),
    ):
        found = verified(bundle, policy=f"# whom I trust\n\n{log}{witnesses}{quorum}\n")
        assert found["outcomes"]["witnesses"] == ("passed" if met else "failed"), quorum
        assert found["verdict"] == ("verified" if met else "refused")
    for broken in (
        witnesses,
        f"{witnesses}quorum Y",
        f"{witnesses}quorum W\nquorum W",
        f"{witnesses}group g 3 W X\nquorum g",
        f"{witnesses}group g any W none\nquorum g",
        f"{witnesses}group g any W\ngroup h any W\nquorum h",
        f"{witnesses}witness W {WITNESS.text}\nquorum W",
        f"witness W {book.keys[0].text}\nquorum W",
        f"{witnesses}quorum W\ntrust me",
    ):
        assert verified(bundle, policy=broken)["outcomes"]["witnesses"] == "failed", broken
    stranger = f"log {Key(book.origin, 9).text}\n{witnesses}quorum W"
    assert verified(bundle, policy=stranger)["outcomes"]["witnesses"] == "failed"


def test_what_is_no_bundle_is_unreadable(verified: Verify) -> None:
    for data in (b"", b"PK", b"x" * 100, zipped({"README.txt": b"hello"}), made("plain").bundle()[:-30]):
        assert verified(data)["verdict"] == "unreadable"


def test_a_name_in_neither_language_is_the_first_by_code(verified: Verify) -> None:
    name = 'name = { ko = "작은 평가", en = "Small round" }'
    rules = parse(changed(name, 'name = { fr = "Petit\ttour", zu = "x" }', PLAIN))
    book = scored(rules, 13)
    assert "Petit tour" in book.first_page("public")
    assert verified(book.bundle())["verdict"] == "verified"
