"""What the newsroom has for machines; these addresses have no language and stay as they are."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from simsa.web.newsroom import sitemaps, views
from simsa.web.newsroom.press.views import file


class Number(IntConverter):
    """The number of a row: no longer than any database has them."""

    regex = "[0-9]{1,18}"


register_converter(Number, "number")
app_name = "newsroom_data"
urlpatterns = [
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    path("sitemap-<str:part>-<number:number>.xml", sitemaps.sitemap, name="sitemap"),
    path("news-sitemap.xml", sitemaps.news, name="news_sitemap"),
    path("news/cards/<number:pk>.png", views.card, name="card"),
    path("news/press/<number:pk>/article.<str:ending>", file, name="press"),
]
