"""A reviewer from the letter to the receipt in a real browser, and through everything that can happen to a network."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from simsa.record.receipts import Receipt
from simsa.web.entries.files import spool
from simsa.web.entries.files.storage import COPY, ORIGINAL, page_part, put
from simsa.web.entries.files.uploads import add_file
from simsa.web.entries.services import save_fields, submit_entry
from simsa.web.panel.models import Meeting, Procedure, Sheet, SheetDraft, Slot
from simsa.web.panel.scoring.own import in_running_order
from simsa.web.panel.services import assign_as_given, close_round, replace, take_up, withdraw
from simsa.web.panel.services.drafting import save_draft, values_of
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import invite
from tests.browser import reach
from tests.rules.small import SMALL, changed
from tests.web.entries.pictures import noise
from tests.web.panel.meetings import RULES as MEETS
from tests.web.panel.meetings import WHO, in_session, item, member
from tests.web.panel.rounds import ENTRIES, prepared
from tests.web.people import PASSWORD, account, links_of_letters, signed_in, with_role

pytestmark = pytest.mark.django_db(transaction=True)
RULES = changed(
    'id = "idea"',
    'id = "idea"\nname = { ko = "창의성", en = "Originality" }\n'
    'description = { ko = "새롭고 다른 곳에서도 쓸 수 있는가", en = "Is it new, and of use elsewhere?" }',
    changed('id = "work"', 'id = "work"\nname = { ko = "추진 노력", en = "Effort" }', SMALL),
)
TEXT = "광융합 무역촉진단을 두 차례 운영하여 지역 기업 24곳의 수출 상담을 도왔다. "
WORDS = {
    "ko": {"accept": "계정을 만들고 수락", "name": "이름", "password": "비밀번호", "submit": "이 채점표 제출",
           "saved": "저장됨", "receipt": "접수증", "sign": "서명하고 제출", "recuse": "이 실적 심사 회피",
           "kin": "친족", "step": "본인이", "kept": "보관"},
    "en": {"accept": "Open the account and accept", "name": "Name", "password": "Password",
           "submit": "Submit this sheet", "saved": "saved", "receipt": "Receipt", "sign": "Sign and submit",
           "recuse": "Step back from this entry", "kin": "Kin", "step": "myself", "kept": "kept"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Files of each test lie in folders of its own."""
    for name in ("uploads", "evidence"):
        (tmp_path / name).mkdir(mode=0o700)
    settings.UPLOADS = tmp_path / "uploads"
    kept = settings.STORAGES["evidence"]
    options = {**kept["OPTIONS"], "location": tmp_path / "evidence"}
    settings.STORAGES = {**settings.STORAGES, "evidence": {**kept, "OPTIONS": options}}


def round_with_entries(rules: str = RULES) -> Round:
    """Everybody handed something in, and the reviewer p scores it all."""
    round_ = prepared(rules)
    for entry in round_.entries.select_related("entrant", "round__log", "round__programme"):
        save_fields(entry, {"text/idea": TEXT * 6, "text/work": TEXT * 9}, {}, actor="person/1")
        file = SimpleUploadedFile("a.png", noise(40))
        evidence = add_file(entry, account("entrant"), file, "idea")
        picture = spool.path_of(evidence.pk).with_name("page.webp")
        Image.new("RGB", (600, 800), "white").save(picture)
        for part, path in ((ORIGINAL, spool.path_of(evidence.pk)), (COPY, picture), (page_part(1), picture)):
            put(evidence, part, path)
        evidence.state, evidence.cleaned, evidence.pages, evidence.text = "ready", True, [[600, 800]], "상담 24건"
        evidence.save()
        submit_entry(entry, with_missing=True, actor="person/1")
    assign_as_given(round_, [(entry, "p") for entry, _ in ENTRIES])
    round_.refresh_from_db()
    return round_


def enter(context: BrowserContext, name: str, address: str) -> None:
    cookie = settings.SESSION_COOKIE_NAME
    value = signed_in(name).cookies[cookie].value
    context.add_cookies([{"name": cookie, "value": value, "url": address}])


def within(page: Page) -> None:
    """The page is no wider than the screen."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room


def ready(page: Page) -> None:
    """The script of the sheet is at work, however busy the machine is."""
    expect(page.locator("html[data-panel=ready]")).to_have_count(1, timeout=30_000)


def until(true, what: str = "it never happened") -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.fixture
def device(browser: Browser, live_server) -> Iterator[BrowserContext]:
    """A browser of the reviewer p, who is called kim, in a round of entries."""
    round_ = round_with_entries()
    with_role("kim", round_, "reviewer", "p")
    context = browser.new_context(base_url=live_server.url, locale="ko-KR", timezone_id="Asia/Seoul")
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    enter(context, "kim", live_server.url)
    yield context
    context.close()
    assert problems == []


def slots() -> list[Slot]:
    return in_running_order(Round.objects.get(), {"p"})


def drafted(slot: Slot) -> dict[str, str]:
    return values_of(Slot.objects.get(pk=slot.pk))


def sheet(context: BrowserContext, slot: Slot) -> Page:
    page = context.new_page()
    page.goto(f"/ko/panel/sheets/{slot.name}/")
    ready(page)
    return page


@pytest.mark.takes_long
@pytest.mark.repeats
@pytest.mark.parametrize(
    ("browser_page", "language"),
    [
        pytest.param({"width": width, "language": f"{language}-{'KR' if language == 'ko' else 'GB'}"}, language)
        for width, language in (("phone", "ko"), ("desktop", "en"), ("phone", "en"), ("desktop", "ko"))
    ],
    indirect=["browser_page"],
    ids=("phone-ko", "desktop-en", "phone-en", "desktop-ko"),
)
def test_from_the_letter_to_the_receipts_by_keyboard(browser_page, language, axe, screenshot):
    """Without a mouse, and for a while without a network."""
    page, words = browser_page, WORDS[language]

    def sound():
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # the bar below covers nothing there
        axe(page)
        within(page)

    def looked_at(name):
        sound()
        screenshot(page, f"panel-{name}-{language}-{page.viewport_size['width']}")

    def press(target):
        reach(target)
        page.keyboard.press("Enter")

    round_ = round_with_entries()
    invite(round_.programme, round_, "reviewer", "kim@example.kr", "p", language=language)
    (link,) = links_of_letters()
    page.goto(link)
    looked_at("invitation")
    for label, text in (("name", "김위원"), ("password", PASSWORD)):
        reach(page.get_by_label(words[label], exact=True))
        page.keyboard.type(text)
    press(page.get_by_role("button", name=words["accept"]))
    page.wait_for_url("**/panel/sheets/**")  # the first entry, without another step
    ready(page)
    looked_at("sheet")
    first, second, third = slots()[:3]
    state = page.locator(".sheet-state")
    reach(page.locator("#m-idea"))
    page.keyboard.type("7.5")
    reach(page.locator("[data-leaf=work] .mark-slider"))
    page.keyboard.press("9")  # goes on into the field
    expect(page.locator("#m-work")).to_have_value("9")
    until(lambda: drafted(first) == {"mark/idea": "7.5", "mark/work": "9"})
    expect(state).to_contain_text(words["saved"])
    page.context.set_offline(True)
    press(page.locator("[data-leaf=work] summary"))
    reach(page.locator("[name='comment/work']"))
    page.keyboard.type("현장을 더 보아야 한다")
    expect(state).to_contain_text(words["kept"])
    looked_at("offline")
    assert drafted(first) == {"mark/idea": "7.5", "mark/work": "9"}
    page.context.set_offline(False)
    until(lambda: drafted(first).get("comment/work") == "현장을 더 보아야 한다")
    expect(state).to_contain_text(words["saved"])
    page.locator("#m-idea").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("7.3")
    expect(page.locator("#m-idea-fault")).not_to_be_empty()
    sound()
    press(page.get_by_role("button", name=words["submit"]))
    page.wait_for_url("**?check=1#sheet")
    ready(page)
    looked_at("refused")
    reach(page.locator("#m-idea"))
    page.keyboard.press("Control+A")
    page.keyboard.type("7")
    for goal in ("m-work", ""):  # from mark to mark, and on to the button
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == goal
    page.keyboard.press("Enter")
    page.wait_for_url("**#submitted")
    ready(page)
    looked_at("submitted")
    assert Sheet.objects.get().by_leaf == {"idea": "7", "work": "9"}
    with page.expect_download() as kept:
        press(page.get_by_role("link", name=words["receipt"], exact=True))
    assert Receipt.parse(kept.value.path().read_bytes()).opening.values["mark/work"] == "9"
    page.goto(f"/{language}/panel/sheets/{second.name}/")
    ready(page)
    reach(page.locator("#m-idea-why"))
    page.locator("#m-idea-why").select_option("abstained")  # no key is the same in all systems
    reach(page.locator("#m-work"))
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    until(lambda: drafted(second) == {"mark/idea": "abstained", "mark/work": "3"})
    expect(state).to_contain_text(words["saved"])  # the device knows it, too, and the next page is not made anew
    page.goto(f"/{language}/panel/sheets/{third.name}/")
    ready(page)
    press(page.locator("summary", has_text=words["recuse"]))
    looked_at("stepping-back")
    press(page.get_by_role("button", name=words["kin"]))
    expect(page.locator("[data-state=recused]")).to_have_count(1)  # the page as it is now
    ready(page)
    looked_at("stepped-back")
    assert Procedure.objects.get().kind == "withdrawal"
    page.goto(f"/{language}/panel/rounds/small/")
    ready(page)
    looked_at("own")
    press(page.get_by_role("link", name=words["sign"]))
    page.wait_for_url("**/rounds/small/sign/")
    ready(page)
    looked_at("sign")
    reach(page.get_by_label(words["step"]))
    page.keyboard.press("Space")
    press(page.get_by_role("button", name=words["sign"]))
    page.wait_for_url("**/rounds/small/")
    assert Sheet.objects.count() == 3
    assert first.name in page.content()


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_a_network_that_is_cut_in_the_middle_of_many_edits_loses_none(device, seed):
    chance, slot = random.Random(seed), slots()[0]
    page = sheet(device, slot)
    wanted: dict[str, str] = {}

    def lose(route):
        """Some requests get there, and their answers do not come back."""
        if chance.random() < 0.4:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/draft/", lose)
    for n in range(50):
        if chance.random() < 0.2:
            device.set_offline(n % 2 == 0)
        page.wait_for_timeout(chance.choice([0, 0, 0, 300]))
        name = chance.choice(["mark/idea", "mark/work", "comment/idea", "comment/work"])
        text = str(chance.randrange(4) / 2) if name.startswith("mark") else f"의견 {n}"
        page.locator(f"[name='{name}']").evaluate("(one, text) => { one.value = text; }", text)
        page.locator(f"[name='{name}']").dispatch_event("input")
        wanted[name] = text
    device.set_offline(False)
    page.unroute("**/draft/")
    page.locator("#m-idea").focus()
    page.locator("#m-idea").blur()  # does not wait for the next try
    until(lambda: drafted(slot) == wanted, "what was written is not there")
    assert page.locator(".sheet-clash").count() == 0  # one device does not differ from itself
    expect(page.locator(".sheet-state")).to_contain_text("저장됨")


def test_a_tab_that_dies_without_a_network_opens_again_with_all_that_was_kept(device):
    slot = slots()[0]
    page = sheet(device, slot)
    until(lambda: page.evaluate("caches.open('simsa-panel').then(kept => kept.keys()).then(found => found.length)") > 2)
    device.set_offline(True)
    page.locator("#m-idea").fill("6.5")
    expect(page.locator(".sheet-state")).to_contain_text("보관")
    page.close(run_before_unload=False)
    again = sheet(device, slot)  # from the device
    expect(again.locator("#m-idea")).to_have_value("6.5")
    expect(again.locator("#entry")).to_contain_text("광융합")
    again.locator(".seen-pages summary").click()
    assert again.evaluate("new Promise(done => { const one = document.querySelector('.seen-pages img');"
                          "const told = () => done(one.naturalWidth); if (one.complete) told(); else one.onload = told; })") > 0  # fmt: skip # noqa: E501
    again.locator("#m-work").fill("2")
    expect(again.locator(".sheet-state")).to_contain_text("보관")
    again.locator(".sheet-around [rel=next]").click()  # the next one is there, too
    again.wait_for_url(f"**/{slots()[1].name}/")
    ready(again)
    again.locator("#m-idea").fill("10")
    expect(again.locator(".sheet-state")).to_contain_text("보관")
    again.close(run_before_unload=False)
    assert "6.5" not in on_disk(device, "sheets")
    device.set_offline(False)
    last = device.new_page()
    last.goto("/ko/panel/rounds/small/")  # whichever page is opened sends what waits
    until(lambda: drafted(slots()[1]) == {"mark/idea": "10"})
    assert drafted(slot) == {"mark/idea": "6.5", "mark/work": "2"}
    first, second = (SheetDraft.objects.get(slot=one).saved_at for one in slots()[:2])
    assert first < second  # in the order in which they were written
    expect(last.locator(f"[data-slot='{slot.name}'] .badge").first).to_contain_text("저장됨")


def test_stepping_back_without_a_network_is_kept_can_be_undone_and_is_told_later(device):
    slot = slots()[0]
    page = sheet(device, slot)
    page.locator("#m-idea").fill("4")
    until(lambda: drafted(slot) == {"mark/idea": "4"})
    device.set_offline(True)
    for undone in (True, False):
        page.locator(".sheet-withdraw summary").click()
        page.locator("#more").fill("처남")
        page.locator("[name=reason][value=kin]").click()
        expect(page.locator(".sheet-recused")).to_be_visible()
        expect(page.locator(".sheet-state")).to_contain_text("보관")
        expect(page.locator("#m-idea")).not_to_be_visible()
        if undone:
            page.locator(".sheet-undo").click()
            expect(page.locator("#m-idea")).to_have_value("4")
            page.locator(".sheet-withdraw summary").click()
    device.set_offline(False)
    until(lambda: Procedure.objects.filter(kind="withdrawal").exists())
    expect(page.locator("[data-state=recused]")).to_have_count(1)
    ready(page)
    assert Procedure.objects.get().reason.endswith(": 처남")
    assert Slot.objects.get(pk=slot.pk).status == "recused"
    assert on_disk(device, "sheets") == ""


def on_disk(context: BrowserContext, store: str) -> str:
    """What a script can read of a store."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto("/static/simsa/favicon.svg")
    return page.evaluate(
        """store => new Promise(done => { const asked = indexedDB.open('simsa-panel');
        asked.onsuccess = () => { const found = asked.result.transaction(store).objectStore(store).getAll();
        found.onsuccess = () => { asked.result.close();
        done(found.result.map(one => new TextDecoder('latin1').decode(one.data)).join('|')); } } })""",
        store,
    )


def test_two_devices_overwrite_nothing_unseen(device, browser, live_server):
    slot = slots()[0]
    other = browser.new_context(base_url=live_server.url, locale="ko-KR")
    enter(other, "kim", live_server.url)
    one, two = sheet(device, slot), sheet(other, slot)
    one.locator("#m-idea").fill("1")
    one.locator("#m-work").fill("2")
    expect(one.locator(".sheet-state")).to_contain_text("저장됨")
    two.locator("#m-idea").fill("9")
    clash = two.locator(".sheet-clash")
    expect(clash).to_contain_text("1")
    assert drafted(slot) == {"mark/idea": "1", "mark/work": "2"}
    expect(two.locator("#m-work")).to_have_value("2")  # what only the other changed comes by itself
    two.goto("/ko/panel/rounds/small/")  # the list says what happened, and what to do
    ready(two)
    why = two.locator(f"[data-slot='{slot.name}'] .sheet-why")
    expect(why).to_contain_text("골라")
    two.go_back()  # the question stays
    ready(two)
    expect(clash).to_have_count(1)
    clash.get_by_role("button").nth(1).click()
    until(lambda: drafted(slot) == {"mark/idea": "9", "mark/work": "2"})
    one.locator("#m-work").fill("3")
    expect(one.locator("#m-idea")).to_have_value("9")
    until(lambda: drafted(slot) == {"mark/idea": "9", "mark/work": "3"})
    other.close()


@pytest.mark.long
def test_two_tabs_show_the_same_and_overwrite_nothing_unseen(device):
    slot = slots()[0]
    one, two = sheet(device, slot), sheet(device, slot)
    one.locator("#m-idea").fill("1")
    expect(two.locator("#m-idea")).to_have_value("1")
    two.locator("#m-work").fill("2")
    expect(one.locator("#m-work")).to_have_value("2")
    until(lambda: drafted(slot) == {"mark/idea": "1", "mark/work": "2"})
    device.set_offline(True)
    one.locator("#m-idea").fill("3")
    expect(one.locator(".sheet-state")).to_contain_text("보관")
    two.locator("#m-work").fill("4")
    one.close(run_before_unload=False)
    device.set_offline(False)
    until(lambda: drafted(slot) == {"mark/idea": "3", "mark/work": "4"})


def test_a_clock_that_is_wrong_by_a_day_decides_nothing(browser, live_server):
    round_ = round_with_entries()
    with_role("kim", round_, "reviewer", "p")
    slot = slots()[0]
    for days in (-1, 1):
        context = browser.new_context(base_url=live_server.url, locale="ko-KR")
        enter(context, "kim", live_server.url)
        context.clock.set_fixed_time(time.time() * 1000 + days * 86_400_000)
        page = sheet(context, slot)
        shown = page.locator(".sheet-now").inner_text()
        page.locator("#m-idea").fill(str(5 + days))
        until(lambda expected=str(5 + days): drafted(slot).get("mark/idea") == expected)
        at = SheetDraft.objects.get().saved_at.astimezone()
        assert abs(at.hour * 60 + at.minute - int(shown[:2]) * 60 - int(shown[3:5])) % 1440 <= 1
        context.close()


def test_what_was_kept_when_the_time_was_over_is_shown_and_can_be_saved(device, axe, screenshot):
    slot = slots()[0]
    page = sheet(device, slot)
    page.locator("#m-idea").fill("4")
    until(lambda: drafted(slot) == {"mark/idea": "4"})
    device.set_offline(True)
    page.locator("#m-work").fill("8")
    expect(page.locator(".sheet-state")).to_contain_text("보관")
    close_round(Round.objects.get())
    device.set_offline(False)
    told = page.locator(".sheet-refused")
    expect(told).to_contain_text("접수되지 않음")
    expect(told).to_contain_text("8")
    axe(page)
    screenshot(page, "panel-over-ko")
    with page.expect_download() as kept:
        told.get_by_role("link").click()
    assert "추진 노력: 8" in kept.value.path().read_text()
    assert drafted(slot) == {"mark/idea": "4"}
    page.reload()
    ready(page)
    expect(told).to_contain_text("8")


@pytest.fixture
def bindable(browser: Browser, live_server) -> Iterator[tuple[BrowserContext, Meeting]]:
    """A browser of the reviewer p in a round whose panel is about to discuss a1, on which p submitted nothing."""
    meeting = in_session(MEETS, agenda=("a1",), make=round_with_entries)
    with_role("kim", meeting.round, "reviewer", "p")
    context = browser.new_context(base_url=live_server.url, locale="ko-KR", timezone_id="Asia/Seoul")
    enter(context, "kim", live_server.url)
    yield context, meeting
    context.close()


def kept_until_discussed(context: BrowserContext, meeting: Meeting, write) -> Slot:
    """What was written on p's sheet of a1 without a network, which is back after the discussion began."""
    slot = Slot.objects.get(entry__entrant__code="a1", reviewer__code="p")
    page = sheet(context, slot)
    context.set_offline(True)
    write(page)
    expect(page.locator(".sheet-state")).to_contain_text("보관")
    page.close(run_before_unload=False)
    take_up(item(meeting, "a1"), by=[member(meeting, "p")], actor=WHO)
    context.set_offline(False)
    return Slot.objects.select_related("entry").get(pk=slot.pk)


def step_back_without_network(page: Page) -> None:
    page.locator(".sheet-withdraw summary").click()
    page.locator("[name=reason][value=kin]").click()


def test_stepping_back_that_was_kept_is_told_after_the_entry_was_discussed(bindable):
    context, meeting = bindable
    slot = kept_until_discussed(context, meeting, step_back_without_network)
    page = sheet(context, slot)
    until(lambda: Procedure.objects.filter(kind="withdrawal").exists(), "the withdrawal never arrived")
    expect(page.locator("#panel[data-state=recused]")).to_have_count(1)
    ready(page)
    assert on_disk(context, "sheets") == ""


def test_what_a_meeting_refuses_says_so_and_is_discarded_by_keyboard(bindable, axe):
    context, meeting = bindable
    slot = kept_until_discussed(context, meeting, lambda page: page.locator("#m-idea").fill("4"))
    page, other = sheet(context, slot), sheet(context, slot)
    told = page.locator(".sheet-refused")
    expect(told).to_contain_text("회의에서 사유를 밝혀야만")
    expect(told).not_to_contain_text("채점표를 받고 있습니다")
    expect(other.locator("#m-idea")).to_have_value("4")
    axe(page)
    asked: list[str] = []
    answers = [False, True]

    def answer(dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if answers[len(asked) - 1] else dialog.dismiss()

    page.on("dialog", answer)
    discard = told.get_by_role("button", name="보관된 내용 폐기")
    discard.press("Enter")
    expect(told).to_contain_text("4")
    assert on_disk_without_leaving(page) == 1
    discard.press("Enter")
    for one in (page, other):  # another page of the same sheet keeps nothing either
        expect(one.locator(".sheet-refused")).to_be_hidden()
        expect(one.locator("#m-idea")).to_have_value("")
        ready(one)
    assert len(asked) == 2
    page.reload()
    ready(page)
    expect(told).to_be_hidden()
    assert on_disk(context, "sheets") == ""


def on_disk_without_leaving(page: Page) -> int:
    """How many sheets the device keeps."""
    return page.evaluate("Device.slots().then(found => found.length)")


def complete_elsewhere() -> None:
    for slot in slots()[1:]:
        save_draft(slot, {"mark/idea": "3", "mark/work": "2"}, 0)


def sign_all(page: Page) -> None:
    page.goto("/ko/panel/rounds/small/sign/")
    ready(page)
    page.locator("#signed").check()
    page.locator("#sign-form button").press("Enter")


def test_what_can_never_be_sent_holds_up_no_signature(device):
    slot, first = slots()[:2]
    page = sheet(device, slot)
    device.set_offline(True)
    page.locator("#m-idea").fill("4")
    expect(page.locator(".sheet-state")).to_contain_text("보관")
    withdraw(slot.entry, slot.reviewer, "친족", actor=WHO)
    replace(Round.objects.get(), [(slot.pk, "q")], actor=WHO)
    complete_elsewhere()
    page.close(run_before_unload=False)
    device.set_offline(False)
    page = device.new_page()
    sign_all(page)
    until(lambda: Sheet.objects.exclude(slot=slot).count() == 5)
    assert Sheet.objects.filter(slot=first).exists()
    expect(page).to_have_url(re.compile("/rounds/small/$"))


def test_nobody_signs_a_sheet_of_which_the_last_was_refused(device):
    first = slots()[1]
    complete_elsewhere()
    page = sheet(device, first)
    page.route("**/draft/", lambda route: route.fulfill(status=400, json={"error": "너무 깁니다."}))
    page.locator("#m-idea").fill("4")
    expect(page.locator(".sheet-refused")).to_contain_text("너무 깁니다.")
    sign_all(page)
    expect(page.locator(".sheet-state")).to_contain_text("너무 깁니다.")
    assert not Sheet.objects.exists()


def test_signing_out_leaves_nothing_on_the_device(device):
    slot = slots()[0]
    page = sheet(device, slot)
    page.locator("#m-idea").fill("4")
    until(lambda: drafted(slot) == {"mark/idea": "4"})
    until(lambda: page.evaluate("caches.open('simsa-panel').then(kept => kept.keys()).then(found => found.length)") > 0)
    page.locator(".masthead form button").click()
    page.wait_for_url("**/ko/")
    kept = "caches.has('simsa-panel').then(there => there ? caches.open('simsa-panel').then(one => one.keys()) : [])"
    assert page.evaluate(f"{kept}.then(found => found.length)") == 0
    assert page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))") == []


def test_what_was_submitted_is_gone_from_the_device(device):
    slot = slots()[0]
    page = sheet(device, slot)
    page.locator("#m-idea").fill("4")
    page.locator("#m-work").fill("5")
    until(lambda: drafted(slot) == {"mark/idea": "4", "mark/work": "5"})
    page.get_by_role("button", name="이 채점표 제출").click()
    page.wait_for_url("**#submitted")
    ready(page)
    assert on_disk(device, "sheets") == ""
    assert (
        page.evaluate(
            "caches.open('simsa-panel').then(kept => kept.keys()).then(found => found.map(one => one.url))"
        ).count(f"/sheets/{slot.name}/")
        == 0
    )
