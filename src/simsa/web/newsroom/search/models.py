"""What is searched of each article."""

from __future__ import annotations

from django.db import models


class SearchText(models.Model):
    """The words of a published article as they are compared: without spaces and marks, in small letters.

    `title`, `beside` (subheads, names, tags) and `text` are searched for a query's words; `morphemes` holds the words
    that the morphology found, each between spaces, and `analysed` the `digest` of the text in which it found them.
    `plain` has all of it as it is read; excerpts come from what stands behind the form feed in it, the text alone.
    Whether an article may be found is decided when somebody asks.
    """

    article = models.OneToOneField(
        "newsroom.ArticlePage", on_delete=models.CASCADE, primary_key=True, related_name="searched"
    )
    title = models.TextField()
    beside = models.TextField(blank=True)
    text = models.TextField(blank=True)
    plain = models.TextField()
    morphemes = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    analysed = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.article_id}: {self.plain[:40]}"
