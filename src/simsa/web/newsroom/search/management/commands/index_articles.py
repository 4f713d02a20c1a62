"""`index_articles`: everything that is searched, written anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from simsa.web.newsroom.models import ArticlePage
from simsa.web.newsroom.search.documents import update
from simsa.web.newsroom.search.models import SearchText
from simsa.web.newsroom.search.tasks import analyse_texts


class Command(BaseCommand):
    help = "Write anew what is searched of every published article, and find its words if simsa[korean] is installed."

    def handle(self, *args: Any, **options: Any) -> None:
        live = ArticlePage.objects.live()
        SearchText.objects.exclude(article__in=live).delete()
        for article in live.iterator(chunk_size=200):
            update(article)
        analysed = analyse_texts.func()
        self.stdout.write(f"{SearchText.objects.count()} articles are searched, {analysed} analysed")
