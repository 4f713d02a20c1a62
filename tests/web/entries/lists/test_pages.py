"""A list on its way into a round: sent, looked at, corrected, confirmed, taken back, and who may do it."""

from __future__ import annotations

import codecs
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from simsa.tables.csv_text import read_csv
from simsa.tables.korea import governments
from simsa.tables.spreadsheets import read_xlsx, write_xlsx
from simsa.tables.table import Table
from simsa.web.entries.lists import drafts
from simsa.web.entries.models import Entry, Import, ImportDraft
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import advance, check_events, open_round
from tests.rules.small import SMALL
from tests.tables.test_lists import EXAMPLE
from tests.web.people import signed_in, with_role

pytestmark = pytest.mark.django_db

LISTS = "/ko/office/rounds/small/lists/entries/"
GOOD = "코드,기관명,평가군,지역\nr1,하나,a,남부\nr2,둘,b,\n"


@pytest.fixture
def round_() -> Round:
    return open_round(SMALL)


@pytest.fixture
def officer(round_) -> Client:
    return signed_in(with_role("kim", round_, "officer"))


def send(client: Client, content: str | bytes, name: str = "list.csv", at: str = LISTS, **more: str):
    data = content.encode() if isinstance(content, str) else content
    return client.post(at, {"file": SimpleUploadedFile(name, data), **more})


def shown(client: Client, content: str | bytes, **more: str) -> tuple[str, str]:
    """The address of a list that was sent, and its page."""
    answer = send(client, content, **more)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url, client.get(answer.url).content.decode()


def confirm(client: Client, url: str, state: str | None = None):
    kept = ImportDraft.objects.get(pk=int(url.rstrip("/").rpartition("/")[2]))
    plan = drafts.look_at(kept).plan
    return client.post(f"{url}confirm/", {"state": state if state is not None else plan.state if plan else ""})


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def codes(round_: Round) -> list[str]:
    return list(round_.entries.order_by("position").values_list("entrant__code", flat=True))


def test_from_the_file_to_the_round_and_back(round_, officer):
    url, page = shown(officer, GOOD.encode("cp949"))
    assert codes(round_) == []
    assert f'name="state" value="{drafts.look_at(ImportDraft.objects.get()).plan.state}"' in page
    assert confirm(officer, url).url == LISTS
    assert codes(round_) == ["r1", "r2"]
    done = Import.objects.get()
    assert (done.file_name, done.rows, len(done.sha256)) == ("list.csv", 2, 64)
    assert done.actor.startswith("person/")
    assert "kim" in officer.get(LISTS).content.decode()
    assert not ImportDraft.objects.exists()
    url, page = shown(officer, "code,name\nr1,하나시\nr2,둘\n")
    assert "<del>하나</del>" in page
    assert "<ins>하나시</ins>" in page
    confirm(officer, url)
    assert Entry.objects.get(entrant__code="r1").entrant.region == "남부"  # of which the list said nothing
    last = Import.objects.first()
    page = officer.post(f"{LISTS}done/{last.pk}/undo/", follow=True)
    assert "그대로" in said(page)
    assert Entry.objects.get(entrant__code="r1").entrant.name_ko == "하나"
    officer.post(f"{LISTS}done/{done.pk}/undo/")
    assert codes(round_) == []
    assert check_events(round_) == round_.events.count() == 6  # opened, role, two imports, two undone


def test_the_governments_of_korea_as_they_are_published():
    example = open_round(EXAMPLE.read_text(encoding="utf-8"))
    client = signed_in(with_role("lee", example, "officer"))
    rows = [[one.code, one.full_name_ko, one.name_en, one.group, f"{one.lat}", f"{one.lon}"] for one in governments()]
    data = write_xlsx(Table.of(["code", "full_name_ko", "name_en", "group", "lat", "lon"], rows), {})
    at = f"/ko/office/rounds/{example.slug}/lists/entries/"
    url = send(client, data, "governments.xlsx", at).url
    assert confirm(client, url).url == at
    assert codes(example) == [one.code for one in governments()]
    assert not drafts.look_at(ImportDraft.objects.get(pk=_sent_again(client, data, at))).plan.changes


def _sent_again(client: Client, data: bytes, at: str) -> int:
    return int(send(client, data, "again.xlsx", at).url.rstrip("/").rpartition("/")[2])


def test_round_that_has_changed_since_is_shown_again(round_, officer):
    url, _page = shown(officer, GOOD)
    state = drafts.look_at(ImportDraft.objects.get()).plan.state
    import_entries(round_, [EntryRow("r2", "a", "둘")])
    answer = officer.post(f"{url}confirm/", {"state": state}, follow=True)
    assert "바뀌었습니다" in said(answer)
    assert codes(round_) == ["r2"]
    assert "<del>a</del>" in answer.content.decode()
    confirm(officer, url)
    assert codes(round_) == ["r2", "r1"]


def test_what_was_not_looked_at_is_not_confirmed(round_, officer):
    url, _page = shown(officer, GOOD)
    for state in ("", "0" * 64):
        confirm(officer, url, state)
    assert codes(round_) == []
    confirm(officer, url)
    answer = officer.post(f"{url}confirm/", {"state": "x"}, follow=True)  # the button was pressed twice
    assert answer.redirect_chain[-1][0] == LISTS
    assert codes(round_) == ["r1", "r2"]


BAD = "code,name,group,lat,lon,=note\nr1,하나,a,35,127,=1+1\nr1,둘,x,north,,-2\n,,b,,,\nshort,row\nr5,다섯,b,,,@me\n"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_faulty_rows_come_back_as_a_file_that_runs_no_formula(round_, officer, ending):
    url, page = shown(officer, BAD)
    assert "confirm/" not in page
    assert confirm(officer, url).url == url
    assert codes(round_) == []
    answer = officer.get(f"{url}faults.{ending}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="small-faults.{ending}"'
    read = read_csv if ending == "csv" else read_xlsx
    if ending == "csv":
        assert answer.content.startswith(codecs.BOM_UTF8)
        assert b",'=note," in answer.content
    table = read(answer.content, "faults")
    *sent, lines, wrong = table.columns
    assert lines == ("3", "4", "5")
    assert [column[0] for column in sent] == ["r1", "둘", "x", "north", None, "-2"]
    assert "위도" in wrong[0]
    assert "평가군" in wrong[0]
    assert "2" in wrong[2]
    assert "6" in wrong[2]


def test_columns_are_told_where_headings_say_nothing(round_, officer):
    url, page = shown(officer, "A,B,C,D\nr1,하나,a,법\n")
    assert 'role="alert"' in page
    assert confirm(officer, url).url == url
    twice = officer.post(f"{url}columns/", {"column-0": "code", "column-1": "code", "column-2": "", "column-3": ""})
    assert twice.status_code == 200
    assert ImportDraft.objects.get().mapping["A"] == ""
    told = {"column-0": "code", "column-1": "name_ko", "column-2": "group", "column-3": "field:D"}
    assert officer.post(f"{url}columns/", told).url == url
    confirm(officer, url)
    entry = Entry.objects.get()
    assert (entry.entrant.name_ko, entry.group, entry.entrant.fields) == ("하나", "a", {"D": "법"})


def test_removing_is_asked_for_and_shown(round_, officer):
    confirm(officer, shown(officer, GOOD)[0])
    url, page = shown(officer, "code\nr2\n", removes="on")
    assert "하나" in page
    confirm(officer, url)
    assert codes(round_) == ["r2"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"code\n", b"x" * (5 * 2**20 + 1)])
def test_what_is_no_list_is_refused_in_words(round_, officer, content):
    answer = send(officer, content)
    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
    assert not ImportDraft.objects.exists()


def test_list_for_a_round_that_is_being_evaluated(round_, officer):
    url, _page = shown(officer, GOOD)
    advance(round_, Stage.SCORING)
    assert confirm(officer, url).url == url
    assert codes(round_) == []
    assert not ImportDraft.objects.get().round.entries.exists()
    assert send(officer, GOOD).status_code == 200
    assert '<form method="post" enctype' not in officer.get(LISTS).content.decode()


def test_dropped_lists_and_those_that_nobody_confirms_are_forgotten(round_, officer):
    url, _page = shown(officer, GOOD)
    officer.post(f"{url}drop/")
    assert officer.get(url).status_code == 404
    shown(officer, GOOD)
    assert drafts.drop_old_drafts() == 0
    ImportDraft.objects.update(at=timezone.now() - drafts.KEPT - timedelta(seconds=1))
    assert drafts.drop_old_drafts() == 1


@pytest.mark.parametrize(("who", "status"), [("entrant", 403), ("auditor", 403), ("reviewer", 403), ("", 404)])
def test_lists_are_for_officers_alone(round_, officer, who, status):
    import_entries(round_, [EntryRow("r1", "a", "하나")])
    url, _page = shown(officer, GOOD)
    done = Import.objects.get()
    person = "stranger"
    if who in ("entrant", "auditor"):
        person = with_role("lee", round_, who, "r1" if who == "entrant" else "")
    elif who == "reviewer":
        person = with_role("lee", round_, "observer")
    client = signed_in(person)
    for path in (LISTS, url, f"{url}faults.csv"):
        assert client.get(path).status_code == status
    for path in (LISTS, f"{url}columns/", f"{url}confirm/", f"{url}drop/", f"{LISTS}done/{done.pk}/undo/"):
        assert client.post(path).status_code == status
    assert codes(round_) == ["r1"]
    other = signed_in(with_role("park", open_round(SMALL.replace('"small"', '"other"')), "officer"))
    assert other.get(url).status_code == 404
    assert other.get(url.replace("small", "other")).status_code == 404
