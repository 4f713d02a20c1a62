"""Figures bound to the result: kept through editing, flagged when the result changes, and no way around it."""

from __future__ import annotations

import itertools
import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.models import Task, Workflow, WorkflowTask

from simsa.web.awards.models import Result
from simsa.web.newsroom.blocks import RICH
from simsa.web.newsroom.blocks.telling import BLANK
from simsa.web.newsroom.drafting.binding import bind, figures, mark, refresh, stale
from simsa.web.newsroom.drafting.choices import choices
from simsa.web.newsroom.drafting.publishing import NotPublishableError, notices, problems
from simsa.web.newsroom.drafting.references import references, resolve
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.periodic import publish_scheduled

pytestmark = pytest.mark.django_db

SCORE = "winner/시/1/score"


@pytest.fixture
def told(write, example):
    """A published article with figures in headline, subhead and text."""
    known = references(Result.objects.get(), "ko")
    text = bind(
        "%(name)s은(는) %(score)s점을 받아 %(all)s곳 가운데 뽑혔다.",
        known,
        name="winner/시/1/name",
        score=SCORE,
        all="entrants",
    )
    return write(
        "243곳 가운데 7곳 선정",
        text,
        round=example,
        subheads=[("subhead", "평가위원 33명")],
        bound=[
            {"place": "title", "reference": "selected", "text": "7"},
            {"place": "title", "reference": "entrants", "text": "243"},
        ],
    )


def change(**facts: str) -> None:
    """Another result: other sheets of the panel, and another score for the first of the cities."""
    result = Result.objects.get()
    payload = result.facts
    payload["panel"]["reviewers"] = 31
    result.payload = json.dumps(payload)
    result.save()
    first = result.standings.filter(entry__group="시", outcome="selected").order_by("order").first()
    first.score = facts.get("score", "95.5")
    first.save()


def staff(client):
    user = get_user_model().objects.create_superuser("chief@example.kr", "a long enough password")
    client.force_login(user)
    return user


def test_references_say_numbers_names_and_sentences(example):
    known = references(Result.objects.get(), "ko")
    assert (known["entrants"], known["selected"], known["reviewers"], known["sheets"]) == ("243", "7", "33", "1,201")
    assert known["winner/시/1/name"] == "경기도 안성시"
    assert known[SCORE] == "94.67"
    assert known["rules_hash"] == example.rules_hash
    assert resolve(known, "winner/시/1/name+은(는)") == "경기도 안성시는"
    assert resolve(known, "winner/군/1/name+은(는)") == "대구광역시 군위군은"
    assert resolve(known, "winner/시/9/name") is None
    assert resolve(known, "winner/시/9/name+은(는)") is None
    english = references(Result.objects.get(), "en")
    assert english["winner/시/1/name"] == "Anseong-si, Gyeonggi-do"


def test_the_editor_keeps_figures():
    source = f"<p>점수는 {mark('winner/A%2F1/1/name+은(는)', 'Ö & <b>')} <b>{mark(SCORE, '94.67')}</b>점</p>"
    converter = ContentstateConverter(features=RICH)
    state = converter.from_database_format(source)
    entities = json.loads(state)["entityMap"].values()
    assert [one["data"]["reference"] for one in entities] == ["winner/A%2F1/1/name+은(는)", SCORE]
    back = converter.to_database_format(state)
    assert 'data-figure="winner/A%2F1/1/name+은(는)"' in back
    assert f'data-figure="{SCORE}"' in back
    assert "Ö &amp; &lt;b&gt;" in back
    again = converter.to_database_format(converter.from_database_format(back))
    assert again == back


def test_a_figure_in_the_editor_is_changed_as_a_whole():
    state = ContentstateConverter(features=RICH).from_database_format(f"<p>{mark('sheets', '1,201')}장</p>")
    assert [one["mutability"] for one in json.loads(state)["entityMap"].values()] == ["IMMUTABLE"]


@pytest.mark.parametrize(
    ("source", "whole"),
    [
        (f"{mark('sheets', '1')},202장", "1,202"),
        (f"{mark(SCORE, '94.67')}5점", "94.675"),
        (f"9{mark(SCORE, '94.67')}점", "994.67"),
        (f"1.{mark('selected', '7')}", "1.7"),
        (f"<i>{mark(SCORE, '94.67')}</i><b>5</b>점", "94.675"),
        (f"{mark('selected', '7')}{mark('entrants', '243')}", "7243"),
        (f"{mark('selected', '7')}.<b>5</b>", "7.5"),
    ],
)
def test_a_figure_inside_another_number_is_refused_and_never_rewritten(write, example, source, whole):
    article = write("t", source, round=example, published=False)
    found = [str(problem) for problem in problems(article)]
    assert any(f"“{whole}”" in problem for problem in found), found
    with pytest.raises(NotPublishableError):
        article.get_latest_revision().publish()
    page = article.make_preview_request().render().content.decode()
    red = re.sub(r"</?[bi]>", "", page.replace("</span><b><span", "<b><span"))
    assert "".join(re.findall(r'<span class="stale"[^>]*>([^<]*)', red)) == whole
    assert refresh(article) == 0
    assert whole in re.sub("<[^>]*>", "", ArticlePage.objects.get(pk=article.pk).body[0].value.source)


def test_what_touches_no_digit_stands_alone(write, example):
    text = f"{mark(SCORE, '94.67')}점, {mark('selected', '7')}. 5 {mark('selected', '7')}<br/>8</p><p>9"
    assert problems(write("t", text, round=example, published=False)) == []


def test_refresh_leaves_what_stands_inside_another_number(write, example):
    article = write("t", f"{mark(SCORE, '94.67')}, {mark('sheets', '1')},202장", round=example, published=False)
    change()
    assert refresh(article) == 1
    assert "95.50" in (
        draft := ArticlePage.objects.get(pk=article.pk).get_latest_revision_as_object().body[0].value.source
    )
    assert f"{mark('sheets', '1')},202장" in draft


def said(found):
    return [str(one) for one in found]


def test_numbers_typed_by_hand_are_listed_with_their_place(client, told):
    staff(client)
    subhead = told.subheads[0]
    assert said(notices(told)) == ["부제 1: 결과와 연결되지 않은, 손으로 쓴 숫자: 33."]
    told.title = "244곳 가운데 7곳 선정"
    told.lead_caption = "2023년"
    told.body = [
        ("paragraph", f"<p>모두 {mark('entrants', '243')}곳, 그리고 <b>1</b>,202장과 SHA-256</p>"),
        ("heading", "첫 3곳"),
        ("quote", {"words": "4곳을\n뽑았다", "speaker": "김", "role": ""}),
        ("pull_figure", {"figure": "5점", "label": "<6>", "note": ""}),
        ("winners", {"caption": "7곳"}),
        ("case", {"title": "8", "entrant": "", "text": "9", "outcomes": [{"label": "10", "figure": "11 %"}]}),
    ]
    told.save_revision()
    draft = ArticlePage.objects.get(pk=told.pk).get_latest_revision_as_object()
    numbers = [one.what.partition(": ")[2] for one in notices(draft)]
    assert numbers[0] == "244. 초안에는 결과에서 가져온 값이 있었습니다: 243."
    assert numbers[1:] == ["33.", "2023.", "1,202.", "3.", "4.", "5; 6.", "7.", "8; 9; 10; 11."]
    assert [one.anchor for one in notices(draft)][:3] == ["id_title", f"block-{subhead.id}-section", "id_lead_caption"]
    assert problems(draft) == []  # it may be meant so
    preview = draft.make_preview_request().render().content.decode()
    shown = re.findall(r'<mark class="loose" title="손으로 [^>]*>([^<]*)', preview)
    assert shown == ["244", "33", "1", ",202", "3", "4", "5", "6", "7", "8", "9", "10", "11"]
    for address in (f"/cms/pages/{told.pk}/edit/", f"/cms/newsroom/figures/{told.pk}/"):
        page = client.get(address).content.decode()
        assert f'#block-{draft.body[0].id}-section">본문 1번째(문단)</a>' in page
        assert '#id_title">제목</a>' in page


def test_an_article_that_takes_nothing_from_a_result_may_say_any_number(write, example):
    assert notices(write("3월 1일 행사", "참가자 200명", round=example)) == []


def test_an_english_article_that_speaks_korean_is_noticed(write, example):
    known = references(Result.objects.get(), "ko")
    named = mark("winner/시/1/name", known["winner/시/1/name"])
    article = write(
        "Result",
        f"{named} was selected.</p><p>이 문단은 아직 그대로다.",
        round=example,
        language="en",
        published=False,
        subheads=[("subhead", "부제 하나")],
    )
    assert [one.what for one in notices(article)] == [
        "아직 한국어입니다: “부제 하나”.",
        "아직 한국어입니다: “이 문단은 아직 그대로다”.",
    ]
    article = write("Result", f"{named} was selected.", round=example, language="en", published=False)
    assert notices(article) == []
    assert notices(write("결과", "글")) == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ko", ("시", "1번째 선정 · 점수")), ("en", ("Cities", "selected no. 1 · score"))],
)
def test_everything_to_choose_is_called_by_words(example, language, expected):
    known = references(Result.objects.get(), "ko")
    with override(language):
        offered = choices(Result.objects.get(), known)
    assert [one.reference for one in offered] == list(known)
    score = next(one for one in offered if one.reference == SCORE)
    assert (score.group, score.label, score.said, score.about) == (*expected, "94.67", "경기도 안성시")
    assert len({(one.group, one.label) for one in offered}) == len(offered)
    groups = [one.group for one in offered]
    assert len(list(itertools.groupby(groups))) == len(set(groups))  # each group is listed once


def test_the_chooser_says_why_there_is_nothing_to_choose(client, write, example):
    staff(client)
    lost = write("회차 없는 기사", "글", published=False)
    without = client.get(f"/cms/newsroom/figures/{lost.pk}/known/").json()
    assert without["choices"] == []
    assert "회차가 없습니다" in without["nothing"]
    waiting = write("결과 없는 회차", "글", round=example, published=False)
    Result.objects.all().delete()
    assert "아직 결과가 없습니다" in client.get(f"/cms/newsroom/figures/{waiting.pk}/known/").json()["nothing"]


def test_readers_see_words_and_no_trace(client, told):
    page = client.get(told.url).content.decode()
    assert "경기도 안성시는 94.67점을 받아 243곳 가운데 뽑혔다." in page
    assert "data-figure" not in page


def test_a_changed_result_makes_figures_stale_and_stops_publishing(client, told):
    assert not stale(told)
    change()
    old = stale(told)
    assert [(figure.text, figure.present) for figure in old] == [("94.67", "95.50")]
    with pytest.raises(NotPublishableError) as refused:
        told.save_revision().publish()
    assert "94.67" in str(refused.value)
    assert "95.50" in str(refused.value)
    with pytest.raises(ValidationError):  # past the article's own verb
        PublishPageRevisionAction(told.get_latest_revision()).execute(skip_permission_checks=True)
    assert "94.67" in client.get(told.url).content.decode()


def test_refresh_puts_the_present_value_into_a_new_draft(client, told):
    change()
    before = told.latest_revision_id
    assert refresh(told) == 1
    fresh = ArticlePage.objects.get(pk=told.pk)
    assert fresh.latest_revision_id != before
    assert "94.67" in client.get(told.url).content.decode()  # an editor reads it first
    assert not stale(fresh.get_latest_revision_as_object())
    assert refresh(fresh) == 0
    fresh.get_latest_revision().publish()
    assert "경기도 안성시는 95.50점을 받아" in client.get(told.url).content.decode()


def test_headlines_are_refreshed_and_let_go(told):
    result = Result.objects.get()
    last = result.standings.filter(outcome="selected").order_by("order").last()
    last.outcome = "not_selected"
    last.save()
    assert [(figure.text, figure.present) for figure in stale(told)] == [("7", "6")]
    refresh(told)
    draft = told.get_latest_revision_as_object()
    assert draft.title == "243곳 가운데 6곳 선정"
    assert [bound["text"] for bound in draft.bound] == ["243", "6"]
    draft.title = "선정 결과 발표"
    assert [figure.reference for figure in figures(draft)] == ["winner/시/1/name+은(는)", SCORE, "entrants"]


def test_what_the_result_no_longer_says_is_for_a_person_to_put_right(write, example):
    article = write("t", mark("winner/시/3/name", "어느 시"), round=example, published=False)
    assert [figure.present for figure in stale(article)] == [None]
    assert refresh(article) == 0
    with pytest.raises(NotPublishableError):
        article.get_latest_revision().publish()


def test_a_preview_shows_what_is_stale(told, rf: RequestFactory):
    change()
    request = rf.get("/")
    request.is_preview = True
    page = told.make_preview_request(preview_mode="").render().content.decode()
    assert '<span class="stale" title="지금 결과: 95.50">94.67</span>' in page
    assert "발행하려면 먼저 고칠 것" in page


@pytest.mark.parametrize(
    "body",
    [
        [("paragraph", f"<p>문의: {BLANK}</p>")],
        [("quote", {"words": BLANK, "speaker": "김", "role": ""})],
        [("quote", {"words": " ", "speaker": "김", "role": ""})],
        [("pull_figure", {"figure": "1", "label": BLANK, "note": ""})],
    ],
)
def test_blanks_cannot_be_published(write, body):
    article = write("제목", body=body, published=False)
    assert len(problems(article)) == 1
    with pytest.raises(NotPublishableError):
        article.get_latest_revision().publish()
    assert not ArticlePage.objects.get(pk=article.pk).live


def test_an_article_does_not_come_before_its_result(write, told, hidden):
    hidden()
    article = ArticlePage.objects.get(pk=told.pk)
    article.unpublish()
    article.refresh_from_db()
    with pytest.raises(NotPublishableError):
        article.save_revision().publish()
    article.go_live_at = timezone.now() + timedelta(hours=1)
    article.save_revision().publish()  # it may wait for the result
    assert not ArticlePage.objects.get(pk=told.pk).live


def test_what_is_due_and_stale_waits_alone(client, write, told):
    soon = timezone.now() + timedelta(hours=1)
    told.unpublish()
    for article in (told, write("다른 기사", "글", published=False)):
        article.go_live_at = soon
        article.save_revision().publish()
    change()
    told.revisions.update(approved_go_live_at=timezone.now() - timedelta(seconds=2))
    other = ArticlePage.objects.get(title="다른 기사")
    for article in (told, other):
        revision = article.get_latest_revision()
        past = timezone.now() - timedelta(seconds=2)
        revision.content["go_live_at"] = past.isoformat()
        revision.approved_go_live_at = past
        revision.save()
    publish_scheduled()
    assert ArticlePage.objects.get(pk=other.pk).live
    assert not ArticlePage.objects.get(pk=told.pk).live
    assert told.revisions.filter(approved_go_live_at__isnull=False).exists()
    refresh(ArticlePage.objects.get(pk=told.pk))
    ArticlePage.objects.get(pk=told.pk).get_latest_revision().publish()
    assert ArticlePage.objects.get(pk=told.pk).live


def test_an_approved_article_with_blanks_stays_a_draft(write):
    user = get_user_model().objects.create_superuser("chief@example.kr", "a long enough password")
    article = write("제목", f"문의: {BLANK}", published=False)
    workflow, task = Workflow.objects.create(name="w"), Task.objects.create(name="t")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    state = workflow.start(article, user)
    state.current_task_state.approve(user)
    article.refresh_from_db()
    assert not article.live


def test_the_form_says_what_to_put_right(client, told):
    staff(client)
    change()
    edit = f"/cms/pages/{told.pk}/edit/"
    page = client.get(edit).content.decode()
    assert "newsroom/figures/" in page
    from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

    source = told.body[0].value.source
    form = nested_form_data(
        {
            "title": told.title,
            "slug": told.slug,
            "subheads": streamfield([]),
            "body": streamfield([("paragraph", rich_text(source, features=RICH))]),
            "authors": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
            "corrections": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0},
            "round": told.round_id,
        }
    )
    saved = client.post(edit, form)
    assert saved.status_code == 302, saved.content.decode()[:500]  # a draft is saved as it is
    refused = client.post(edit, form | {"action-publish": "1"})
    assert refused.status_code == 200
    assert "95.50" in refused.content.decode()
    kept = ArticlePage.objects.get(pk=told.pk).get_latest_revision_as_object()
    assert kept.bound == told.bound
    assert [figure.reference for figure in stale(kept)] == [SCORE]
    api = client.post(f"/cms/api/main/pages/{told.pk}/action/publish/")
    assert api.status_code in (400, 403, 404)
    known = client.get(f"/cms/newsroom/figures/{told.pk}/known/").json()["known"]
    assert known[SCORE] == "95.50"
    assert known["winner/시/1/name+은(는)"] == "경기도 안성시는"
    assert "95.50" in client.get(f"/cms/newsroom/figures/{told.pk}/").content.decode()
    assert client.post(f"/cms/newsroom/figures/{told.pk}/").status_code == 302
    assert client.post(edit, form | {"action-publish": "1"}).status_code == 200  # the old text once more
    fresh = ArticlePage.objects.get(pk=told.pk).get_latest_revision_as_object()
    form = form | nested_form_data(
        {"body": streamfield([("paragraph", rich_text(fresh.body[0].value.source, features=RICH))])}
    )
    assert client.post(edit, form | {"action-publish": "1"}).status_code == 302
    assert "95.50" in client.get(told.url).content.decode()


def test_several_at_once_are_published_only_when_all_can_be(client, write):
    staff(client)
    whole = write("온전한 기사", "글", published=False)
    blank = write("빈칸 있는 기사", BLANK, published=False)
    address = f"/cms/bulk/wagtailcore/page/publish/?id={whole.pk}&id={blank.pk}&next=/cms/"
    assert client.post(address).status_code == 302
    assert not ArticlePage.objects.filter(live=True).exists()
    assert client.post(f"/cms/bulk/wagtailcore/page/publish/?id={whole.pk}&next=/cms/").status_code == 302
    assert ArticlePage.objects.get(live=True) == whole


def test_strangers_see_no_figures_of_a_draft(client, told):
    assert client.get(f"/cms/newsroom/figures/{told.pk}/known/").status_code == 302
