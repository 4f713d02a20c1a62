"""What editors do, in a real browser: from a result to an approved announcement, its figures and its correction."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.test import Client
from playwright.sync_api import expect
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)
from wagtail.users.models import UserProfile

from simsa.web.accounts.services import open_account
from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.announcement import announcements
from tests.web.newsroom.test_binding import change

PASSWORD = "a-long-enough-one"


@pytest.fixture
def newsroom(example):
    """The groups and the workflow of a new site, which are gone after a test with real transactions."""
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    root = Page.get_first_root_node()
    allowed = {"Editors": ("add_page", "change_page"), "Moderators": ("add_page", "change_page", "publish_page")}
    for name, codenames in allowed.items():
        group, _new = Group.objects.get_or_create(name=name)
        group.permissions.add(Permission.objects.get(codename="access_admin"))
        for permission in Permission.objects.filter(codename__in=codenames, content_type__app_label="wagtailcore"):
            GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    if not Workflow.objects.exists():
        workflow = Workflow.objects.create(name="Moderators approval")
        task = GroupApprovalTask.objects.create(name="Moderators approval")
        task.groups.add(Group.objects.get(name="Moderators"))
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
        WorkflowPage.objects.create(workflow=workflow, page=root)
    return example


@pytest.fixture
def somebody(newsroom):
    """`somebody("editor", "Editors", "ko")`: an account of a group that reads the editors' pages in a language."""

    def account(name, group, language):
        user = open_account(f"{name}@example.kr", PASSWORD)
        user.groups.add(Group.objects.get(name=group))
        UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
        return user

    return account


@pytest.fixture
def become(browser_page, live_server):
    """`become(user)`: the browser is signed in as somebody else."""

    def signed_in(user):
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        browser_page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return signed_in


SELECT = """([text, start, end]) => {
  for (const field of document.querySelectorAll('[contenteditable=true]')) {
    const walker = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent.indexOf(text);
      if (at < 0) continue;
      field.focus();
      getSelection().setBaseAndExtent(node, at + start, node, at + end);
      return true;
    }
  }
  return false;
}"""
BLANKS = "fields => fields.filter(field => field.value.includes('○○○')).map(field => field.id)"


def select(page, text, start=0, end=None):
    """Select a text in a paragraph, or a part of it."""
    assert page.evaluate(SELECT, [text, start, len(text) if end is None else end]), text
    page.wait_for_timeout(50)  # the editor hears of it in the next turn


def save(page):
    page.wait_for_timeout(400)  # the editor hands over what was typed a moment later
    page.keyboard.press("Control+s")
    expect(page.locator(".messages .success")).to_be_visible()
    page.wait_for_load_state("networkidle")


def submit(page, address):
    page.goto(address, wait_until="networkidle")
    page.locator("footer .w-dropdown__toggle").click()
    page.locator("[name=action-submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()


def approve(page, address):
    page.goto(address, wait_until="networkidle")
    page.locator("footer .w-dropdown__toggle").click()
    page.locator("[data-workflow-action-name=approve]").first.click()
    expect(page.locator(".messages .success")).to_be_visible()


@pytest.mark.takes_long
def test_from_the_result_to_the_public_and_to_a_correction(browser_page, newsroom, somebody, become, axe, screenshot):
    page, editor, moderator = browser_page, somebody("editor", "Editors", "ko"), somebody("chief", "Moderators", "en")
    page.goto("/cms/")
    page.get_by_label("이메일").fill("editor@example.kr")
    page.get_by_label("비밀번호", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="발표 기사 초안 쓰기").click()
    expect(page.get_by_role("heading", name="발표 기사 초안 쓰기")).to_be_visible()
    axe(page)
    page.locator("main form button").click()
    page.wait_for_url("**/edit/", wait_until="networkidle")
    article = announcements(newsroom)["ko"]
    edit = f"/cms/pages/{article.pk}/edit/"
    problems = page.locator(".problems li")
    expect(problems).to_have_count(4)

    for blank in page.locator("textarea, input[type=text]").evaluate_all(BLANKS):
        page.locator(f"[id='{blank}']").fill("심사위원장")
    for words in ("심사위원회", "홍보담당관"):
        select(page, BLANK)
        page.keyboard.type(words)
    assert page.locator(".figure-stale").count() == 0
    select(page, "1,201", 5)
    page.keyboard.type("5")
    expect(page.locator(".figure-stale")).to_have_text("1,201")
    assert "다른 숫자" in page.locator(".figure-stale").get_attribute("title")
    save(page)
    expect(problems).to_have_text([re.compile("“1,2015”")])
    screenshot(page, "editor-refusal")
    page.goto(f"/cms/newsroom/figures/{article.pk}/")
    assert page.get_by_role("button", name="지금 결과의 값 넣기").count() == 0  # nobody knows what is meant
    problems.get_by_role("link").click()
    expect(page.locator(".figure-stale")).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    select(page, "5장", 0, 1)
    page.keyboard.press("Delete")
    expect(page.locator(".figure-stale")).to_have_count(0)
    save(page)
    expect(problems).to_have_count(0)

    change()
    page.goto(f"/cms/newsroom/figures/{article.pk}/", wait_until="networkidle")
    assert problems.count() > 0
    axe(page)
    screenshot(page, "editor-figures")
    page.locator("main form button").click()
    page.wait_for_url("**/edit/", wait_until="networkidle")
    expect(problems).to_have_count(0)
    page.goto(f"/cms/pages/{article.pk}/view_draft/")
    expect(page.locator("figure.result table")).to_contain_text("95.50")
    expect(page.locator("figure.map svg").first).to_be_visible()
    axe(page)

    submit(page, edit)
    become(moderator)
    approve(page, edit)
    page.goto(f"/ko/announcements/{article.slug}/")
    expect(page.locator(".article")).to_contain_text("경기도 안성시(95.50점)")

    become(editor)
    page.goto(edit, wait_until="networkidle")
    page.locator("#id_corrections-ADD").click()
    page.locator("#id_corrections-0-what").fill("평가위원 수를 33명으로 잘못 적었습니다. 31명이 맞습니다.")
    save(page)
    submit(page, edit)
    become(moderator)
    approve(page, edit)
    page.goto(f"/ko/announcements/{article.slug}/")
    expect(page.locator(".corrections")).to_contain_text("31명이 맞습니다")
    page.goto("/cms/newsroom/draft/", wait_until="networkidle")
    expect(page.locator("main tbody")).to_contain_text(re.compile(r"Korean:.*live.*English:.*draft", re.S | re.I))
    screenshot(page, "editor-drafts")


def tab_to(page, condition):
    """Press Tab until the focus is where an expression says."""
    for _press in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(f"(here => {condition})(document.activeElement)"):
            return
    pytest.fail(f"never: {condition}")


@pytest.mark.takes_long
@pytest.mark.parametrize("browser_page", [{"width": "phone", "language": "en-GB"}], indirect=True)
@pytest.mark.long
def test_by_keyboard_on_a_phone_a_figure_is_chosen(browser_page, newsroom, somebody, become, axe, screenshot):
    page = browser_page
    become(somebody("editor", "Editors", "en"))
    page.goto("/cms/newsroom/draft/", wait_until="networkidle")
    axe(page)
    tab_to(page, "here.matches('main form button')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/", wait_until="networkidle")
    tab_to(page, "here.isContentEditable && here.innerText.includes('○○○')")
    for key in ("Control+Home", *["Shift+ArrowRight"] * 3):
        page.keyboard.press(key)
    page.keyboard.type("The ministry")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Scored 97 and /figure")
    page.keyboard.press("Enter")
    chooser = page.get_by_role("dialog", name="Figure from the result")
    status, chosen = chooser.get_by_role("status"), chooser.locator("[aria-selected=true]")
    expect(status).to_have_text("86 of 86")
    axe(page, ".figure-chooser")
    page.keyboard.type("anseong SCORE")
    expect(status).to_have_text("1 of 86")
    expect(chosen).to_have_text("Cities · selected no. 1 · score: 94.67")
    screenshot(page, "editor-chooser")
    for _letter in "anseong SCORE":
        page.keyboard.press("Backspace")
    expect(status).to_have_text("86 of 86")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("how many entrants")
    page.keyboard.press("Enter")
    expect(chooser).to_have_count(0)
    here = page.locator("[contenteditable=true]").filter(has_text="The ministry")
    expect(here).to_contain_text("Scored 97 and 243")
    page.wait_for_timeout(300)  # the editor takes the focus back
    page.keyboard.type(" /figure")
    page.keyboard.press("Enter")
    expect(status).to_have_text("86 of 86")
    page.keyboard.press("Escape")
    expect(chooser).to_have_count(0)
    page.wait_for_timeout(300)
    page.keyboard.type("or so.")
    expect(here).to_contain_text("Scored 97 and 243 or so.")
    save(page)
    assert page.locator(".problems li").first.inner_text().endswith("numbers typed by hand, bound to nothing: 97.")
    article = announcements(newsroom)["en"]
    page.goto(f"/cms/pages/{article.pk}/view_draft/")
    expect(page.locator("mark.loose")).to_have_text(["97"])
    expect(page.locator("main")).to_contain_text("Scored 97 and 243 or so.")
    expect(page.locator("figure.result table")).to_contain_text("Anseong-si")  # in the article's language
    axe(page)
    screenshot(page, "editor-preview-phone")

    page.expected_statuses.add(400)  # a page without a headline cannot be saved by itself
    page.goto(f"/cms/pages/add/newsroom/articlepage/{article.get_parent().pk}/", wait_until="networkidle")
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name="paragraph").click()
    page.locator("[contenteditable=true]").click()
    page.keyboard.type("/figure")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("save the draft")
    screenshot(page, "editor-chooser-unsaved")
    page.keyboard.press("Escape")
    expect(chooser).to_have_count(0)
