"""What reviewers and entrants see of each other, by stage: each field from when the rules say, and never sooner."""

from __future__ import annotations

import pytest

from simsa.rules import parse
from simsa.rules.sight import WHEN
from simsa.web.panel.models import Slot
from simsa.web.panel.scoring.others import SeenSheets, _in_no_order, others_of
from simsa.web.panel.scoring.own import own_slots
from simsa.web.panel.services import assign_as_given, close_round, save_draft, submit_draft, submit_sheet, withdraw
from simsa.web.programmes.models import Kind, Round, Stage
from simsa.web.programmes.sight import COMMENTS, ENTRANT, MARKS, MEETING, REVIEWERS, sees
from tests.rules.small import HIDING, changed
from tests.rules.test_sight import FIRST, sight
from tests.web.panel.rounds import mark, prepared
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db

STAGES = (Stage.PREPARING, Stage.SCORING, MEETING, Stage.CLOSED, Stage.ANNOUNCED)
EVERYTHING = {place: first for place, first in FIRST.items() if not place.startswith("observer")}


def under(rules: str, stage: Stage) -> Round:
    """A round that is nowhere kept."""
    return Round(rules_toml=rules, rules_hash=parse(rules).hash, stage=stage)


def written(rules: str) -> Round:
    """a1 is scored by all three, b1 by p alone; q and r have submitted a1, with comments."""
    round_ = prepared(rules)
    assign_as_given(round_, [("a1", "p"), ("a1", "q"), ("a1", "r"), ("b1", "p")])
    for n, code in enumerate("qr", 1):
        values = {"mark/idea": f"{n}.5", "mark/work": str(n), "comment/idea": f"의견 {code}"}
        save_draft(slot("a1", code), values, 0)
        submit_draft(slot("a1", code), 1)
    round_.refresh_from_db()
    return round_


def slot(entry: str, reviewer: str) -> Slot:
    found = Slot.objects.select_related("entry__round", "entry__entrant", "reviewer")
    return found.get(entry__entrant__code=entry, reviewer__code=reviewer)


def seen_by(round_: Round, reviewer: str, entry: str = "a1", stage: str | None = None) -> SeenSheets | None:
    own = own_slots(round_, {reviewer})
    return others_of(next(one for one in own if one.slot.entry.entrant.code == entry), stage)


@pytest.mark.parametrize("place", ["reviewer.entrant", "reviewer.marks", "entrant.comments", "observer.reviewers"])
def test_a_field_is_seen_from_its_stage_on(place):
    kind, field = place.split(".")
    for since in WHEN[WHEN.index(FIRST[place]) : -1]:
        round_ = under(sight({place: since}), Stage.PREPARING)
        assert [sees(round_, kind, field, stage) for stage in STAGES] == [
            WHEN.index(since) <= n for n in range(len(STAGES))
        ]
        assert sees(round_, kind, field) == sees(round_, kind, field, Stage.PREPARING)


def test_who_only_watches_or_votes_knows_no_more_of_the_entrant():
    round_ = under(changed("[missing]", HIDING), Stage.CLOSED)
    for kind in (Kind.REVIEWER, Kind.OBSERVER, Kind.VOTER):
        assert [sees(round_, kind, ENTRANT, stage) for stage in STAGES] == [False, False, False, False, True]


def test_others_are_seen_once_the_own_sheet_is_submitted():
    round_ = written(sight(EVERYTHING))
    assert seen_by(round_, "p") is None
    save_draft(slot("a1", "p"), {"mark/idea": "3", "mark/work": "3"}, 0)
    assert seen_by(round_, "p") is None
    submit_draft(slot("a1", "p"), 1)
    seen = seen_by(round_, "p")
    assert (seen.criteria, seen.names) == (("idea", "work"), ("위원 q", "위원 r"))
    assert sorted(seen.rows) == [("1.5", "1"), ("2.5", "2")]
    [(_title, said), (_other, none)] = seen.comments
    assert (sorted(said), none) == (["의견 q", "의견 r"], ())
    assert seen_by(round_, "p", "b1") is None
    page = signed_in(with_role("kim", round_, "reviewer", "p")).get(f"/ko/panel/sheets/{slot('a1', 'p').name}/")
    assert "의견 q" in page.content.decode()
    # What is written anew is the writer's own until it is submitted.
    save_draft(slot("a1", "q"), {"mark/idea": "1.5", "mark/work": "1", "comment/idea": "다른 말"}, 1)
    [(_title, said), _other] = seen_by(round_, "p").comments
    assert sorted(said) == ["의견 q", "의견 r"]


def test_nothing_is_seen_of_an_entry_that_one_must_not_score():
    round_ = written(sight(EVERYTHING))
    submit_sheet(slot("a1", "p"), mark(1))
    assert seen_by(round_, "p") is not None
    withdraw(slot("a1", "p").entry, slot("a1", "p").reviewer, "친족", actor="person/1")
    assert seen_by(round_, "p") is None
    assert seen_by(round_, "q").names == ("위원 r",)
    assert len(seen_by(round_, "q").rows) == 1


def test_only_what_the_rules_show_is_there():
    round_ = written(sight({"reviewer.marks": "meeting", "reviewer.comments": "announced"}))
    submit_sheet(slot("a1", "p"), mark(1))
    assert seen_by(round_, "p") is None
    seen = seen_by(round_, "p", stage=MEETING)
    assert (seen.names, len(seen.rows), seen.comments) == (None, 2, None)
    seen = seen_by(round_, "p", stage=Stage.ANNOUNCED)
    assert (seen.names, len(seen.rows), len(seen.comments)) == (None, 2, 2)
    assert not any(sees(round_, Kind.ENTRANT, what, Stage.ANNOUNCED) for what in (REVIEWERS, MARKS, COMMENTS))


def test_order_is_another_for_every_viewer_and_follows_nothing():
    slots = [Slot() for _ in range(16)]  # names are drawn; that two orders are the same is as good as impossible
    orders = [_in_no_order(slots, viewer) for viewer in ("x", "y")]
    assert orders[0] != orders[1]
    assert [_in_no_order(slots[::-1], viewer) for viewer in ("x", "y")] == orders
    assert slots not in orders


def test_entrant_sees_the_sheets_of_its_own_entry_once_it_may():
    round_ = written(sight({"entrant.marks": "closed", "entrant.reviewers": "announced"}))
    client = signed_in(with_role("lee", round_, "entrant", "a1"))
    at = f"/ko/entries/{slot('a1', 'p').entry_id}/sheets/"
    assert client.get(at).status_code == 403
    assert at not in client.get("/ko/office/").content.decode()
    close_round(round_)
    assert at in client.get("/ko/office/").content.decode()
    seen = client.get(at).context["seen"]
    assert (seen.names, sorted(seen.rows), seen.comments) == (None, [("1.5", "1"), ("2.5", "2")], None)
    assert signed_in(with_role("park", round_, "entrant", "a2")).get(at).status_code == 404


def test_whose_an_entry_is_comes_to_light_at_its_stage():
    round_ = written(sight({"reviewer.entrant": "closed"}))
    submit_sheet(slot("a1", "p"), mark(1))
    client, at = signed_in(with_role("kim", round_, "reviewer", "p")), f"/ko/panel/sheets/{slot('a1', 'p').name}/"
    assert "기관 a1" not in client.get(at).content.decode()
    assert client.get(f"{at}receipt.txt").status_code == 404
    close_round(round_)
    assert "기관 a1" in client.get(at).content.decode()
    assert client.get(f"{at}receipt.txt").status_code == 200
