"""The blocks of an article's text, in the order in which an editor is offered them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from simsa.web.newsroom.blocks.results import Case, EntrantChart, ResultMap, WinnerTable
from simsa.web.newsroom.blocks.telling import Gallery, PullFigure, Quote, ShownPicture, WebEmbed

RICH = ["bold", "italic", "link", "document-link", "ol", "ul", "superscript", "subscript", "figure"]
"""What may stand in a paragraph: words, lists, links and figures; headings, quotes and pictures are blocks."""


class ArticleBody(blocks.StreamBlock):
    """An article's text."""

    paragraph = blocks.RichTextBlock(
        features=RICH,
        label=_("paragraph"),
        icon="pilcrow",
        template="newsroom/blocks/paragraph.html",
        required=False,  # one that was begun and left empty says nothing, and keeps nothing from being published
    )
    heading = blocks.CharBlock(
        max_length=120, label=_("heading"), icon="title", template="newsroom/blocks/heading.html"
    )
    quote = Quote(group=_("Telling"))
    pull_figure = PullFigure(group=_("Telling"))
    picture = ShownPicture(group=_("Telling"))
    gallery = Gallery(group=_("Telling"))
    embed = WebEmbed(group=_("Telling"))
    winners = WinnerTable(group=_("From the result"))
    result_map = ResultMap(group=_("From the result"))
    entrant_chart = EntrantChart(group=_("From the result"))
    case = Case(group=_("From the result"))


__all__ = ["RICH", "ArticleBody"]
