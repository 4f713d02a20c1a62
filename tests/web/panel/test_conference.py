"""A conference from HotCRP or OpenReview on its way into a round."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from simsa.tables.conference import read_openreview
from simsa.web.entries.inputs import entries_of
from simsa.web.entries.models import Import, ImportDraft
from simsa.web.entries.services import ImportRefusedError
from simsa.web.panel.inputs import candidates_of, declared_of, reviewers_of
from simsa.web.panel.services import assign, import_conference
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import check_events, open_round
from tests.rules.small import changed
from tests.tables.conference.exports import HOTCRP, OPENREVIEW, put
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db

AT = "/ko/office/rounds/small/conference/"
DECLARED = '[panel]\nsheets_per_entry = 1\n\n[[conflict]]\nid = "said"\nkind = "declared"\n\n[missing]'
RULES = changed('trimmed_mean", drop_high = 1, drop_low = 1', 'mean"', changed("[missing]", DECLARED))


@pytest.fixture
def round_(db: None) -> Round:
    return open_round(RULES)


def files(exports: dict[str, str]) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, text.encode()) for name, text in exports.items()]


def test_hotcrp_by_page(round_):
    client = signed_in(with_role("kim", round_, "officer"))
    sent = client.post(AT, {"product": "hotcrp", "files": files(HOTCRP)})
    page = client.get(sent.url).content.decode()
    assert "ada@example.org" in page  # the list to keep, before it is gone
    assert not round_.entries.exists()
    assert client.post(f"{sent.url}confirm/", {"group": "nobody"}).url == sent.url
    assert client.post(f"{sent.url}confirm/", {"group": "b"}).url == "/ko/office/rounds/small/lists/entries/"
    assert entries_of(round_).ids == ("1", "2", "3")
    assert reviewers_of(round_).ids == ("R001", "R002", "R003", "R004")
    assert ("1", "R001", "author") in declared_of(round_)
    pairs, affinity = candidates_of(round_, entries_of(round_), reviewers_of(round_))
    assert pairs is not None
    assert affinity is not None
    assert (len(affinity), max(affinity)) == (12, 0.3)
    assert not ImportDraft.objects.exists()
    assert {done.kind for done in Import.objects.all()} == {"entries", "reviewers"}
    kept = " ".join(round_.events.values_list("payload", flat=True))
    assert "@" not in kept + str(list(round_.reviewers.values()))
    assert len(assign(round_)) == 3
    assert check_events(round_) == round_.events.count()


def test_openreview_into_a_round_that_has_entries_is_refused(round_, tmp_path):
    found = read_openreview(put(tmp_path, OPENREVIEW))
    import_conference(round_, found, "a")
    before = round_.events.count()
    with pytest.raises(ImportRefusedError):
        import_conference(round_, found, "a")
    assert round_.events.count() == before


def test_rules_that_know_no_declared_conflicts_take_nothing(tmp_path):
    other = open_round(changed('id = "small"', 'id = "other"'))
    with pytest.raises(ImportRefusedError):
        import_conference(other, read_openreview(put(tmp_path, OPENREVIEW)), "a")
    assert not other.entries.exists()
    assert not other.reviewers.exists()


def test_faults_are_told_with_file_and_row(round_):
    client = signed_in(with_role("kim", round_, "officer"))
    broken = {**HOTCRP, "small-allprefs.csv": HOTCRP["small-allprefs.csv"].replace(",20,X,", ",much,X,")}
    page = client.post(AT, {"product": "hotcrp", "files": files(broken)}).content.decode()
    assert "small-allprefs.csv" in page
    assert "선호 표시가 아닙니다" in page
    for name, content in (("../../x.exe", "x"), ("a.json", "["), ("a.npz", "x"), ("a.csv", "x,y\n1,2\n")):
        answer = client.post(AT, {"product": "hotcrp", "files": files({name: content})})
        assert answer.context["form"].errors["files"]
    assert client.post(AT, {"product": "hotcrp"}).context["form"].errors["files"]
    assert not ImportDraft.objects.exists()
