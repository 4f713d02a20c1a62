"""The announcement drafted from a result: what it says, where it stands, who may have it drafted, and the demo's."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from wagtail.models import GroupPagePermission, Task, Workflow, WorkflowTask
from wagtail.users.models import UserProfile

from simsa.web.awards.models import Result
from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.announcement import QUOTES, announcements, draft_announcement, ensure_section
from simsa.web.newsroom.drafting.binding import figures
from simsa.web.newsroom.drafting.passages import without_marks
from simsa.web.newsroom.drafting.publishing import notices, problems
from simsa.web.newsroom.example import load_example
from simsa.web.newsroom.models import ArticlePage, HomePage, SectionPage
from simsa.web.programmes.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafts(example):
    return draft_announcement(Result.objects.get(), actor="tester")


@pytest.fixture
def editor(client):
    """Somebody of the press office: may edit and publish under the front pages, and is not staff."""
    user = get_user_model().objects.create_user("editor@example.kr", "a long enough password")
    group = Group.objects.create(name="press office")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for home in HomePage.objects.all():
        for codename in ("add_page", "change_page", "publish_page"):
            GroupPagePermission.objects.create(
                group=group, page=home, permission=Permission.objects.get(codename=codename)
            )
    user.groups.add(group)
    client.force_login(user)
    return user


def said(article: ArticlePage) -> str:
    """Everything in words."""
    told = [str(block.value) for block in article.body if block.block_type in ("paragraph", "heading")]
    return re.sub(r"<[^>]*>", "", without_marks("\n".join(told)))


def test_the_draft_says_who_selected_whom_by_which_process_and_how_to_check_it(drafts):
    korean, english = said(drafts["ko"]), said(drafts["en"])
    result = Result.objects.get()
    assert drafts["ko"].title == "적극행정 성과평가 2023년 상반기, 243개 기관 가운데 7곳 선정"
    assert drafts["en"].title.endswith(": 7 of 243 entrants selected")
    assert "평가위원 33명으로 이루어진 평가단이 채점표 1,201장으로 평가했습니다." in korean
    assert "A panel of 33 reviewers scored on 1,201 sheets" in english
    for name in ("전라남도", "경기도 안성시(94.67점)", "대구광역시 군위군", "인천광역시 미추홀구"):
        assert name in korean
    for words in ("추첨으로 정했습니다", "60점 미만은 선정하지 않습니다", result.rules_hash, result.digest):
        assert words in korean
    assert "The rules were frozen when the round was opened" in english
    blocks = [block.block_type for block in drafts["ko"].body]
    assert blocks.count("quote") == QUOTES
    assert {"winners", "result_map"} <= set(blocks)
    assert "이 글은 가상 데이터로 만든 예시입니다" in str(drafts["ko"].body[0].value)


def test_no_number_of_the_draft_is_unbound(drafts):
    for article in drafts.values():
        free = [re.sub(r'<span data-figure="[^"]*">.*?</span>', "", block.value.source) for block in article.body
                if block.block_type == "paragraph"]  # fmt: skip
        text = re.sub(r"<[^>]*>", "", "".join(free)).replace("SHA-256", "")
        assert not re.search(r"\d", text), text
        assert notices(article) == []
        assert all(figure.fresh for figure in figures(article))
        assert {figure.text for figure in figures(article) if figure.where in ("headline", "제목")} >= {"7", "243"}


def test_the_drafts_are_translations_in_a_section_of_their_own(drafts):
    korean, english = drafts["ko"], drafts["en"]
    assert not korean.live
    assert korean.translation_key == english.translation_key
    assert (korean.section.title, english.section.title) == ("보도자료", "Press releases")
    assert korean.get_parent().translation_key == english.get_parent().translation_key
    assert korean.round == english.round == Result.objects.get().round
    assert set(korean.entrants.values_list("name_ko", flat=True)) >= {"전라남도", "경기도 이천시"}
    assert korean.get_latest_revision_as_object().bound == korean.bound
    event = Event.objects.get(verb="announcement.drafted")
    assert event.actor == "tester"


def test_drafting_twice_gives_the_same_articles(drafts):
    again = draft_announcement(Result.objects.get())
    assert {code: article.pk for code, article in again.items()} == {code: one.pk for code, one in drafts.items()}
    assert ArticlePage.objects.count() == 2
    assert SectionPage.objects.count() == 2
    assert Event.objects.filter(verb="announcement.drafted").count() == 1
    drafts["en"].delete()
    assert set(announcements(Result.objects.get().round)) == {"ko"}
    assert draft_announcement(Result.objects.get())["ko"].pk == drafts["ko"].pk
    assert ArticlePage.objects.count() == 2


def test_a_draft_has_blanks_that_are_named(drafts):
    found = [str(problem) for problem in problems(drafts["en"])]
    assert len(found) == 4  # who announces, two quotes, whom to ask
    assert all(BLANK in problem for problem in found)


def test_an_editor_drafts_from_the_menu(client, editor, example):
    page = client.get("/cms/newsroom/draft/").content.decode()
    assert "csrfmiddlewaretoken" in page
    assert example.slug in page
    answer = client.post("/cms/newsroom/draft/", {"round": example.slug})
    articles = announcements(example)
    assert answer.status_code == 302
    assert answer.url in [f"/cms/pages/{article.pk}/edit/" for article in articles.values()]
    edit = client.get(answer.url).content.decode()
    assert "newsroom/figures.js" in edit
    assert BLANK in edit
    again = client.post("/cms/newsroom/draft/", {"round": example.slug})
    assert again.url == answer.url
    assert ArticlePage.objects.count() == 2


def test_an_editor_who_reads_english_drafts_as_well(client, editor, example):
    UserProfile.objects.create(user=editor, preferred_language="en")
    answer = client.post("/cms/newsroom/draft/", {"round": example.slug})
    assert answer.url == f"/cms/pages/{announcements(example)['en'].pk}/edit/"


def test_the_list_says_how_far_each_draft_is(client, editor, example, drafts):
    def listed():
        return re.sub(r"\s*</span>", "</span>", client.get("/cms/newsroom/draft/").content.decode())

    soon = timezone.localtime() + timedelta(days=1)
    page = listed()
    assert "한국어: <a" in page
    assert "영어: <a" in page
    assert page.count("초안</span>") == 2
    ko, en = drafts["ko"], drafts["en"]
    for article in drafts.values():
        blocks = json.dumps(article.body.get_prep_value(), ensure_ascii=False).replace(BLANK, "x")
        article.body = blocks
    ko.save_revision().publish()
    en.embargo = soon
    en.save_revision()
    page = listed()
    assert "공개 중</span>" in page
    assert "까지 엠바고</span>" in page
    en = ArticlePage.objects.get(pk=en.pk).get_latest_revision_as_object()
    en.embargo, en.go_live_at = None, soon
    en.save_revision().publish()
    assert "발행 예약</span>" in listed()
    workflow, task = Workflow.objects.create(name="w"), Task.objects.create(name="t")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    workflow.start(ArticlePage.objects.get(pk=ko.pk), editor)
    page = listed()
    assert "공개 중</span>" in page
    assert "검토 중</span>" in page


def test_only_staff_draft_from_a_result_that_is_not_public(client, editor, hidden, example):
    hidden()
    assert example.slug not in client.get("/cms/newsroom/draft/").content.decode()
    assert client.post("/cms/newsroom/draft/", {"round": example.slug}, follow=True).status_code == 404
    assert not ArticlePage.objects.exists()
    editor.is_staff = True
    editor.save()
    assert client.post("/cms/newsroom/draft/", {"round": example.slug}).status_code == 302
    assert ArticlePage.objects.count() == 2


def test_who_may_not_add_articles_may_not_draft(client, editor, example):
    GroupPagePermission.objects.all().delete()
    assert client.post("/cms/newsroom/draft/", {"round": example.slug}).status_code in (302, 403)
    assert not ArticlePage.objects.exists()
    client.logout()
    assert "/account/login/" in client.post("/cms/newsroom/draft/", {"round": example.slug}).url


def test_the_demo_has_a_newsroom(client, example, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    load_example(example)
    load_example(example)
    assert ArticlePage.objects.live().count() == ArticlePage.objects.count() == 8
    for language, words in (("ko", "(예시 인용)"), ("en", "(Example quote)")):
        article = announcements(example)[language]
        page = client.get(article.url).content.decode()
        assert words in page
        assert "data-figure" not in page
        assert BLANK not in page
    for article in ArticlePage.objects.all():
        assert client.get(article.url).status_code == 200, article.url
    checked = client.get("/en/explained/check-a-result/").content.decode()
    assert f"/en/rounds/{example.slug}/rules/" in checked
    assert "<svg" in checked  # the chart of one of the selected
    assert "실제로 고친 것은 없습니다" in client.get(announcements(example)["ko"].url).content.decode()
    report = client.get("/ko/regions/buk-gu-2023/").content.decode()
    assert "1,830만 달러" in report
    assert "가상 평가 결과와는 관계가 없습니다" in report
    assert "프로그램" in report  # said under the picture
    assert ensure_section("ko").get_children().count() == 1
