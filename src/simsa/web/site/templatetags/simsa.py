"""Tags that every page may use: navigation, languages, strips, dates, the synthetic label, page links."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from importlib import metadata
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import QueryDict
from django.template import RequestContext
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext

from simsa.rules import decimal_or_none
from simsa.tables.words.numbers import format_score
from simsa.web.frame import Frame
from simsa.web.frame import frame as said_around_pages

register = template.Library()
VERSION = metadata.version("simsa")

# An entry shows up as soon as the room that serves it has joined the site.
NAVIGATION = (
    (gettext_lazy("Results"), "awards:index"),
    (gettext_lazy("Method"), "method"),
    (gettext_lazy("News"), "newsroom:index"),
    (gettext_lazy("Verify"), "awards:verify"),
    (gettext_lazy("Search"), "newsroom:search"),
)
# Django's Korean has the short weekday in full; our catalogue has it as newspapers write it, and goes first.
WEEKDAYS = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)
# What makes another page of one address; anything else in a query only sorts, filters or arranges it.
KEPT_BY_CANONICAL = ("section", "region", "page")
OWN_NAMES = {"ko": "한국어", "en": "English"}


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    current: bool
    code: str = ""
    translation: bool = True
    """Whether it leads to the same page in another language, and not to the front page in its place."""


@register.simple_tag(takes_context=True)
def navigation(context: RequestContext) -> list[Link]:
    """Links of the masthead; the one of the page that is shown, or of a page above it, is current."""
    path = context["request"].path if "request" in context else ""
    found = []
    for text, name in NAVIGATION:
        with suppress(NoReverseMatch):
            found.append((str(text), reverse(name)))
    here = max((url for _text, url in found if path.startswith(url)), key=len, default=None)
    return [Link(text, url, url == here) for text, url in found]


@register.simple_tag(takes_context=True)
def other_languages(context: RequestContext) -> list[Link]:
    """The page that is shown, in the languages that it is not shown in; the front page where it has no translation."""
    here = translation.get_language()
    links = []
    for code in (code for code, _name in settings.LANGUAGES if code != here):
        there = _translated(context, code)
        links.append(Link(OWN_NAMES[code], there or f"/{code}/", False, code, there is not None))
    return links


def _translated(context: RequestContext, code: str) -> str | None:
    page = context.get("page")
    if hasattr(page, "translated_address"):
        return page.translated_address(code)
    if hasattr(page, "get_translations"):
        same = type(page).objects.filter(translation_key=page.translation_key, locale__language_code=code)
        found = same.live().public().exclude(pk=page.pk).select_related("locale").first()
        return None if found is None else found.get_url(context["request"])
    if "request" not in context or context.get("missing"):
        return None
    path = context["request"].get_full_path()
    moved = translate_url(path, code)
    return moved if moved != path else None


@register.simple_tag
def frame() -> Frame:
    """What rooms put around the page."""
    return said_around_pages()


@register.simple_tag(takes_context=True)
def canonical(context: RequestContext) -> str:
    """The public address of the page that is shown, however it was asked for."""
    request = context["request"]
    kept = QueryDict(mutable=True)
    kept.update({name: request.GET[name] for name in KEPT_BY_CANONICAL if request.GET.get(name)})
    return f"{settings.PUBLIC_URL}{request.path}{'?' if kept else ''}{kept.urlencode()}"


@register.simple_tag
def absolute(path: str) -> str:
    """The public address of a path, whatever host it was asked of."""
    return f"{settings.PUBLIC_URL}{path}"


@register.simple_tag
def today() -> SafeString:
    """The date in the site's time zone."""
    return day(timezone.localdate())


@register.simple_tag
def day(value: date | datetime) -> SafeString:
    """A date as the language writes it: 2024.05.21 (화), or Tue 21 May 2024."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    shown = date_format(value, pgettext("date format", "D j M Y"))
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """A date and time with its zone: 2024.05.21 (화) 14:02 KST."""
    local = timezone.localtime(value)
    shown = date_format(local, pgettext("date and time format", "D j M Y, H:i T"))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.simple_tag
def synthetic() -> SafeString:
    """The label that invented data carries wherever it is shown."""
    return format_html('<span class="badge limit">{}</span>', _("Synthetic data"))


@register.simple_tag
def version() -> str:
    return VERSION


@register.simple_tag(takes_context=True)
def page_url(context: RequestContext, number: int) -> str:
    """The address that is shown, with another page number and the rest of its query kept."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.inclusion_tag("simsa/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page) -> dict[str, Any]:
    """Links to the pages of a paginated list: first, last, and those near the current one."""
    return {
        "request": context["request"],
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "gap": page.paginator.ELLIPSIS,
    }


@register.filter
def apart(value: object) -> str:
    """A decimal number with its thousands apart; anything else as it is."""
    number = decimal_or_none(str(value))
    return str(value) if number is None else format_score(number, None)
