"""The assignment desk: pairs fixed by hand, alternatives, what changed between them, and the one that is adopted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from simsa.web.panel.models import AffinityRun, Alternative, Conflict, FixedPair, ReviewBatch, Slot
from simsa.web.panel.planning.matrix import matrix_of
from simsa.web.panel.planning.shown import coverage_of, figures_of
from simsa.web.panel.services import assign, exclude, record_affinities
from simsa.web.panel.services.interrupted import LONGEST, end_interrupted
from simsa.web.panel.services.planning import adopt, compute_alternative, fix_pair, free_pair, start_alternative
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import StageError, check_events
from tests.rules.small import changed
from tests.web.panel.rounds import ENTRIES, prepared
from tests.web.panel.test_conflicts import MEAN, entry, reviewer
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db

AT = "/ko/office/rounds/small/assignment/"


@pytest.fixture
def round_(db: None) -> Round:
    round_ = prepared(MEAN)
    table = {code: {"p": "1", "q": f"0.{n}", "r": "0.1"} for n, (code, _group) in enumerate(ENTRIES)}
    record_affinities(round_, table, source="test")
    return round_


def computed(round_: Round, way: str = "total") -> Alternative:
    return compute_alternative(start_alternative(round_, way, actor="person/1"))


def test_alternatives_differ_as_their_ways_do_and_one_is_adopted(round_):
    total, fair, drawn = (computed(round_, way) for way in ("total", "fair", "random"))
    assert [one.state for one in (total, fair, drawn)] == ["done"] * 3, [one.error for one in (total, fair, drawn)]
    assert float(fair.told["total"]) <= float(total.told["total"]) == float(total.told["greatest"])
    assert figures_of(fair).worst[0].affinity >= figures_of(total).worst[0].affinity
    assert drawn.seed == "drawn/3"
    assert {len(one.by_pair) for one in (total, fair, drawn)} == {6}
    slots = adopt(fair, actor="person/2")
    assert {(one.entry.entrant.code, one.reviewer.code) for one in slots} == fair.by_pair
    round_.refresh_from_db()
    assert round_.stage == Stage.SCORING
    assert Conflict.objects.filter(source="rule", reviewer__code="p").count() == 2
    told = round_.events.get(verb="panel.assigned").told["payload"]
    assert (told["way"], str(told["alternative"])) == ("fair", "2")
    assert check_events(round_) == round_.events.count()
    with pytest.raises(StageError):
        adopt(total, actor="person/2")


def test_what_is_fixed_by_hand_is_kept_by_all(round_):
    with pytest.raises(ValidationError):
        fix_pair(entry(round_, "a1"), reviewer(round_, "p"), "pinned", "현장 확인", actor="person/1")  # same region
    with pytest.raises(ValidationError):
        fix_pair(entry(round_, "a1"), reviewer(round_, "q"), "pinned", " ", actor="person/1")
    fix_pair(entry(round_, "a1"), reviewer(round_, "r"), "pinned", "현장 확인", actor="person/1")
    fixed = fix_pair(entry(round_, "b1"), reviewer(round_, "p"), "forbidden", "지난 회차 담당", actor="person/1")
    for way in Alternative.Way.values:
        pairs = computed(round_, way).by_pair
        assert ("a1", "r") in pairs
        assert ("b1", "p") not in pairs
    free_pair(fixed, actor="person/1")
    with pytest.raises(ValidationError):
        adopt(Alternative.objects.last(), actor="person/1")  # what it follows from has changed
    assert ("a1", "r") in {(one.entry.entrant.code, one.reviewer.code) for one in assign(round_)}
    assert "현장" not in " ".join(round_.events.values_list("payload", flat=True))


def test_limits_that_cannot_be_met_are_told(round_):
    for code in ("q", "r"):
        exclude(entry(round_, "a1"), reviewer(round_, code), "조례", "소속", actor="person/1")
    one = computed(round_)
    assert (one.state, Slot.objects.count()) == ("failed", 0)
    assert "a1" in one.error
    with pytest.raises(ValidationError):
        adopt(one, actor="person/1")


def test_one_at_a_time(round_):
    start_alternative(round_, "total", actor="person/1")
    for way in ("total", "other"):
        with pytest.raises(ValidationError):
            start_alternative(round_, way, actor="person/1")


def test_pages(round_):
    client = signed_in(with_role("officer", round_, "officer"))
    client.post(AT, {"way": "total"})
    assert "1번 배정안을 계산하고" in client.get(AT).content.decode()
    assert "HX-Refresh" not in client.get(f"{AT}progress/").headers
    assert client.get(f"{AT}1/").status_code == 404
    compute_alternative(Alternative.objects.get())
    assert client.get(f"{AT}progress/").headers["HX-Refresh"] == "true"
    client.post(f"{AT}pairs/", {"entry": "b1", "reviewer": "p", "kind": "forbidden", "reason": "지난 회차 담당"})
    assert "지난 회차 담당" in client.get(AT).content.decode()
    page = client.get(f"{AT}1/").content.decode()
    assert ("b1–p" in page) is (("b1", "p") in Alternative.objects.get().by_pair)
    computed(round_)
    page = client.get(f"{AT}2/")
    assert page.context["changed"].kept + len(page.context["changed"].gone) == 6
    assert client.get(AT).context["rows"][0].new == len(page.context["changed"].added)
    lines = client.get(f"{AT}2/pairs.csv").content.decode("utf-8-sig").splitlines()
    assert sum(line.split(",")[3] == "1" for line in lines[1:]) == 6
    assert {line for line in lines if line.endswith(",1")} == {"a1,p,1,0,1", "a2,p,1,0,1", "b1,p,1,0,1"}
    client.post(f"{AT}1/adopt/")
    assert not Slot.objects.exists()
    client.post(f"{AT}2/adopt/")
    assert Slot.objects.count() == 6
    client.post(f"{AT}pairs/", {"free": FixedPair.objects.get().pk})
    assert FixedPair.objects.exists()  # the panel is assigned


def test_grid_of_a_group_and_of_the_worst_off(round_, monkeypatch):
    one = computed(round_)
    barred = frozenset({("a1", "p"), ("b1", "q")})
    whole = matrix_of(round_, one, barred, language="en")
    assert (whole.affinity.shape, whole.of_rows, int(whole.chosen.sum())) == ((6, 3), 6, 6)
    place = whole.rows.index("Body a1"), whole.columns.index("위원 p")
    assert whole.barred[place]
    assert whole.affinity[place] == 1
    assert matrix_of(round_, one, barred, group="b", language="en").rows == tuple(
        name for name in whole.rows if name.startswith("Body b")
    )
    monkeypatch.setattr("simsa.web.panel.planning.matrix.MOST_ROWS", 2)
    monkeypatch.setattr("simsa.web.panel.planning.matrix.MOST_COLUMNS", 1)
    part = matrix_of(round_, one, barred, language="en")
    assert (part.rows, part.of_rows, len(part.columns), part.of_columns) == (whole.rows[:2], 6, 1, 3)
    worth = dict.fromkeys(whole.rows, 0.0)
    for entry_, _code, text in one.rows:
        worth[f"Body {entry_}"] += float(text)
    assert [worth[name] for name in whole.rows] == sorted(worth.values())


def test_coverage_by_fields_of_the_panel():
    round_ = prepared(changed("sheets_per_entry = 1", "sheets_per_entry = 2", changed("max = 3", "max = 6", MEAN)))
    for code, pool in (("p", "law"), ("q", "law; it"), ("r", "it")):
        one = reviewer(round_, code)
        one.fields = {"pool": pool}
        one.save()
    alternative = Alternative.objects.create(
        round=round_, number=1, way="total", pairs='[["a1","p","0"],["a1","q","0"],["a2","r","0"]]'
    )
    rows = {one.value: (one.least, one.most, one.without) for one in coverage_of(round_, alternative)}
    assert rows == {"law": (0, 2, 5), "it": (0, 1, 4)}


def test_alternative_of_those_who_have_left_is_still_shown(round_):
    """They are named by their codes: their names are gone with them."""
    computed(round_)
    Alternative.objects.update(pairs='[["gone", "q", "1"], ["a1", "away", "1"]]')
    computed(round_)
    client = signed_in(with_role("officer", round_, "officer"))
    assert "gone" in client.get(f"{AT}1/").content.decode()
    assert {one.entry for one in client.get(f"{AT}2/").context["changes"] if not one.new} == {"gone", "기관 a1"}
    page = client.get(f"{AT.replace('ko', 'en', 1)}2/").content.decode()
    assert "Body b1" in page
    assert "기관 b1" not in page


def test_round_that_went_on_meanwhile_is_told_of(round_):
    waiting = start_alternative(round_, "total", actor="person/1")
    assign(round_)
    done = compute_alternative(waiting)
    assert done.state == "failed"
    assert "StageError" not in done.error


def test_computing_that_nobody_goes_on_with_ends(round_):
    """A process that was killed is not waited for till the end of time."""
    one = start_alternative(round_, "total", actor="person/1")
    Alternative.objects.update(state="running")
    run = AffinityRun.objects.create(round=round_, bid_weight="0", actor="x", state="waiting")
    batch = ReviewBatch.objects.create(round=round_, number=1, seed="s", state="running")
    assert end_interrupted() == 0
    long_ago = timezone.now() - LONGEST - timedelta(minutes=1)
    Alternative.objects.update(asked_at=long_ago)
    ReviewBatch.objects.update(asked_at=long_ago)
    AffinityRun.objects.update(begun_at=long_ago)
    assert end_interrupted() == 3
    for found in (one, run, batch):
        found.refresh_from_db()
        assert found.state == "failed"
        assert found.error
    assert computed(round_).state == "done"
