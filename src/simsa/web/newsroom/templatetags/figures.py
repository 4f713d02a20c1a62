"""Tags for figures from the result: words for readers, and for editors what is not what the result says."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.template import RequestContext
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText, expand_db_html

from simsa.web.newsroom.drafting.binding import known_to, plain_with_warnings, with_warnings
from simsa.web.newsroom.drafting.passages import is_bound, without_marks
from simsa.web.newsroom.drafting.publishing import Problem, notices, problems
from simsa.web.newsroom.models import ArticlePage

register = template.Library()


@register.simple_tag(takes_context=True)
def told(context: RequestContext, text: RichText) -> SafeString:
    """A paragraph: for readers its words; in a preview what is not the result's stands out."""
    known = _known(context)
    source = without_marks(text.source) if known is None else with_warnings(text.source, known)
    return mark_safe(expand_db_html(source))  # noqa: S308 (rich text is cleaned when it is written)


@register.simple_tag(takes_context=True)
def said(context: RequestContext, text: str, place: str = "") -> str:
    """The same for a text that is no paragraph. `place`: `title`, or the id of a subhead."""
    known = _known(context)
    return text if known is None else mark_safe(plain_with_warnings(context["page"], text, place, known))  # noqa: S308


@register.simple_tag
def to_put_right(article: ArticlePage) -> list[Problem]:
    """What has to be put right before the article can be published."""
    return problems(article)


@register.simple_tag
def to_look_at(article: ArticlePage) -> list[Problem]:
    """What an editor should look at once more."""
    return notices(article)


def _known(context: RequestContext) -> Mapping[str, str] | None:
    """What the article may refer to, asked for once for each preview; None for readers, and where nothing is bound."""
    page, request = context.get("page"), context.get("request")
    if not getattr(request, "is_preview", False) or not isinstance(page, ArticlePage):
        return None
    if "known_figures" not in request.__dict__:
        request.known_figures = known_to(page) if is_bound(page) else None
    known: Mapping[str, str] | None = request.known_figures
    return known
