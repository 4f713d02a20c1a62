"""The officers' pages: from nothing to a frozen round, by forms and by text, and nobody else gets in."""

from __future__ import annotations

import re
import tomllib
from datetime import date

import pytest
from django.test import Client

from simsa.rules import parse
from simsa.web.programmes.drafting.sections import SECTIONS
from simsa.web.programmes.models import Draft, Programme, Round
from simsa.web.programmes.services import begin_draft, propose_freeze, publish_round, save_draft
from tests.rules.small import changed
from tests.web.panel.rounds import prepared
from tests.web.people import account, signed_in, with_role

pytestmark = pytest.mark.django_db

NEXT = changed('id = "small"', 'id = "next"\nprogramme = "yearly"')
BEGINNING = {
    "id": "r-1", "name": "첫 평가", "language": "ko", "time_zone": "Asia/Seoul", "groups": "광역 1\n일반 시 2",
    "criteria": "혁신\n성과", "highest": "10", "sheets": "3",
}  # fmt: skip


@pytest.fixture
def programme(db) -> Programme:
    made = Programme.objects.create(slug="yearly", name_ko="연간 평가")
    for name in ("kim", "lee"):
        with_role(name, made, "officer")
    return made


@pytest.fixture
def kim(programme) -> Client:
    return signed_in("kim")


@pytest.fixture
def draft(programme) -> Draft:
    return begin_draft(programme, "2024", NEXT, by=account("kim"))


def address(draft: Draft, rest: str = "") -> str:
    return f"/ko/office/drafts/{draft.pk}/{rest}"


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the page's rules form."""
    form = re.search(r'<form class="rules".*?</form>', page, re.DOTALL)
    assert form
    found = dict(
        re.findall(r'<input type="(?:text|hidden|date|datetime-local)" name="([^"]+)"(?: value="([^"]*)")?', form[0])
    )
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_from_nothing_to_a_frozen_round(programme, kim):
    answer = kim.post("/ko/office/programmes/yearly/drafts/new/", BEGINNING)
    draft = Draft.objects.get()
    assert (answer.status_code, answer.url) == (302, address(draft))
    assert [(group.id, group.quota.count) for group in parse(draft.text).groups] == [("광역", 1), ("g2", 2)]
    assert "광역" in kim.get(address(draft)).content.decode()
    kim.post(address(draft, "propose/"), {"version": 1, "seed_source": "로또 1150회"})
    draft.refresh_from_db()
    assert kim.post(address(draft, "approve/"), {"hash": draft.proposed_hash}).status_code == 403
    lee = signed_in("lee")
    assert draft.proposed_hash in lee.get(address(draft)).content.decode()
    lee.post(address(draft, "approve/"), {"hash": draft.proposed_hash})
    round_ = Round.objects.get(slug="r-1")
    assert round_.events.get(verb="rules.approved").actor == account("lee").actor
    for page in ("/ko/office/", "/ko/office/programmes/yearly/", "/ko/office/rounds/r-1/"):
        assert "첫 평가" in kim.get(page).content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("groups", "광역"), ("time_zone", "Moon"), ("id", "a b"), ("criteria", " ")]
)
def test_guided_form_names_its_faults(programme, kim, field, value):
    page = kim.post("/ko/office/programmes/yearly/drafts/new/", {**BEGINNING, field: value})
    assert (page.status_code, Draft.objects.count()) == (200, 0)
    assert page.context["form"].errors.keys() == {field}


def test_guided_form_makes_no_faulty_rules(programme, kim):
    page = kim.post("/ko/office/programmes/yearly/drafts/new/", {**BEGINNING, "groups": "시 1\n시 2"})
    assert (page.status_code, Draft.objects.count()) == (200, 0)
    assert page.context["form"].non_field_errors()


def test_every_part_comes_back_as_it_was(draft, kim):
    for one in SECTIONS:
        page = kim.get(address(draft, f"forms/{one.slug}/"))
        assert page.status_code == 200
        assert kim.post(page.request["PATH_INFO"], fields(page.content.decode())).status_code == 302
    for number in (1, 2, 3):
        page = kim.get(address(draft, f"criteria/{number}/"))
        assert kim.post(page.request["PATH_INFO"], fields(page.content.decode())).status_code == 302
    draft.refresh_from_db()
    assert (draft.version, draft.text) == (1, NEXT)
    assert kim.get(address(draft, "criteria/4/")).status_code == 404
    assert kim.get(address(draft, "forms/none/")).status_code == 404


def test_a_form_saves_and_the_text_shows_it(draft, kim):
    page = kim.get(address(draft, "forms/groups/")).content.decode()
    given = {**fields(page), "group[2].quota.count": "3", "group[1].size": "5"}
    kim.post(address(draft, "forms/groups/"), given)
    draft.refresh_from_db()
    assert draft.text == NEXT.replace("quota = 2", "quota = 3").replace("size = 4", "size = 5")
    assert "quota = 3" in kim.get(address(draft, "text/")).content.decode()


def test_what_is_not_sent_stays(draft, kim):
    kim.post(address(draft, "forms/groups/"), {"version": 1, "group[2].quota.count": "3"})
    draft.refresh_from_db()
    assert draft.text == NEXT.replace("quota = 2", "quota = 3")


def test_the_text_saves_and_the_form_shows_it(draft, kim):
    kim.post(
        address(draft, "text/"), {"version": 1, "text": NEXT.replace("quota = 2", "quota = 7").replace("\n", "\r\n")}
    )
    draft.refresh_from_db()
    assert draft.text == NEXT.replace("quota = 2", "quota = 7")
    assert fields(kim.get(address(draft, "forms/groups/")).content.decode())["group[2].quota.count"] == "7"


def test_while_somebody_types_nothing_is_saved(draft, kim):
    page = kim.get(address(draft, "forms/groups/")).content.decode()
    live = {"HX-Request": "true"}
    shown = kim.post(address(draft, "forms/groups/"), {**fields(page), "group[1].quota.count": "99"}, headers=live)
    assert "quota = 99" in shown.content.decode()
    assert "group[1].quota" in shown.content.decode()  # the fault is named
    for wrong in ({"version": 1, "text": "a = "}, {"version": 1, "text": NEXT}):
        assert kim.post(address(draft, "text/"), wrong, headers=live).status_code == 200
    wrong = kim.post(address(draft, "forms/groups/"), {**fields(page), "group[1].quota.count": "many"}, headers=live)
    assert wrong.status_code == 200
    draft.refresh_from_db()
    assert draft.version == 1


def test_what_cannot_be_read_is_kept_and_marked(draft, kim):
    page = kim.get(address(draft, "forms/groups/")).content.decode()
    answer = kim.post(
        address(draft, "forms/groups/"), {**fields(page), "group[1].size": "many", "group[2].reserve": "2"}
    )
    assert answer.status_code == 422
    kept = fields(answer.content.decode())
    assert (kept["group[1].size"], kept["group[2].reserve"]) == ("many", "2")
    draft.refresh_from_db()
    assert draft.version == 1


@pytest.mark.parametrize(
    ("slug", "do", "told"),
    [
        ("groups", "add:group", ["a", "b", "group-3"]),
        ("groups", "remove:group[1]", ["b"]),
        ("groups", "move:group[2]:0", ["b", "a"]),
        ("criteria", "below:total", ["total", "idea", "work", "c1"]),
        ("criteria", "move:criterion[2]:2", ["total", "work", "idea"]),
    ],
)
def test_buttons_arrange_tables(draft, kim, slug, do, told):
    page = kim.get(address(draft, f"forms/{slug}/")).content.decode()
    assert kim.post(address(draft, f"forms/{slug}/"), {**fields(page), "do": do}).status_code == 302
    draft.refresh_from_db()
    table = "group" if slug == "groups" else "criterion"
    assert [one["id"] for one in tomllib.loads(draft.text)[table]] == told


def test_buttons_arrange_rows_and_parts_that_need_not_be_there(draft, kim):
    address_of = {one: address(draft, f"forms/{one}/") for one in ("ties", "numbers", "entries")}

    def press(page: str, do: str = "", **changes: str) -> dict:
        given = fields(kim.get(address_of[page]).content.decode())
        assert changes.keys() <= given.keys()
        assert kim.post(address_of[page], {**given, **changes, "do": do}).status_code == 302
        return tomllib.loads(Draft.objects.get().text)

    assert press("ties", "add:lottery")["lottery"] == {"confidence": "0.9"}
    assert "lottery" not in press("ties", "remove:lottery")
    press("numbers", "add:constants")
    assert press("numbers", **{"constants[1].name": "rate", "constants[1].value": "2.5"})["constants"] == {"rate": 2.5}
    assert press("numbers", "remove:constants[1]")["constants"] == {}
    press("entries", "add:entries.exchange", **{"entries.currency": "KRW"})
    rate = {"entries.exchange[1].currency": "USD", "entries.exchange[1].date": "2024-01-31"}
    assert press("entries", "add:entries.exchange", **rate)["entries"]["exchange"][0]["date"] == date(2024, 1, 31)
    assert press("entries", "move:entries.exchange[2]:0")["entries"]["exchange"][0] == {}


ODD_BUTTONS = (
    "remove:group[9]", "remove:group", "move:group[1]", "move:group[1]:9", f"move:group[1]:{'9' * 5000}", "add:nothing",
    f"remove:group[{'9' * 5000}]", "below:x", "add:criterion", "remove:panel[1]", "remove:constants[1]",
    "remove:round", "move:constants[1]:0", "add:criterion[9].indicator.steps", "remove:criterion[1].indicator.steps[1]",
    "add:criterion.indicator.steps", "remove:lottery",
)  # fmt: skip


@pytest.mark.parametrize("do", ODD_BUTTONS)
def test_odd_buttons_break_nothing(draft, kim, do):
    page = kim.get(address(draft, "forms/groups/")).content.decode()
    answer = kim.post(address(draft, "forms/groups/"), {**fields(page), "do": do})
    assert answer.status_code in {302, 400}
    draft.refresh_from_db()
    assert draft.version == 1 or do == "below:x"


def test_second_of_two_who_save_sees_both_changes(draft, kim):
    page = kim.get(address(draft, "forms/groups/")).content.decode()
    save_draft(draft, NEXT.replace("quota = 2", "quota = 5"), version=1, by=account("lee"))
    answer = kim.post(address(draft, "forms/groups/"), {**fields(page), "group[1].size": "9"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "quota = 5" in shown
    assert "size = 9" in shown
    draft.refresh_from_db()
    assert draft.text == NEXT.replace("quota = 2", "quota = 5")
    mine = NEXT.replace("size = 4", "size = 9")
    assert kim.post(address(draft, "text/"), {"version": 2, "text": mine}).status_code == 302  # on purpose
    assert Draft.objects.get().text == mine
    kim.post(address(draft, "restore/"), {"version": 3, "number": 2})
    assert Draft.objects.get().text == NEXT.replace("quota = 2", "quota = 5")
    assert kim.post(address(draft, "restore/"), {"version": 4, "number": 99}).status_code == 404
    assert kim.post(address(draft, "text/"), {"version": "x", "text": ""}).status_code == 400


def test_text_that_is_no_toml_is_mended_in_the_text(draft, kim):
    draft = save_draft(draft, "a = ", version=1, by=account("kim"))
    assert kim.get(address(draft, "forms/groups/")).url == address(draft, "text/")
    for page in ("", "text/", "versions/"):
        assert kim.get(address(draft, page)).status_code == 200
    kim.post(address(draft, "propose/"), {"version": 2})
    assert Draft.objects.get().state == "writing"


def test_next_round_begins_as_the_last_and_shows_what_differs(draft, kim):
    round_ = prepared(changed("[round]", '[round]\nprogramme = "yearly"'))
    kim.post("/ko/office/rounds/small/clone/", {"id": "small-2", "name": "다음 평가", "months": "12"})
    clone = Draft.objects.exclude(pk=draft.pk).get()
    assert clone.based_on == round_
    page = kim.get(address(clone)).content.decode()
    assert "small-2" in page
    kim.post(address(clone, "text/"), {"version": 1, "text": clone.text.replace("quota = 2", "quota = 3")})
    assert [part.title for part in kim.get(address(clone)).context["in_words"]] == ["평가군과 선정 수"]


def test_amendment_on_the_site(kim):
    round_ = prepared(changed("[round]", '[round]\nprogramme = "yearly"'))
    kim.post("/ko/office/rounds/small/amend/")
    draft = Draft.objects.get()
    assert kim.get(address(draft)).context["barred"]  # nothing is changed yet
    kim.post(address(draft, "text/"), {"version": 1, "text": draft.text.replace("quota = 2", "quota = 3")})
    assert not kim.get(address(draft)).context["barred"]
    kim.post(address(draft, "propose/"), {"version": 2, "reason": "예산이 늘었다"})
    draft.refresh_from_db()
    signed_in("lee").post(address(draft, "approve/"), {"hash": draft.proposed_hash})
    round_.refresh_from_db()
    assert round_.rules.groups[1].quota.count == 3
    publish_round(round_)
    for page, client in (("/ko/office/rounds/small/", kim), ("/ko/rounds/small/rules/", Client())):
        assert "예산이 늘었다" in client.get(page).content.decode()


def test_withdraw_and_put_away(draft, kim):
    propose_freeze(draft, version=1, by=account("lee"))
    kim.post(address(draft, "withdraw/"))
    assert Draft.objects.get().state == "writing"
    kim.post(address(draft, "discard/"))
    assert Draft.objects.get().state == "discarded"
    assert kim.post(address(draft, "text/"), {"version": 1, "text": "x"}).status_code == 302
    assert Draft.objects.get().version == 1
    assert "2024" in kim.get("/ko/office/programmes/yearly/").content.decode()
    assert re.search("put-away.*kim.*take-up/", kim.get(address(draft)).content.decode(), re.DOTALL)
    kim.post(address(draft, "take-up/"))
    assert Draft.objects.get().state == "writing"
    history = kim.get(address(draft, "versions/")).content.decode()
    assert all(said in history for said in ("확정 요청 철회", "폐기", "되살림"))


def test_programme_begins_with_its_officer():
    boss = account("boss", is_staff=True)
    client = signed_in(boss)
    assert client.post("/ko/office/programmes/", {"slug": "a b", "name_ko": "가"}).status_code == 200
    assert client.post("/ko/office/programmes/", {"slug": "new", "name_ko": "가"}).url == "/ko/office/programmes/new/"
    assert client.post("/ko/office/programmes/", {"slug": "new", "name_ko": "가"}).status_code == 200
    assert boss.roles.get().programme.slug == "new"


READ = ("", "text/", "forms/groups/", "criteria/1/", "versions/")
WRITE = ("restore/", "propose/", "approve/", "withdraw/", "discard/", "take-up/", "text/")


@pytest.mark.parametrize("who", [None, "stranger", "other", "entrant"])
def test_others_do_not_know_of_it(draft, who):
    other = Programme.objects.create(slug="other")
    with_role("other", other, "officer")
    with_role("entrant", prepared(), "observer")
    client = Client() if who is None else signed_in(who)
    expected = 302 if who is None else 404
    pages = ["/ko/office/programmes/yearly/", "/ko/office/programmes/yearly/drafts/new/", "/ko/office/programmes/"]
    for page in [*pages, *(address(draft, page) for page in READ)]:
        assert client.get(page).status_code == expected, page
    for page in WRITE:
        assert client.post(address(draft, page), {"version": 1}).status_code == expected, page
    assert Draft.objects.get().state == "writing"


def test_auditor_reads_and_changes_nothing(draft, programme):
    with_role("auditor", programme, "auditor")
    client = signed_in("auditor")
    assert [client.get(address(draft, page)).status_code for page in READ] == [200, 403, 403, 403, 200]
    assert {client.post(address(draft, page), {"version": 1}).status_code for page in WRITE} == {403}


def test_officer_of_one_round_amends_it_and_begins_no_other(programme):
    round_ = prepared(changed("[round]", '[round]\nprogramme = "yearly"'))
    with_role("park", round_, "officer")
    client = signed_in("park")
    assert client.post("/ko/office/rounds/small/amend/").status_code == 302
    assert client.get(address(Draft.objects.get())).status_code == 200
    assert client.get("/ko/office/rounds/small/clone/").status_code == 403
    assert client.get("/ko/office/rounds/small/").status_code == 200
    assert client.get("/ko/office/programmes/yearly/").status_code == 404
