"""A save by hand beside Wagtail's saves by themselves, in a real browser: the last words typed are the ones kept."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect
from wagtail import hooks

from tests.web.newsroom.test_editor_browser import become, newsroom, somebody

__all__ = ["become", "newsroom", "somebody"]

SLOW = 1.5


def by_itself(request) -> bool:
    return request.method == "POST" and not request.accepts("text/html")


def by_hand(request) -> bool:
    return request.method == "POST" and request.accepts("text/html")


@pytest.fixture
def title(browser_page, newsroom, somebody, become, write):
    """A draft, and the field of its title in the editor."""
    article = write("기사", "문단", published=False)
    become(somebody("editor", "Editors", "en"))
    browser_page.goto(f"/cms/pages/{article.pk}/edit/", wait_until="networkidle")
    return article, browser_page.locator("#id_title")


def type_until(page, field, condition) -> None:
    """Wagtail looks for changes only some time after the page was opened; what is typed before it does is no change."""
    field.press("End")
    for turn in range(600):
        if turn % 10 == 0:
            field.press("1")
        page.wait_for_timeout(100)
        if condition():
            return
    pytest.fail("nothing was ever saved by itself")


def saved(page) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator(".messages .success")).to_be_visible()
    page.wait_for_load_state("networkidle")


def kept(article) -> str:
    article.refresh_from_db()
    return article.get_latest_revision_as_object().title


def test_nothing_is_saved_by_itself_while_a_save_by_hand_is_answered(browser_page, title):
    article, field = title
    due = browser_page.locator("#w-autosave-indicator[data-w-autosave-state-value=saving]")
    type_until(browser_page, field, due.count)
    field.fill("기사 하나")
    with hooks.register_temporarily("after_edit_page", lambda request, _page: by_hand(request) and time.sleep(SLOW)):
        saved(browser_page)
    assert kept(article) == "기사 하나"


@pytest.mark.long
def test_a_save_by_hand_waits_for_one_that_is_under_way(browser_page, title):
    article, field = title
    sent = []
    browser_page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    with hooks.register_temporarily("before_edit_page", lambda request, _page: by_itself(request) and time.sleep(SLOW)):
        type_until(browser_page, field, lambda: any(url.endswith("/edit/") for url in sent))
        field.fill("기사 하나 둘")
        saved(browser_page)
    assert kept(article) == "기사 하나 둘"
    assert article.revisions.count() == 3
