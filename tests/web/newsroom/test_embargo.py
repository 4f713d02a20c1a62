"""Embargo: nothing of an article is known before its minute, and everything soon after it, whoever does what."""

from __future__ import annotations

import ast
import re
import time
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db.models import ProtectedError
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import (
    CollectionViewRestriction,
    GroupApprovalTask,
    Page,
    PageViewRestriction,
    Task,
    Workflow,
    WorkflowTask,
)
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from simsa.web import newsroom
from simsa.web.accounts.models import User
from simsa.web.newsroom.embargo import is_public, public_articles
from simsa.web.newsroom.lists import days
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author
from simsa.web.newsroom.periodic import publish_scheduled
from simsa.web.newsroom.reading import beside
from simsa.web.newsroom.tasks import make_renditions
from simsa.web.site.models import Beat
from simsa.web.site.regular import clock_thread

pytestmark = pytest.mark.django_db
WORD, SLUG = "밀봉", "milbong"
SEOUL = "1100000000"


def later(**much):
    return timezone.now().replace(microsecond=0) + timedelta(**(much or {"hours": 1}))


def publish(article, **changes):
    """A new revision with these changes, published as an editor does."""
    draft = article.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.full_clean()
    draft.save_revision().publish()
    return ArticlePage.objects.get(pk=article.pk)


@pytest.fixture
def picture_block(picture):
    return {"picture": picture, "alt": f"{WORD} 그림", "caption": ""}


@pytest.fixture(params=["draft", "scheduled", "live"])
def sealed(request, write, picture, picture_block):
    """An article that is not public, for each of the reasons; its translation and another article are."""
    write("공개", "공개 글", region=SEOUL, slug="gonggae")
    article = write(
        f"{WORD} 기사",
        f"{WORD} 글",
        slug=SLUG,
        region=SEOUL,
        dateline=WORD,
        lead_picture=picture,
        lead_alt=WORD,
        body=[
            ("paragraph", f"<p>{WORD}</p>"),
            ("picture", picture_block),
            ("gallery", {"pictures": [picture_block] * 2}),
        ],
        published=request.param == "live",
    )
    article.tags.add(WORD)
    article.authors.add(ArticleAuthor(author=Author.objects.create(slug=SLUG, name_ko=WORD)))
    embargo = None if request.param == "draft" else later()
    article.embargo = embargo
    revision = article.save_revision()
    if request.param != "draft":
        revision.publish()
    if request.param == "live":
        ArticlePage.objects.filter(pk=article.pk).update(live=True, embargo=embargo)
    english = write("Translated", "Text", language="en", slug="translated")
    Page.objects.filter(pk=english.pk).update(translation_key=article.translation_key)
    found = ArticlePage.objects.get(pk=article.pk)
    assert found.live is (request.param == "live")
    return found


def test_nothing_of_it_is_anywhere(client, sealed):
    today = timezone.localdate()
    addresses = [
        "/ko/",
        "/ko/sosik/",
        "/ko/sosik/gonggae/",
        "/en/reports/translated/",
        "/ko/news/",
        f"/ko/news/?region={SEOUL}",
        "/ko/news/archive/",
        f"/ko/news/archive/{today:%Y/%-m/%-d}/",
        f"/ko/news/search/?q={WORD[:1]}",
        "/ko/news/rss.xml",
        "/ko/news/atom.xml",
        "/ko/news/sections/sosik/rss.xml",
        f"/ko/news/regions/{SEOUL}/atom.xml",
        "/sitemap.xml",
        "/sitemap-articles-1.xml",
        "/news-sitemap.xml",
        "/robots.txt",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        said = f"{answer.headers}{b''.join(answer).decode()}"
        assert not re.search(rf"{WORD}|{SLUG}|{sealed.pk}\.png", said.replace(f"?q={WORD[:1]}", "")), address
    for address in (
        f"/ko/sosik/{SLUG}/",
        f"/ko/authors/{SLUG}/",
        f"/ko/authors/{SLUG}/rss.xml",
        f"/ko/news/tags/{WORD}/",
        f"/ko/news/tags/{WORD}/atom.xml",
        f"/news/cards/{sealed.pk}.png",
    ):
        assert client.get(address).status_code == 404, address
    assert sealed.url is None
    assert sealed.address == f"/ko/sosik/{SLUG}/"


def test_it_answers_as_if_it_had_never_been(client, sealed):
    conditions = [
        {},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Wed, 21 Oct 2099 07:28:00 GMT"},
        {"Range": "bytes=0-10"},
        {"Accept-Language": "en"},
    ]
    for method, headers in product(["get", "head", "post", "options", "put"], conditions):
        # Of one length, so that every header must be the same.
        there, nowhere = (
            getattr(client, method)(f"/ko/sosik/{slug}/?a=1", headers=headers) for slug in (SLUG, "nowhere")
        )
        assert there.status_code == nowhere.status_code == (404 if method in ("get", "head") else 405)
        assert dict(there.headers) == dict(nowhere.headers)
        assert there.content.decode().replace(SLUG, "nowhere") == nowhere.content.decode()
    for slug in (SLUG, "nowhere"):
        assert client.get(f"/ko/sosik/{slug}").headers["Location"] == f"/ko/sosik/{slug}/"


def test_its_pictures_cannot_be_seen(client, sealed, picture):
    make_renditions.call(picture.pk)
    for rendition in picture.renditions.all():
        assert client.get(rendition.url).status_code == 404
        assert client.head(rendition.url).status_code == 404
    assert client.get(picture.file.url).status_code == 404
    nowhere = client.get("/media/images/999999/00000000/gradient.width-480.webp")
    refused = client.get(picture.renditions.first().url)
    assert dict(nowhere.headers) == dict(refused.headers)
    publish(sealed, embargo=None)
    for rendition in picture.renditions.all():
        assert b"".join(client.get(rendition.url).streaming_content)


def test_the_editors_rooms_are_closed(client, sealed):
    for address in (
        f"/cms/pages/{sealed.pk}/view_draft/",
        f"/cms/pages/{sealed.pk}/edit/",
        f"/cms/pages/{sealed.pk}/edit/preview/",
        f"/cms/pages/{sealed.pk}/revisions/{sealed.latest_revision_id}/view/",
        f"/cms/api/main/pages/{sealed.pk}/",
        "/cms/images/",
        "/documents/1/a.pdf",
    ):
        answer = client.get(address)
        assert answer.status_code in (302, 404), address
        assert answer.status_code == 404 or "login" in answer.headers["Location"], address
    with pytest.raises(NoReverseMatch):
        reverse("wagtailimages_serve", args=["x", 1, "original"])


def test_it_is_named_without_its_address_where_it_is_linked(client, sealed, write):
    linking = write("앞선 글", f'<a linktype="page" id="{sealed.pk}">그 기사</a>', slug="before")
    assert "<a>그 기사</a>" in client.get(linking.url).content.decode()
    publish(sealed, embargo=None)
    assert f'<a href="/ko/sosik/{SLUG}/">그 기사</a>' in client.get(linking.url).content.decode()


@pytest.mark.parametrize("again", [False, True])
def test_a_redirect_does_not_lead_to_it(client, write, again, django_capture_on_commit_callbacks):
    article = write("기사", slug="old")
    with django_capture_on_commit_callbacks(execute=True):
        article = publish(article, slug=SLUG)
    assert client.get("/ko/sosik/old/").headers["Location"] == f"/ko/sosik/{SLUG}/"
    with django_capture_on_commit_callbacks(execute=True):
        article = publish(article, embargo=later(), slug=f"{SLUG}-2" if again else SLUG)
    for old in ("old", SLUG):
        answer = client.get(f"/ko/sosik/{old}/")
        assert answer.status_code == 404
        assert f"{SLUG}-2" not in f"{answer.headers}{answer.content.decode()}"
    ArticlePage.objects.filter(pk=article.pk).update(embargo=timezone.now())
    assert client.get("/ko/sosik/old/").headers["Location"] == f"/ko/sosik/{SLUG}/"


def test_no_redirect_is_made_for_what_was_never_public(write, django_capture_on_commit_callbacks):
    article = write("기사", slug="first-words", published=False)
    with django_capture_on_commit_callbacks(execute=True):
        publish(article, slug="other-words")
    assert not Redirect.objects.exists()


def test_an_editor_who_publishes_at_once(client, write):
    article = write("기사", slug=SLUG, embargo=later())
    assert not article.live
    assert article.get_latest_revision().approved_go_live_at == article.get_latest_revision_as_object().embargo
    publish_scheduled()
    assert client.get(article.address).status_code == 404


def test_a_schedule_before_the_embargo(write):
    article = write("기사", slug=SLUG, published=False)
    draft = article.get_latest_revision_as_object()
    draft.embargo, draft.go_live_at = later(hours=2), later()
    revision = draft.save_revision(clean=False)
    type(revision).objects.filter(pk=revision.pk).update(approved_go_live_at=timezone.now())
    publish_scheduled()
    article.refresh_from_db()
    revision.refresh_from_db()
    assert not article.live
    assert revision.approved_go_live_at == draft.embargo


def test_a_revision_that_was_scheduled_before_the_embargo_was_known(write):
    article = write("기사", slug=SLUG, published=False)
    earlier = article.get_latest_revision()
    type(earlier).objects.filter(pk=earlier.pk).update(approved_go_live_at=timezone.now())
    draft = article.get_latest_revision_as_object()
    draft.embargo = later()
    draft.save_revision()
    publish_scheduled()
    article.refresh_from_db()
    earlier.refresh_from_db()
    assert not article.live
    assert earlier.approved_go_live_at == draft.embargo


def test_a_later_schedule_stays(write):
    much_later = later(days=2)
    article = write("기사", slug=SLUG, embargo=later(), go_live_at=much_later)
    assert article.get_latest_revision().approved_go_live_at == much_later


def test_a_moderator_who_approves(write):
    author = User.objects.create_user("author@example.kr", password="a long password 1")
    moderator = User.objects.create_superuser("m@example.kr", "a long password 1")
    article = write("기사", slug=SLUG, embargo=later(), published=False)
    task = GroupApprovalTask.objects.create(name="review")
    task.groups.add(Group.objects.create(name="desk"))
    workflow = Workflow.objects.create(name="desk")
    WorkflowTask.objects.create(workflow=workflow, task=Task.objects.get(pk=task.pk))
    workflow.start(article, author)
    article.refresh_from_db()
    article.current_workflow_task.specific.on_action(article.current_workflow_task_state, moderator, "approve")
    article.refresh_from_db()
    assert not article.live
    assert article.get_latest_revision().approved_go_live_at == article.get_latest_revision_as_object().embargo


def test_an_embargo_that_is_set_on_what_is_public(client, write):
    article = write("기사", "옛 글", slug=SLUG)
    assert client.get(article.address).status_code == 200
    first = article.first_published_at
    until = later()
    article = publish(article, embargo=until)
    assert article.live
    assert not is_public(article)
    assert client.get(article.address).status_code == 404
    assert article.first_published_at == until
    # When it is over, it needs no publishing.
    ends = until + timedelta(seconds=1)
    assert is_public(article, ends)
    assert list(public_articles(ends)) == [article]
    # Taken off at once, it is as if it had never been.
    article = publish(article, embargo=None)
    assert client.get(article.address).status_code == 200
    assert abs(article.first_published_at - first) < timedelta(seconds=0.01)  # a revision keeps milliseconds


def test_a_copy_in_another_section_disappears_too(write, sections):
    article = write("기사", slug=SLUG)
    alias = article.create_alias(parent=sections["en"])
    assert alias.live
    publish(article, embargo=later())
    assert not public_articles().exists()


def test_the_editor_is_told(write, admin_user):
    article = write("기사", slug=SLUG)
    editor = Client()
    editor.force_login(admin_user)
    form = {
        "title": "기사",
        "slug": SLUG,
        "dateline": "",
        "subheads": streamfield([]),
        "body": streamfield([("paragraph", rich_text("<p>글</p>"))]),
        "authors": inline_formset([]),
        "corrections": inline_formset([]),
        "comments": inline_formset([]),
        "embargo": timezone.localtime(later()).strftime("%Y-%m-%d %H:%M"),
        "action-publish": "1",
    }
    answer = editor.post(f"/cms/pages/{article.pk}/edit/", nested_form_data(form))
    assert answer.status_code == 302, answer.context["form"].errors
    said = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    assert "엠바고" in said or "embargo" in said
    assert not public_articles().exists()


def test_an_embargo_that_is_moved_moves_the_publication(write):
    article = write("기사", slug=SLUG, embargo=later(hours=3))
    article = publish(article, embargo=later(hours=1))
    assert article.get_latest_revision().approved_go_live_at == article.get_latest_revision_as_object().embargo
    assert article.get_latest_revision_as_object().go_live_at == article.get_latest_revision_as_object().embargo
    article = publish(article, embargo=None)
    assert is_public(article)


def test_an_article_counts_from_the_end_of_its_embargo(write):
    other = write("다른 기사", slug="other")
    article = write("기사", slug=SLUG)
    before, end = timezone.now() - timedelta(days=400), timezone.now() - timedelta(days=40)
    Page.objects.filter(pk=article.pk).update(first_published_at=before)
    article = ArticlePage.objects.get(pk=article.pk)
    article.embargo = end
    article.save()
    assert article.first_published_at == end
    assert timezone.localdate(before).year not in [one.year for one in days()] or before.year == end.year
    assert list(public_articles()) == [other, article]
    assert list(beside(other)) == [article]


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_it_is_public_soon_after_its_minute(client, write):
    Beat.objects.all().delete()
    clock = clock_thread()
    clock.start()
    try:
        ends = timezone.now() + timedelta(seconds=4)
        article = write("기사", slug=SLUG, embargo=ends)
        assert not article.live
        while client.get(article.address).status_code == 404:
            assert timezone.now() < ends + timedelta(seconds=60)
            time.sleep(0.2)
        assert timezone.now() >= ends
    finally:
        clock.stop(10)
    assert SLUG in client.get("/ko/news/").content.decode()
    assert ArticlePage.objects.get(pk=article.pk).first_published_at >= ends


# Where editors work, and where public articles are told from others.
BEHIND = {
    "embargo.py",
    "example/loading.py",
    "models/articles.py",
    "press/views.py",
    "wagtail_hooks.py",
    "drafting/announcement.py",
    "drafting/desk.py",
    "search/management/commands/index_articles.py",
}


def test_whatever_readers_meet_asks_for_public_articles():
    """No other module queries articles, or pages of every kind with articles among them, by itself."""
    root = Path(newsroom.__file__).parent
    found = set()
    for file in root.rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute):
                continue
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            queries = owner == "ArticlePage" and node.attr in {"objects", "_default_manager", "_base_manager"}
            if queries or node.attr in {"get_translations", "get_translation", "get_siblings", "get_descendants"}:
                found.add(file.relative_to(root).as_posix())
    assert found <= BEHIND


# --- parts of the site that are closed to some


@pytest.mark.parametrize("kind", ["login", "groups", "password"])
def test_a_closed_part_is_closed_at_once_and_sends_its_readers_to_the_door(client, write, kind):
    article = write("닫힌 기사", "속내", slug="closed")
    assert client.get(article.address).status_code == 200
    restriction = PageViewRestriction.objects.create(page=article, restriction_type=kind, password="open sesame")
    answer = client.get(article.address)
    assert "속내" not in answer.content.decode()
    if kind == "password":
        assert answer.status_code == 200
        assert "s-maxage" not in answer.headers.get("Cache-Control", "")
        door = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, article.pk])
        opened = client.post(door, {"password": "open sesame", "return_url": article.address})
        assert (opened.status_code, opened.headers["Location"]) == (302, article.address)
        assert "속내" in client.get(article.address).content.decode()
    else:
        assert answer.status_code == 302
        assert "/account/login/" in client.get(answer.headers["Location"]).headers["Location"]
    restriction.delete()
    assert "속내" in Client().get(article.address).content.decode()


def test_a_closed_translation_or_section_is_not_named(client, write, sections):
    article = write("기사", "글")
    english = write("Secret title", "text", language="en", slug="secret", translation_key=article.translation_key)
    assert 'hreflang="en"' in client.get(article.address).content.decode()
    PageViewRestriction.objects.create(page=english, restriction_type="login")
    assert "/reports/secret/" not in client.get(article.address).content.decode()
    assert sections["ko"].title in client.get("/ko/").content.decode().partition("<main")[2]
    PageViewRestriction.objects.create(page=sections["ko"], restriction_type="login")
    assert "/ko/sosik/" not in client.get("/ko/").content.decode()


def test_a_linked_document_is_public_as_long_as_the_article_is(client, write, django_user_model):
    document = get_document_model().objects.create(title="표", file=ContentFile(b"a,b\n", name="table.csv"))
    address = f"/documents/{document.pk}/{document.filename}"
    assert client.get(address).status_code == 404
    article = write("기사", f'<a linktype="document" id="{document.pk}">표</a>')
    assert address in client.get(article.address).content.decode()
    assert b"".join(client.get(address).streaming_content) == b"a,b\n"
    article.unpublish()
    assert client.get(address).status_code == 404


def test_a_linked_document_may_need_a_password(client, write):
    document = get_document_model().objects.create(title="표", file=ContentFile(b"a,b\n", name="table.csv"))
    write("기사", f'<a linktype="document" id="{document.pk}">표</a>')
    CollectionViewRestriction.objects.create(
        collection=document.collection, restriction_type="password", password="open sesame"
    )
    asked = client.get(document.url)
    assert "암호" in asked.content.decode() or "비밀번호" in asked.content.decode()
    door = re.search(r'action="(/documents/[^"]+)"', asked.content.decode())[1]
    assert client.post(door, {"password": "open sesame", "return_url": document.url}).status_code == 302
    assert b"".join(client.get(document.url).streaming_content) == b"a,b\n"


# --- what cannot be published holds back itself alone


def test_a_draft_that_names_an_author_who_is_gone_stops_nothing(client, write, caplog):
    author = Author.objects.create(slug="kim", name_ko="김기자")
    article = write("기사", "글", slug="first")
    article.authors.add(ArticleAuthor(author=author))
    due = timezone.now() + timedelta(seconds=1)
    article.go_live_at = due
    article.save_revision().publish()
    other = write("다른 기사", "글", slug="second", published=False)
    other.go_live_at = due
    other.save_revision().publish()
    author.delete()
    time.sleep(1)
    publish_scheduled()
    assert client.get(other.address).status_code == 200
    assert client.get(article.address).status_code == 200
    assert article.get_latest_revision_as_object().bylines == []


def test_one_that_fails_holds_back_nothing_else(client, write, monkeypatch, caplog):
    broken, other = (write(title, "글", slug=title, published=False) for title in ("broken", "other"))
    for article in (broken, other):
        article.go_live_at = timezone.now() + timedelta(seconds=1)
        article.save_revision().publish()
    time.sleep(1)
    publish = ArticlePage.publish

    def fails(self, *args, **kwargs):
        if self.slug == "broken":
            raise RuntimeError("the disk is full")
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(ArticlePage, "publish", fails)
    publish_scheduled()
    assert client.get(other.address).status_code == 200
    assert client.get(broken.address).status_code == 404
    assert "the disk is full" in caplog.text


def test_an_author_in_a_byline_is_not_deleted(admin_client, write):
    author = Author.objects.create(slug="kim", name_ko="김기자")
    article = write("기사", "글", published=False)
    article.authors.add(ArticleAuthor(author=author))
    article.save_revision().publish()
    address = reverse("wagtailsnippets_newsroom_author:delete", args=[author.pk])
    told = admin_client.post(address, follow=True).content.decode()
    assert "기사" in told
    assert Author.objects.filter(pk=author.pk).exists()
    with pytest.raises(ProtectedError):
        author.delete()
