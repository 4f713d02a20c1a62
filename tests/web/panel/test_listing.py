"""The panel of a round from a list: new, changed and removed reviewers, and the list taken back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from simsa.web.entries.lists import drafts
from simsa.web.entries.models import Import, ImportDraft
from simsa.web.entries.services import ImportRefusedError
from simsa.web.panel.services import (
    ConflictRow,
    ReviewerRow,
    import_reviewers,
    plan_reviewers,
    record_affinities,
    record_conflicts,
    undo_reviewers,
)
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import check_events
from tests.rules.small import changed
from tests.web.panel.rounds import prepared
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db

DECLARED = '[[conflict]]\nid = "said"\nkind = "declared"\n\n[missing]'


def panel(round_: Round) -> list[tuple[object, ...]]:
    return list(round_.reviewers.order_by("position").values_list("code", "name", "fields", "position"))


@pytest.fixture
def round_(db: None) -> Round:
    return prepared(changed("[missing]", DECLARED))


def test_changed_removed_and_new_reviewers_and_back(round_):
    before = panel(round_)
    rows = [
        ReviewerRow("s", "위원 s"),
        ReviewerRow("q", "새 이름", {"region": "b"}),
        ReviewerRow("p", "위원 p", {"region": "a"}),
    ]
    plan = plan_reviewers(round_, rows, update=True, remove=True)
    assert [change.code for change in plan.added] == ["s"]
    assert [(change.code, [one.key for one in change.differences]) for change in plan.changed] == [
        ("q", ["name", "field:region"])
    ]
    assert [change.code for change in plan.removed] == ["r"]
    done = import_reviewers(round_, rows, update=True, remove=True, expected=plan.state)
    assert [row[:3] for row in panel(round_)] == [
        ("p", "위원 p", {"region": "a"}),
        ("q", "새 이름", {"region": "b"}),
        ("s", "위원 s", {}),
    ]
    undo_reviewers(done)
    assert panel(round_) == before
    assert check_events(round_) == round_.events.count()
    told = " ".join(round_.events.values_list("payload", flat=True))
    assert "위원" not in told  # no name of a person stands in the record


def test_faults_are_told_by_row(round_):
    rows = [ReviewerRow("p", "위원"), ReviewerRow("t", ""), ReviewerRow("t", "위\n원"), ReviewerRow("", "위원")]
    with pytest.raises(ImportRefusedError) as refused:
        import_reviewers(round_, rows)
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [
        (1, "code"),
        (2, "name"),
        (3, "code"),
        (3, "name"),
        (4, "code"),
    ]


@pytest.mark.parametrize(
    "depend",
    [
        lambda round_: record_conflicts(round_, [ConflictRow("a1", "q")]),
        lambda round_: record_affinities(round_, {"a1": {"q": "1"}}, source="test"),
        lambda round_: with_role("kim", round_, "reviewer", "q"),
    ],
)
def test_what_depends_on_a_reviewer_keeps_them_on_the_panel(round_, depend):
    depend(round_)
    done = Import.objects.get(kind="reviewers")
    for verb in (
        lambda: import_reviewers(round_, [ReviewerRow("p", "위원 p")], update=True, remove=True),
        lambda: undo_reviewers(done),
    ):
        with pytest.raises(ImportRefusedError) as refused:
            verb()
        assert [fault.field for fault in refused.value.faults] == ["q"]
    assert [row[0] for row in panel(round_)] == ["p", "q", "r"]


def test_list_by_page(round_):
    client = signed_in(with_role("kim", round_, "officer"))
    at = "/ko/office/rounds/small/lists/reviewers/"
    sent = client.post(at, {"file": SimpleUploadedFile("위원.csv", "위원번호;성명\nq;큐\nt;티\n".encode("cp949"))})
    page = client.get(sent.url).content.decode()
    assert "<ins>큐</ins>" in page
    plan = drafts.look_at(ImportDraft.objects.get()).plan
    client.post(f"{sent.url}confirm/", {"state": plan.state})
    assert [row[:2] for row in panel(round_)] == [("p", "위원 p"), ("q", "큐"), ("r", "위원 r"), ("t", "티")]
    client.post(f"{at}done/{Import.objects.first().pk}/undo/")
    assert [row[0] for row in panel(round_)] == ["p", "q", "r"]
