"""Tags for figures from the result: words for readers, and for editors what is not what the result says."""

from __future__ import annotations

from django import template
from django.template import RequestContext
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText, expand_db_html

from simsa.web.newsroom.drafting.binding import known_to, with_warnings, without_marks
from simsa.web.newsroom.drafting.publishing import Problem, problems
from simsa.web.newsroom.models import ArticlePage

register = template.Library()


@register.simple_tag(takes_context=True)
def told(context: RequestContext, text: RichText) -> SafeString:
    """A paragraph: for readers its words; in a preview figures that are not what the result says stand out."""
    page, request = context.get("page"), context.get("request")
    source = text.source
    if getattr(request, "is_preview", False) and isinstance(page, ArticlePage):
        source = with_warnings(source, known_to(page))
    return mark_safe(expand_db_html(without_marks(source)))  # noqa: S308 (rich text is cleaned when it is written)


@register.simple_tag
def to_put_right(article: ArticlePage) -> list[Problem]:
    """What has to be put right before the article can be published."""
    return problems(article)
