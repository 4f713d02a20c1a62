"""Every part that the style sheet offers, on one page: accessible, within the width, and there to be looked at."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, engines
from django.urls import path

from simsa.web.public import public_form
from simsa.web.site import urls
from simsa.web.site.templatetags.simsa import apart

PAGE = Path(__file__).with_name("parts.html").read_text(encoding="utf-8")


class Entry(forms.Form):
    title = forms.CharField(label="제목", help_text="띄어쓰기를 포함하여 40자 이내로 적습니다.")
    amount = forms.DecimalField(label="금액", required=False)
    group = forms.ChoiceField(label="군", choices=[("si", "시"), ("gun", "군")], widget=forms.RadioSelect)
    body = forms.CharField(label="내용", widget=forms.Textarea, required=False)
    area = forms.ChoiceField(label="지역", choices=[("1", "충청남도"), ("2", "전라남도")])
    file = forms.FileField(label="증빙", required=False, help_text="HWPX, PDF, XLSX")
    agreed = forms.BooleanField(label="사실과 같음을 확인합니다.")


@public_form
def parts(request: HttpRequest) -> HttpResponse:
    messages.success(request, "저장했습니다.")
    messages.error(request, "3행 점수: 0에서 10 사이의 수를 적어 주시기 바랍니다.")
    from django.utils import timezone

    context = {
        "form": Entry({"title": "", "amount": "열", "group": "x", "body": "그대로 있습니다."}),
        "page": Paginator(range(1, 200), 8).page(3 if request.GET else 1),
        "above": [("결과", "/ko/"), ("2023 상반기", "/ko/method/")],
        "now": timezone.now(),
    }
    template = engines["django"].from_string(PAGE).template
    return HttpResponse(template.render(RequestContext(request, context)))


handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
urlpatterns = [path("ko/parts/", parts), *urls.urlpatterns]

VIEWS = [{"width": width, "scheme": scheme} for width, scheme in product(("phone", "desktop"), ("light", "dark"))]


@pytest.mark.repeats
@pytest.mark.parametrize("browser_page", VIEWS, indirect=True, ids=lambda view: "-".join(view.values()))
def test_parts(browser_page, axe, screenshot, settings, request):
    settings.ROOT_URLCONF = __name__
    browser_page.goto("/ko/parts/")
    axe(browser_page)
    width = browser_page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1]
    screenshot(browser_page, f"site-parts-{request.node.callspec.id}")


@pytest.mark.django_db
def test_fields_are_tied_to_their_label_help_and_error(client, settings):
    settings.ROOT_URLCONF = __name__
    page = client.get("/ko/parts/").content.decode()
    assert '<label for="id_title">제목</label>' in page
    assert 'aria-describedby="id_title_helptext id_title_error"' in page
    assert 'id="id_title_helptext"' in page
    assert 'id="id_title_error"' in page
    assert 'value="열"' in page
    assert "그대로 있습니다." in page


@pytest.mark.django_db
def test_pagination_keeps_the_rest_of_the_address(client, settings):
    settings.ROOT_URLCONF = __name__
    page = client.get("/ko/parts/?sort=score&page=3").content.decode()
    assert 'href="?sort=score&amp;page=4"' in page
    assert 'aria-current="page" href="?sort=score&amp;page=3"' in page


@pytest.mark.parametrize(
    ("given", "shown"),
    [("10200000", "10,200,000"), ("1272.50", "1,272.5"), ("-0.5", "−0.5"), ("", ""), ("없음", "없음"), (12, "12")],
)
def test_thousands_are_apart(given, shown):
    assert apart(given) == shown
