"""The editors' room: who may do what, what approval says, and drafts that save themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Workflow
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield
from wagtail.users.models import UserProfile

from simsa.web.accounts.models import User
from simsa.web.newsroom.blocks import RICH
from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.models import ArticlePage, Author
from simsa.web.newsroom.services import grant_rights
from simsa.web.programmes.models import Round

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def member(group: str, client=None) -> User:
    user = User.objects.create_user(f"{group.lower()}@example.kr", "a long password 1")
    user.groups.add(Group.objects.get(name=group))
    if client is not None:
        client.force_login(user)
    return user


def form_of(article: ArticlePage, text: str, **also) -> dict:
    """What the editor's page sends."""
    none = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}
    return nested_form_data(
        {
            "title": article.title,
            "slug": article.slug,
            "subheads": streamfield([]),
            "body": streamfield([("paragraph", rich_text(f"<p>{text}</p>", features=RICH))]),
            "authors": none,
            "corrections": none,
            "comments": none,
            **also,
        }
    )


def submitted(article: ArticlePage, author: User) -> ArticlePage:
    """The article in review by moderators."""
    workflow = Workflow.objects.get(name="Moderators approval")
    workflow.start(article, author)
    return ArticlePage.objects.get(pk=article.pk)


def approve(client, article: ArticlePage, text: str):
    said = {"action-workflow-action": "true", "workflow-action-name": "approve"}
    return client.post(
        reverse("wagtailadmin_pages:edit", args=[article.pk]), form_of(article, text, **said), follow=True
    )


def test_a_draft_that_saves_itself_does_not_take_back_what_was_published_meanwhile(client, write):
    article = write("제목", "처음", published=False)
    overtaken = article.get_latest_revision_as_object()  # as the editor's page has it
    also_overtaken = ArticlePage.objects.get(pk=article.pk)
    article.save_revision().publish()
    for stale in (overtaken, also_overtaken):
        stale.title = "다 쓰지 않은 제"
        stale.save()
        stale.save_revision()
    found = ArticlePage.objects.get(pk=article.pk)
    assert (found.live, found.title, found.has_unpublished_changes) == (True, "제목", True)
    assert client.get(article.address).status_code == 200
    assert found.get_latest_revision_as_object().title == "다 쓰지 않은 제"
    found.unpublish()
    assert client.get(article.address).status_code == 404


def test_a_preview_stands_in_the_editors_page(client, write):
    article = write("제목", "글", published=False)
    member("Editors", client)
    preview = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    assert client.post(preview, form_of(article, "새 글")).json()["is_valid"]
    shown = client.get(f"{preview}?in_preview_panel=true")
    assert "새 글" in shown.content.decode()
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("by", ["form", "menu"])
def test_what_cannot_be_published_is_not_approved(client, write, by, django_capture_on_commit_callbacks):
    editor = member("Editors")
    article = submitted(write("제목", f"{BLANK}에 따르면", published=False), editor)
    member("Moderators", client)
    with django_capture_on_commit_callbacks(execute=True):
        if by == "form":
            told = approve(client, article, f"{BLANK}에 따르면").content.decode()
        else:
            state = article.current_workflow_task_state
            address = reverse("wagtailadmin_pages:workflow_action", args=[article.pk, "approve", state.pk])
            told = client.post(address, follow=True).content.decode()
    assert "빈칸" in told
    found = ArticlePage.objects.get(pk=article.pk)
    assert found.workflow_in_progress
    assert not found.live
    assert not [letter for letter in mail.outbox if "승인" in letter.subject]


@pytest.mark.parametrize("by", ["form", "menu"])
def test_the_last_approval_publishes(client, write, by):
    article = submitted(write("제목", "글", published=False), member("Editors"))
    member("Moderators", client)
    if by == "form":
        approve(client, article, "글")
    else:
        state = article.current_workflow_task_state
        client.post(reverse("wagtailadmin_pages:workflow_action", args=[article.pk, "approve", state.pk]))
    assert client.get(article.address).status_code == 200


def test_whoever_approves_under_an_embargo_is_told_when_it_appears(client, write, django_capture_on_commit_callbacks):
    due = timezone.localtime(timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    article = submitted(write("제목", "글", published=False, embargo=due), member("Editors"))
    member("Moderators", client)
    with django_capture_on_commit_callbacks(execute=True):
        said = {"action-workflow-action": "true", "workflow-action-name": "approve", "embargo": f"{due:%Y-%m-%d %H:%M}"}
        page = client.post(
            reverse("wagtailadmin_pages:edit", args=[article.pk]), form_of(article, "글", **said), follow=True
        )
    assert "저절로 공개됩니다" in page.content.decode()
    assert client.get(article.address).status_code == 404
    letters = [letter.body for letter in mail.outbox if letter.to == ["editors@example.kr"]]
    assert any("저절로 공개됩니다" in body for body in letters)
    assert not any("None" in body for body in letters)


@pytest.mark.parametrize("group", ["Editors", "Moderators"])
def test_editors_add_authors_and_translate(client, write, group):
    grant_rights()  # a new site has done so
    article = write("제목", "글")
    member(group, client)
    assert client.get(reverse("wagtailsnippets_newsroom_author:add")).status_code == 200
    client.post(
        reverse("wagtailsnippets_newsroom_author:add"), {"slug": "lee", "name_ko": "이기자", "name_en": "", "email": ""}
    )
    assert Author.objects.filter(slug="lee").exists()
    address = reverse("simple_translation:submit_page_translation", args=[article.pk])
    assert client.get(address).status_code == 200
    english = Locale.objects.get(language_code="en")
    assert client.post(address, {"locales": [english.pk]}).status_code == 302
    assert article.get_translation(english).title == "제목"


def test_a_round_is_offered_by_its_title_and_to_staff_alone_before_its_result_is_public(client, write, hidden):
    round_ = hidden()
    article = write("제목", "글", published=False)
    edit = reverse("wagtailadmin_pages:edit", args=[article.pk])
    member("Editors", client)
    assert round_.title not in client.get(edit).content.decode()
    refused = client.post(edit, form_of(article, "글", round=round_.pk))
    assert "round" in refused.context["form"].errors
    assert ArticlePage.objects.get(pk=article.pk).get_latest_revision_as_object().round is None
    client.force_login(User.objects.create_superuser("boss@example.kr", "a long password 1"))
    assert round_.title in client.get(edit).content.decode()
    client.post(edit, form_of(article, "글", round=round_.pk))
    assert ArticlePage.objects.get(pk=article.pk).get_latest_revision_as_object().round == round_


def test_entrants_are_offered_in_the_editors_language_those_chosen_first(client, write, example):
    entrant = example.entries.get(entrant__name_ko="광주광역시 북구").entrant
    article = write("제목", "글", published=False)
    article.entrants = [entrant]
    article.save_revision()
    user = User.objects.create_superuser("boss@example.kr", "a long password 1")
    client.force_login(user)
    edit = reverse("wagtailadmin_pages:edit", args=[article.pk])
    page = client.get(edit).content.decode()
    choice = page[page.index('class="entrants-choice"') :]
    assert choice.index("광주광역시 북구") < choice.index("서울특별시")
    assert choice.count("광주광역시 북구") == 1
    assert 'data-filter="' in choice[:200]
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "en"})
    assert "Buk-gu" in client.get(edit).content.decode()
    client.post(edit, form_of(article, "글") | {"entrants": [entrant.pk]})
    assert list(ArticlePage.objects.get(pk=article.pk).get_latest_revision_as_object().entrants.all()) == [entrant]


def test_a_case_says_whose_it_is(client, write, example):
    code = example.entries.get(entrant__name_ko="광주광역시 북구").entrant.code
    case = {
        "title": "무역사절단",
        "entrant": code,
        "text": "다녀왔다.",
        "outcomes": [{"label": "계약", "figure": "1건"}],
    }
    article = write("기사", body=[("case", case), ("case", case | {"title": "없음", "entrant": ""})])
    page = client.get(article.address).content.decode()
    assert page.count('<p class="soft">광주광역시 북구</p>') == 1
    assert client.get(f"/news/press/{article.pk}/article.txt").content.decode().count("광주광역시 북구") == 1


def test_a_tag_of_marks_alone_is_refused(client, write):
    article = write("제목", "글", published=False)
    member("Editors", client)
    answer = client.post(reverse("wagtailadmin_pages:edit", args=[article.pk]), form_of(article, "글", tags="!!!"))
    assert "글자나 숫자" in str(answer.context["form"].errors)


def test_figures_of_an_article_that_somebody_has_locked_stay(client, write, example):
    article = write("제목", "글", published=False, round=Round.objects.get())
    article.locked, article.locked_by = True, User.objects.create_superuser("b@example.kr", "a long password 1")
    article.save()
    member("Editors", client)
    before = article.revisions.count()
    told = client.post(reverse("newsroom_desk:figures", args=[article.pk]), follow=True).content.decode()
    assert "잠갔습니다" in told
    assert article.revisions.count() == before


def test_two_revisions_are_compared(client, write):
    article = write("예전 제목", "예전 글", published=False)
    first = article.get_latest_revision()
    member("Editors", client)
    edit = reverse("wagtailadmin_pages:edit", args=[article.pk])
    assert client.post(edit, form_of(article, "새로운 글") | {"title": "새로운 제목"}).status_code == 302
    second = ArticlePage.objects.get(pk=article.pk).get_latest_revision()
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[article.pk, first.pk, second.pk])
    page = client.get(compare).content.decode()
    assert '<span class="deletion">예전 제목</span>' in page
    assert '<span class="addition">새로운 제목</span>' in page
    assert re.search(r'class="[^"]*deletion[^"]*">\s*예전 글', page)  # of another block, as the form sends it
    assert re.search(r'class="[^"]*addition[^"]*">\s*새로운 글', page)
