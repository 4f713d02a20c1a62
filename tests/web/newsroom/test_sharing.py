"""Around an article, in a real browser: share, text size, reading aloud, films, print, and the other layout."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import expect
from wagtail.models import Site

from simsa.web.newsroom import sharing
from simsa.web.newsroom.blocks.telling import FRAMES
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, Correction, Imprint

SCRIPT = Path(finders.find("newsroom/article.js"))
VIEWS = [{"width": width} for width in ("phone", "desktop")]
TEXT = {
    "ko": ("북구, 상반기 우수 지방자치단체에 뽑혀", "첫 문장입니다. 둘째 문장입니다.", "전국 243곳 가운데 7곳"),
    "en": ("Buk-gu named an excellent local government", "A first sentence. A second one.", "One of seven among 243"),
}
# A voice that is quick, and notes what it was asked to say; `speak` answers when the page asks for the next.
VOICE = """(() => {
  window.heard = []; window.cancelled = 0;
  const voices = [{lang: "ko-KR", localService: true}, {lang: "en-US", localService: true}];
  class Utterance { constructor(text) { this.text = text; } }
  Object.defineProperty(window, "SpeechSynthesisUtterance", {value: Utterance});
  Object.defineProperty(window, "speechSynthesis", {value: {
    getVoices: () => voices,
    speak: one => { heard.push([one.text, one.lang, one.rate, one.voice && one.voice.lang]); window.saying = one; },
    cancel: () => { window.cancelled += 1; },
  }});
})()"""
NO_VOICE = (
    "delete window.SpeechSynthesisUtterance; Object.defineProperty(window, 'speechSynthesis', {value: undefined})"
)
SHEET = "navigator.share = said => { window.shared = said; return Promise.resolve(); }"
NO_SHEET = "Object.defineProperty(navigator, 'share', {value: undefined})"
CLIPBOARD = """Object.defineProperty(navigator, "clipboard", {value: {writeText: text => {
  window.copied = text; return Promise.resolve(); }}})"""


@pytest.fixture
def articles(write, picture, transactional_db):
    """One in each language, translations of each other, with everything that stands around an article."""
    Imprint.objects.create(site=Site.objects.get(), title="더코리아", publisher="이발행", youth_officer="박보호")
    author = Author.objects.create(slug="kim", name_ko="김기자", name_en="Kim Gija", role_ko="기자", role_en="Reporter")
    found, key = {}, {}
    for language, (title, text, subhead) in TEXT.items():
        body = [
            ("paragraph", f"<p>{text}</p>"),
            ("pull_figure", {"figure": "7", "label": "곳" if language == "ko" else "governments", "note": ""}),
            ("embed", {"address": "https://youtu.be/abcDEF12345", "title": "영상" if language == "ko" else "Film"}),
        ]
        article = write(
            title,
            language=language,
            published=False,
            body=body,
            subheads=[("subhead", subhead)],
            dateline="더코리아-광주 북구",
            region="2900000000",
            lead_picture=picture,
            lead_alt="밝은 데서 어두운 데로 가는 면",
            **key,
        )
        article.authors.add(ArticleAuthor(author=author))
        article.tags.add("적극행정")
        article.corrections.add(Correction(what="6 → 7"))
        article.save_revision().publish()
        found[language] = ArticlePage.objects.get(pk=article.pk)
        key = {"translation_key": article.translation_key}
    return found


def test_links_of_services_carry_the_public_address(articles):
    address = "https://news.example.kr/ko/a/?b=1&c"
    found = {service.name: urlsplit(service.url) for service in sharing.services(address, "제목 & 더")}
    assert {parts.hostname for parts in found.values()} == {"share.naver.com", "x.com"}
    for parts in found.values():
        said = parse_qs(parts.query)
        assert said["url"] == [address]
        assert said.get("title", said.get("text")) == ["제목 & 더"]


def test_nothing_is_asked_of_others_before_a_click(browser_page, articles, live_server):
    asked = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.goto(articles["ko"].url, wait_until="networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", VIEWS, indirect=True, ids=lambda view: view["width"])
def test_the_link_is_copied_by_keyboard_and_said(browser_page, articles):
    browser_page.add_init_script(f"{CLIPBOARD};{NO_SHEET}")
    browser_page.goto(articles["ko"].url)
    public = f"{settings.PUBLIC_URL}{articles['ko'].url}"
    browser_page.get_by_role("button", name="링크 복사").focus()
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".reading [role=status]")).to_have_text("링크를 복사했습니다.")
    assert browser_page.evaluate("copied") == public
    assert browser_page.get_by_role("button", name="앱으로 공유").count() == 0
    browser_page.get_by_role("button", name="카카오톡").click()
    expect(browser_page.locator(".reading [role=status]")).to_contain_text("카카오톡에 붙여")


def test_the_device_shares(browser_page, articles):
    browser_page.add_init_script(SHEET)
    browser_page.goto(articles["en"].url)
    for name in ("Share with an app", "KakaoTalk"):
        browser_page.evaluate("window.shared = null")
        browser_page.get_by_role("button", name=name).click()
        said = browser_page.evaluate("shared")
        assert said == {"title": TEXT["en"][0], "url": f"{settings.PUBLIC_URL}{articles['en'].url}"}


@pytest.mark.parametrize("browser_page", [{"javascript": False}], indirect=True)
def test_without_a_script_links_work_and_nothing_is_offered_that_does_not(browser_page, articles):
    browser_page.goto(articles["ko"].url)
    assert browser_page.locator(".reading button:visible, .reading input:visible").count() == 0
    assert browser_page.locator(".share a:visible").all_inner_texts() == ["네이버", "X"]
    assert browser_page.locator(".embed a").get_attribute("href") == "https://youtu.be/abcDEF12345"
    browser_page.get_by_role("link", name="모바일 버전으로 보기").click()
    assert browser_page.locator("body").bounding_box()["width"] == 430
    browser_page.get_by_role("link", name="PC 버전으로 보기").click()
    assert browser_page.locator("body").bounding_box()["width"] == 1280


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", VIEWS, indirect=True, ids=lambda view: view["width"])
def test_the_text_size_is_kept(browser_page, articles, screenshot, request):
    size = "parseFloat(getComputedStyle(document.querySelector('.article .body p')).fontSize)"
    browser_page.goto(articles["ko"].url)
    normal = browser_page.evaluate(size)
    sizes = browser_page.get_by_role("group", name="글자 크기")
    sizes.get_by_label("보통").focus()
    browser_page.keyboard.press("ArrowRight")
    browser_page.keyboard.press("ArrowRight")
    expect(sizes.get_by_label("더 크게")).to_be_checked()
    assert browser_page.evaluate(size) == 24 > normal
    browser_page.reload()
    assert browser_page.evaluate(size) == 24
    expect(browser_page.get_by_label("더 크게")).to_be_checked()
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(browser_page, f"news-article-large-{request.node.callspec.params['browser_page']['width']}")
    browser_page.get_by_label("작게").check()
    assert browser_page.evaluate(size) == 15


def test_an_article_is_read_aloud_by_keyboard(browser_page, articles, axe):
    browser_page.add_init_script(VOICE)
    browser_page.goto(articles["ko"].url)
    play = browser_page.locator("[data-do=play]")
    play.focus()
    browser_page.keyboard.press("Enter")
    expect(play).to_have_text("일시 정지")
    axe(browser_page)
    next_ = "saying.onend()"
    for _ in range(3):
        browser_page.evaluate(next_)
    heard = browser_page.evaluate("heard")
    assert [said[0] for said in heard] == [TEXT["ko"][0], TEXT["ko"][2], "첫 문장입니다.", "둘째 문장입니다."]
    assert {tuple(said[1:]) for said in heard} == {("ko", 1, "ko-KR")}
    expect(browser_page.locator(".said")).to_contain_text("첫 문장")
    browser_page.keyboard.press("Enter")
    expect(play).to_have_text("이어서 듣기")
    browser_page.evaluate(next_)  # what was cut off ends: it does not count as said
    browser_page.locator("[name=rate]").select_option("1.5")
    play.press("Enter")
    assert browser_page.evaluate("heard[heard.length - 1].slice(0, 3)") == ["둘째 문장입니다.", "ko", 1.5]
    browser_page.get_by_role("button", name="그만 듣기").press("Enter")
    expect(play).to_have_text("기사 읽어주기")
    expect(play).to_be_focused()
    assert browser_page.locator(".said").count() == 0
    play.press("Enter")
    assert browser_page.evaluate("heard[heard.length - 1][0]") == TEXT["ko"][0]
    while browser_page.evaluate("document.querySelector('.said') !== null"):
        browser_page.evaluate(next_)
    expect(browser_page.locator(".reading [role=status]")).to_have_text("기사를 모두 읽었습니다.")
    assert not any("youtu" in said[0] or "YouTube" in said[0] for said in browser_page.evaluate("heard"))


def test_a_voice_that_fails_is_said(browser_page, articles):
    browser_page.add_init_script(VOICE)
    browser_page.goto(articles["en"].url)
    browser_page.get_by_role("button", name="Read aloud").click()
    browser_page.evaluate("saying.onerror()")
    expect(browser_page.locator(".reading [role=status]")).to_contain_text("no voice")
    expect(browser_page.locator("[data-do=play]")).to_have_text("Read aloud")


def test_a_browser_without_a_voice_offers_none(browser_page, articles):
    browser_page.add_init_script(NO_VOICE)
    browser_page.goto(articles["ko"].url)
    expect(browser_page.locator(".size")).to_be_visible()
    expect(browser_page.locator(".aloud")).to_be_hidden()


def test_a_film_loads_when_it_is_asked_for(browser_page, articles):
    asked = []
    browser_page.route(
        "https://www.youtube-nocookie.com/**",
        lambda route: (
            asked.append((route.request.url, route.request.headers.get("referer"))),
            route.fulfill(status=200, content_type="text/html", body="<p>film</p>"),
        ),
    )
    browser_page.goto(articles["ko"].url)
    assert asked == []
    browser_page.locator(".embed a").focus()
    browser_page.keyboard.press("Enter")
    frame = browser_page.locator(".embed iframe")
    expect(frame).to_have_attribute("title", "영상")
    expect(frame).to_be_focused()
    browser_page.frame_locator(".embed iframe").locator("p").wait_for()
    assert [url for url, _site in asked] == ["https://www.youtube-nocookie.com/embed/abcDEF12345"]


def test_exactly_the_players_of_films_may_be_framed():
    policy = dict(part.strip().split(" ", 1) for part in settings.CONTENT_SECURITY_POLICY[""].split(";"))
    hosts = {f"https://{urlsplit(address).hostname}" for _name, address in FRAMES.values()}
    assert set(policy["frame-src"].split()) == hosts


@pytest.mark.parametrize("browser_page", [{"width": 660}], indirect=True)  # as wide as paper
def test_print_has_the_article_its_address_and_no_tools(browser_page, articles, screenshot):
    browser_page.goto(articles["ko"].url)
    browser_page.emulate_media(media="print")
    for hidden in (".reading", ".masthead nav", ".links", ".theme"):
        expect(browser_page.locator(hidden)).to_be_hidden()
    expect(browser_page.locator(".source")).to_contain_text(settings.PUBLIC_URL)
    screenshot(browser_page, "news-article-print")


def test_a_phone_shows_the_desktop_version_on_request(browser, live_server, articles, screenshot):
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.goto(articles["ko"].url)
    assert page.evaluate("innerWidth") == 390
    assert page.get_by_role("link", name="모바일 버전으로 보기").count() == 0
    page.get_by_role("link", name="PC 버전으로 보기").tap()
    expect(page.get_by_role("link", name="모바일 버전으로 보기")).to_be_visible()
    assert page.evaluate("innerWidth") == 1280
    page.goto("/ko/news/")  # remembered
    assert page.evaluate("innerWidth") == 1280
    screenshot(page, "news-phone-as-pc")
    page.get_by_role("link", name="모바일 버전으로 보기").tap()
    expect(page.get_by_role("link", name="PC 버전으로 보기")).to_be_visible()
    assert page.evaluate("innerWidth") == 390
    context.close()


def test_a_desktop_shows_the_mobile_version_on_request(browser_page, articles, axe, screenshot):
    nav = "getComputedStyle(document.querySelector('.masthead nav')).order"
    browser_page.goto(articles["en"].url)
    assert browser_page.evaluate(nav) == "0"
    assert browser_page.get_by_role("link", name="Desktop version").count() == 0
    browser_page.get_by_role("link", name="Mobile version").focus()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("link", name="Desktop version")).to_be_visible()
    assert browser_page.locator("body").bounding_box()["width"] == 430
    assert browser_page.evaluate(nav) == "4"  # the layout of a phone, not a narrow desktop
    axe(browser_page)
    screenshot(browser_page, "news-desktop-as-mobile")
    browser_page.goto("/en/news/")  # remembered
    assert browser_page.evaluate("document.body.getBoundingClientRect().width") == 430
    browser_page.get_by_role("link", name="Desktop version").click()
    expect(browser_page.get_by_role("link", name="Mobile version")).to_be_visible()
    assert browser_page.locator("body").bounding_box()["width"] == 1280
    assert browser_page.evaluate(nav) == "0"


def test_the_script_is_small():
    assert len(SCRIPT.read_bytes()) <= 6_000
    assert not re.search(r"https?://", SCRIPT.read_text(encoding="utf-8"))
