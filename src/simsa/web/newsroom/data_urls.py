"""What the newsroom has for machines; these addresses have no language and stay as they are."""

from django.urls import path

from simsa.web.newsroom import sitemaps, views
from simsa.web.newsroom.press.views import file

app_name = "newsroom_data"
urlpatterns = [
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    path("sitemap-<str:part>-<int:number>.xml", sitemaps.sitemap, name="sitemap"),
    path("news-sitemap.xml", sitemaps.news, name="news_sitemap"),
    path("news/cards/<int:pk>.png", views.card, name="card"),
    path("news/press/<int:pk>/article.<str:ending>", file, name="press"),
]
