"""Every public template in a real browser, in both languages, at every width and in both schemes.

A page is loaded once in each language; width, scheme and size of text then change under it. A template that none of the
visits shows fails the test, so whoever adds one adds a visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site_settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.test.signals import template_rendered
from django.urls import path
from django.utils import timezone
from playwright.sync_api import Page
from wagtail.models import PageViewRestriction, Site

from simsa import web
from simsa.web.awards.models import Result
from simsa.web.awards.services import start_selection
from simsa.web.newsroom.lists import PER_PAGE
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, Correction, Imprint, SectionPage
from simsa.web.newsroom.tasks import make_renditions
from simsa.web.programmes.services import publish_round
from simsa.web.public import public_form
from simsa.web.site import urls
from tests.browser import AXE_OPTIONS
from tests.web.panel.rounds import scored

ROUND = "rounds/proactive-2023-h1/"
FILM = "https://youtu.be/abcDEF12345"
PASSWORD = "a-long-enough-one"
EDITORS = ("newsroom/desk/", "wagtailadmin/")
"""Templates inside the editors' rooms of Wagtail, which has the frame and the look; tests of the newsroom open them."""
BARE = ("400", "500")
"""Pages in both languages at once, without the frame of the others: what makes it may be what failed."""
SEPARATE = (
    "office/",
    "letters/",
    "accounts/",
    "account/",
    "allauth/",
    "mfa/",
    "socialaccount/",
    "entries/",
    "api/",
    "panel/",
    "votes/",
)
"""What is seen after signing in: the journeys of officers and entrants walk through it."""

Visit = tuple[str, str | Callable[[Page], object]]


@public_form
def failing(request, code):
    raise RuntimeError("on purpose")


@public_form
def refused(request, code):
    raise PermissionDenied


handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
urlpatterns = [path("<str:code>/failing/", failing), path("<str:code>/refused/", refused), *urls.urlpatterns]


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that were used so far."""
    names: set[str] = set()

    def note(sender: Any, template: Any, **_rest: Any) -> None:
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def public_templates() -> set[str]:
    folders = Path(web.__file__).parent.glob("*/templates")
    names = {file.relative_to(folder).as_posix() for folder in folders for file in folder.rglob("*.html")}
    return {name for name in names if not name.startswith((*EDITORS, *SEPARATE))}


@pytest.fixture
def site(transactional_db, settings, example, write, sections, picture):
    """A site that has all that there is to show."""
    cache.clear()
    settings.WEATHER, settings.ROOT_URLCONF = "recorded", __name__
    Imprint.objects.create(
        site=Site.objects.get(),
        title="더코리아",
        registration="광주 아00001",
        registered_on=datetime(2014, 1, 2, tzinfo=UTC),
        issued_since=datetime(2014, 2, 3, tzinfo=UTC),
        publisher="이발행",
        editor="최편집",
        youth_officer="박보호",
        address="광주광역시 북구",
        telephone="062-000-0000",
        email="desk@example.kr",
        privacy="보관하지 않습니다.",
    )
    author = Author.objects.create(
        slug="kim", name_ko="김기자", name_en="Kim Gija", role_ko="기자", role_en="Reporter", email="kim@example.kr"
    )
    code = example.entries.get(entrant__name_ko__endswith="완주군").entrant.code
    for number in range(PER_PAGE):
        for language, section in sections.items():
            word = {"ko": "소식", "en": "News"}[language]
            article = ArticlePage(title=f"{word} {number}", slug=f"n{number}", live=True, region="2900000000")
            article.first_published_at = article.last_published_at = timezone.now()
            section.add_child(instance=article)
    found = {}
    for language in sections:
        found[language] = _article(write, language, example, picture, code, author)
        other = SectionPage(title="해설" if language == "ko" else "Explained", slug=f"explained-{language}")
        sections[language].get_parent().add_child(instance=other)
        closed = write("닫힌 기사" if language == "ko" else "A closed article", "-", language=language, slug="closed")
        PageViewRestriction.objects.create(page=closed, restriction_type="password", password=PASSWORD)
    make_renditions.func(picture.pk)
    yield found
    cache.clear()  # what other tests would find of it


def _article(write, language, round_, picture, code, author):
    """With every block, and everything that stands around an article."""
    ko = language == "ko"
    seen = "밝은 데서 어두운 데로 가는 면" if ko else "A plane from light to dark"
    caption = "그림 설명" if ko else "What the picture tells"
    shown = {"picture": picture, "alt": seen, "caption": caption}
    words = "첫 문장입니다. 둘째 문장입니다." if ko else "A first sentence. A second one."
    article = write(
        "북구, 상반기 우수 지방자치단체에 뽑혀" if ko else "Buk-gu named an excellent local government",
        language=language,
        published=False,
        slug="whole",
        body=[
            (
                "paragraph",
                f'<p>{words} <b>{words}</b> <a href="https://example.kr/">{caption}</a><sup>2</sup></p>'
                f"<ul><li>{words}</li></ul><ol><li>{words}</li><li>{words}</li></ol>",
            ),
            ("heading", "무엇이 달라졌나" if ko else "What changed"),
            (
                "quote",
                {"words": words, "speaker": "김민원" if ko else "Kim Minwon", "role": "주민" if ko else "resident"},
            ),
            ("pull_figure", {"figure": "7", "label": "곳" if ko else "governments", "note": caption}),
            ("picture", shown),
            ("gallery", {"pictures": [shown, shown]}),
            ("embed", {"address": FILM, "title": "영상" if ko else "Film"}),
            ("winners", {"caption": caption}),
            ("result_map", {"caption": caption}),
            ("entrant_chart", {"entrant": code, "caption": caption}),
            (
                "case",
                {
                    "title": "광융합 무역촉진단" if ko else "A trade mission",
                    "entrant": code,
                    "text": words,
                    "outcomes": [{"label": "수출" if ko else "Exports", "figure": "120"}],
                },
            ),
        ],
        subheads=[("subhead", words)],
        dateline="더코리아-광주 북구",
        region="2900000000",
        round=round_,
        lead_picture=picture,
        lead_alt=seen,
        lead_caption=caption,
    )
    article.authors.add(ArticleAuthor(author=author))
    article.tags.add("public" if not ko else "적극행정")
    article.entrants.add(round_.entries.get(entrant__code=code).entrant)
    article.corrections.add(Correction(what="6 → 7"))
    article.save_revision().publish()
    return ArticlePage.objects.get(pk=article.pk)


def visits(language: str, article: ArticlePage, user: Any) -> Iterator[Visit]:
    """Names and addresses, or what to do to get there, in an order in which one may lead to the next."""
    ko, root = language == "ko", f"/{language}/"
    today = timezone.localtime(article.first_published_at)
    for name, address in {
        "front": "",
        "method": "method/",
        "news": "news/",
        "news of a region": "news/?region=2900000000&page=2",
        "no news": "news/?region=1100000000",
        "tag": "news/tags/적극행정/" if ko else "news/tags/public/",
        "author": "authors/kim/",
        "empty section": f"explained-{language}/",
        "archive": "news/archive/",
        "archive of a year": f"news/archive/{today:%Y}/",
        "archive of a month": f"news/archive/{today:%Y/%m}/",
        "archive of a day": f"news/archive/{today:%Y/%m/%d}/",
        "search": "news/search/",
        "search with results": "news/search/?q=" + ("문장" if ko else "sentence"),
        "search without results": "news/search/?q=zzz",
        "imprint": "imprint/",
        "privacy": "privacy/",
        "weather": "weather/",
        "rounds": "rounds/",
        "round": f"{ROUND}?group=광역",
        "no entrant": f"{ROUND}?q=없음",
        "entrant": f"{ROUND}entries/4155000000/",
        "rules": f"{ROUND}rules/",
        "404": "nowhere/",
        "403": "refused/",
        "400": "news/search/?q=%00",
        "500": "failing/",
        "login": "account/login/",
        "reset": "account/password/reset/",
        "reset sent": "account/password/reset/sent/",
        "reset with an old link": "account/password/reset/key/1-old/",
        "reset done": "account/password/reset/done/",
    }.items():
        yield name, root + address
    yield "article", article.url
    yield "section", article.get_parent().url
    yield "closed page", f"{article.get_parent().url}closed/"
    yield "closed page, wrong password", lambda page: _send(page, password="wrong")
    yield (
        "login, wrong password",
        lambda page: (
            page.goto(f"{root}account/login/"),
            _send(page, login="reader@example.kr", password="wrong"),
        ),
    )
    yield "form without its token", lambda page: (page.context.clear_cookies(), _send(page, password="wrong"))
    round_ = publish_round(scored())
    yield "round to come", f"{root}rounds/small/"
    start_selection(round_)
    yield "round being computed", f"{root}rounds/small/"
    Result.objects.filter(round=round_).update(status=Result.Status.FAILED, error="on purpose")
    yield "round that failed", f"{root}rounds/small/"


def visits_signed_in(language: str, article: ArticlePage, user: Any) -> Iterator[Visit]:
    root = f"/{language}/"
    yield "editors' room without the role", f"{root}account/login/?next=/cms/"
    yield "password", f"{root}account/password/"
    yield "password, wrong", lambda page: _send(page, oldpassword="wrong", password1="1", password2="2")
    user.is_superuser = True
    user.save()
    yield "round as staff", f"{root}rounds/small/"
    yield "background work", f"{root}office/background/"
    yield "preview of an article", f"/cms/pages/{article.pk}/view_draft/"


def _send(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main form button").click()
    page.wait_for_load_state()


SAID = """() => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(one => +one.tagName[1]);
  return [
    ...(levels.filter(level => level === 1).length === 1 ? [] : ['not one first heading']),
    ...levels.filter((level, at) => at > 0 && level > levels[at - 1] + 1).map(level => `skips to h${level}`),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => `#${id} twice`),
    ...[...document.querySelectorAll('img:not([alt])')].map(one => `${one.src} without alt`),
  ];
}"""
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
NO_SKIP = "document.activeElement.className !== 'skip' && !document.querySelector('[autofocus]')"
STOPS = """() => {
  const found = [];
  const name = one => one.outerHTML.slice(0, 80);
  const all = [...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]')]
    .filter(one => one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}) && one.type !== 'hidden');
  const inside = (value, most) => Math.min(Math.max(value, 1), most - 1);
  for (const stop of [...all, ...all.slice().reverse()]) {
    stop.focus();
    if (document.activeElement !== stop) { found.push(`no focus: ${name(stop)}`); continue; }
    const style = getComputedStyle(stop), box = stop.getClientRects()[0];
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) found.push(`no ring: ${name(stop)}`);
    const there = document.elementFromPoint(
      inside(box.x + box.width / 2, innerWidth), inside(box.y + box.height / 2, innerHeight));
    if (!there || !(stop.contains(there) || there.contains(stop))) {
      found.push(`behind ${there && name(there)}: ${name(stop)}`);
    }
  }
  scrollTo(0, 0);
  document.activeElement.blur();
  return [...new Set(found)];
}"""


BROKEN = """async ([options, around]) => {
  const found = await axe.run(around ? document : {include: [['html']], exclude: [['.weather'], ['.footer']]}, options);
  return found.violations.map(one => `${one.id}: ` + one.nodes.map(node => node.target.join(' ')).join(', '));
}"""


class Walk:
    """Opens pages and notes what is wrong with them; axe-core and the keyboard do so at the widths with a scheme."""

    def __init__(
        self, page: Page, language: str, schemes: dict[int, str], screenshot: Callable[[Page, str], object]
    ) -> None:
        self.page, self.language, self.schemes, self.screenshot = page, language, schemes, screenshot
        self.wrong: list[str] = []
        self.asked: set[str] = set()
        self.browser = page.context.new_cdp_session(page)
        page.on("request", lambda request: self.asked.add(request.url))

    def visit(self, name: str, how: str | Callable[[Page], object]) -> None:
        page = self.page
        self.look(1280)
        page.goto(how) if isinstance(how, str) else how(page)

        def note(said: str) -> None:
            self.wrong.append(f"{name}: {said}")

        for said in page.evaluate(SAID):
            note(said)
        bare = name in BARE
        if page.locator("html").get_attribute("lang") != ("ko" if bare else self.language):
            note("in another language")
        page.keyboard.press("Tab")
        if not bare and page.evaluate(NO_SKIP):
            note("the first stop does not skip to the content")
        self.fits(note)
        self.letters(32)
        self.fits(note, "with large text, ")
        self.letters(16)
        self.stops(note)
        self.axe(note, name == "front")
        if self.language == "en":
            self.screenshot(page, f"every-{name}-desktop")
        self.look(390)
        self.fits(note)
        self.stops(note)
        self.axe(note, name == "front")
        if self.language == "ko":
            self.screenshot(page, f"every-{name}-phone")
        self.look(320)
        self.fits(note)

    def look(self, width: int) -> None:
        if width in self.schemes:
            self.page.emulate_media(color_scheme=self.schemes[width])
        self.page.set_viewport_size({"width": width, "height": 900 if width > 400 else 700})

    def letters(self, size: int) -> None:
        """As if the reader had chosen this size in the browser."""
        self.browser.send("Page.setFontSizes", {"fontSizes": {"standard": size}})

    def fits(self, note: Callable[[str], None], how: str = "") -> None:
        if self.page.evaluate(WIDE):
            note(f"{how}scrolls sideways at {self.page.viewport_size['width']}")

    def stops(self, note: Callable[[str], None]) -> None:
        if self.page.viewport_size["width"] not in self.schemes:
            return
        for said in self.page.evaluate(STOPS):
            note(f"at {self.page.viewport_size['width']}, {said}")

    def axe(self, note: Callable[[str], None], around: bool) -> None:
        width = self.page.viewport_size["width"]
        if width not in self.schemes:
            return
        self.page.evaluate(Axe().axe_script)
        for said in self.page.evaluate(BROKEN, [AXE_OPTIONS, around]):
            note(f"at {width}, {said}")


# axe-core and the stops of the keyboard take half of the time. What they say of a page depends on the width and on the
# scheme, and hardly on the language: each width and each scheme has its turn in one of the two, and in both with the
# longer draws.
@pytest.mark.takes_long
@pytest.mark.parametrize(
    ("language", "browser_page", "schemes"),
    [
        pytest.param("ko", {"language": "ko-KR"}, {1280: "dark"}, id="ko"),
        pytest.param("en", {"language": "en-GB"}, {390: "light"}, id="en", marks=pytest.mark.long),
        pytest.param("ko", {"language": "ko-KR"}, {1280: "dark", 390: "light"}, id="ko-both", marks=pytest.mark.long),
        pytest.param("en", {"language": "en-GB"}, {1280: "light", 390: "dark"}, id="en-both", marks=pytest.mark.long),
    ],
    indirect=["browser_page"],
)
def test_every_public_template(
    browser_page, live_server, language, schemes, site, rendered, screenshot, django_user_model
):
    page, article = browser_page, site[language]
    page.expected_statuses.update({400, 403, 404, 500})
    user = django_user_model.objects.create_user("reader@example.kr", PASSWORD, is_staff=True)
    walk = Walk(page, language, schemes, screenshot)
    for name, how in visits(language, article, user):
        walk.visit(name, how)
    client = Client()
    client.force_login(user)
    cookie = site_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": cookie, "value": client.cookies[cookie].value, "url": live_server.url}])
    for name, how in visits_signed_in(language, article, user):
        walk.visit(name, how)
    assert not walk.wrong, "\n".join(walk.wrong)
    assert {url for url in walk.asked if not url.startswith((live_server.url, "data:"))} == set()
    assert public_templates() - rendered == set()


SHIFT = """() => new Promise(done => {
  const moved = [];
  const note = entry => moved.push([entry.value, entry.sources.map(one => one.node?.textContent.trim().slice(0, 40))]);
  new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(moved), 500);
})"""


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", [{"width": "phone"}, {"width": "desktop"}], indirect=True, ids=["phone", "pc"])
@pytest.mark.long
def test_nothing_moves_while_a_page_is_loaded(browser_page, site):
    """Cumulative layout shift, for a reader to whom the strip of the weather may move, too."""
    browser_page.emulate_media(reduced_motion="no-preference")
    for address in ("/ko/", site["ko"].url, "/en/", site["en"].url, "/ko/nowhere/"):
        browser_page.expected_statuses.add(404)
        browser_page.goto(address, wait_until="networkidle")
        moved = browser_page.evaluate(SHIFT)
        assert sum(value for value, _what in moved) < 0.01, (address, moved)


def test_forced_colours_leave_everything_to_be_told_apart(browser_page, site, screenshot):
    page = browser_page
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.goto(f"/ko/{ROUND}")
    painted = "[...document.querySelectorAll('.map svg a rect')].map(one => getComputedStyle(one).fillOpacity)"
    assert len(set(page.evaluate(painted))) > 3  # the map keeps its colours
    assert page.evaluate("getComputedStyle(document.querySelector('[aria-current]')).outlineStyle") == "solid"
    sky = "getComputedStyle(document.querySelector('.weather li[class] b'), '::after').backgroundColor"
    ink = "getComputedStyle(document.querySelector('.weather b')).color"
    assert page.evaluate(sky) == page.evaluate(ink)
    page.locator(".map svg a").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    screenshot(page, "every-forced-round")
    page.goto(site["ko"].url)
    assert page.locator(".badge").first.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
    page.locator(".button").first.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    screenshot(page, "every-forced-article")
    page.goto("/ko/weather/")
    screenshot(page, "every-forced-weather")


def test_nothing_is_animated_for_those_who_prefer_no_motion(browser_page, site):
    moving = "document.getAnimations().length"
    lasting = """[...document.querySelectorAll('*')].filter(one => {
      const style = getComputedStyle(one);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
    }).length"""
    for address in ("/ko/", site["ko"].url, f"/ko/{ROUND}?group=광역", "/ko/weather/"):
        browser_page.goto(address)
        assert browser_page.evaluate(f"[{moving}, {lasting}]") == [0, 0], address
        before = browser_page.evaluate("document.querySelector('.weather .stations').scrollLeft")
        assert before == 0
