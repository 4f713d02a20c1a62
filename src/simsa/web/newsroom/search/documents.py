"""What of an article is searched, and keeping it up to date."""

from __future__ import annotations

from django.utils.html import strip_tags

from simsa.rules import digest
from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.search.letters import squeezed
from simsa.web.newsroom.search.models import SearchText

TEXT = "\f"
"""Stands in `SearchText.plain` before the text, from which excerpts are taken."""


def plain_text(article: ArticlePage) -> str:
    """The words of an article's text, block by block."""
    parts = [part for block in article.body for part in block.block.get_searchable_content(block.value)]
    return "\n".join(filter(None, (strip_tags(part).strip() for part in parts)))


def around(article: ArticlePage) -> str:
    """What stands around the text: subheads, dateline, authors, entrants, tags."""
    parts = [str(line.value) for line in article.subheads]
    parts += [article.dateline, article.lead_caption if article.lead_picture_id else ""]
    parts += [name for author in article.bylines for name in (author.name_ko, author.name_en)]
    parts += [name for entrant in article.entrants.all() for name in (entrant.name_ko, entrant.name_en)]
    parts += [tag.name for tag in article.tags.all()]
    return "\n".join(filter(None, parts))


def update(article: ArticlePage) -> SearchText:
    """Write down what the published article says. Morphemes of an older text stay until the worker has new ones."""
    text, beside = plain_text(article), around(article)
    whole = f"{article.title}\n{beside}{TEXT}{text}"
    found, _new = SearchText.objects.update_or_create(
        article_id=article.pk,
        defaults={
            "title": squeezed(article.title),
            "beside": squeezed(beside),
            "text": squeezed(text),
            "plain": whole,
            "digest": digest(whole.encode()),
        },
    )
    return found


def forget(article_id: int) -> None:
    """Remove an article from what is searched."""
    SearchText.objects.filter(article_id=article_id).delete()
