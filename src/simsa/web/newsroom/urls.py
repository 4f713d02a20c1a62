"""Addresses of the newsroom beside its Wagtail pages, under the language prefix."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

from simsa.web.newsroom import feeds, views


class PageSlug(StringConverter):
    """What a page's address is made of: letters of any language, digits and hyphens; a file's name has a dot."""

    regex = r"[\w-]+"


class Year(IntConverter):
    """A year that newspapers were printed in, or will be."""

    regex = "(?:19|20|21)[0-9]{2}"


class Part(IntConverter):
    """A month or a day; whether there is such a day, the view says."""

    regex = "[0-9]{1,2}"


register_converter(PageSlug, "page")
register_converter(Year, "year")
register_converter(Part, "part")
app_name = "newsroom"
# Where a feed is, what its name begins with, and what it is about.
FEEDS = (
    ("news/", "", feeds.everything),
    ("news/sections/<str:slug>/", "section_", feeds.of_section),
    ("news/regions/<str:code>/", "region_", feeds.of_region),
    ("news/tags/<str:slug>/", "tag_", feeds.of_tag),
    ("authors/<str:slug>/", "author_", feeds.of_author),
)
urlpatterns = [
    path("", views.front, name="front"),
    path("news/", views.news, name="index"),
    path("news/search/", views.search_page, name="search"),
    path("news/archive/", views.archive, name="archive"),
    path("news/archive/<year:year>/", views.archive, name="archive_year"),
    path("news/archive/<year:year>/<part:month>/", views.archive, name="archive_month"),
    path("news/archive/<year:year>/<part:month>/<part:day>/", views.archive, name="archive_day"),
    path("news/tags/<str:slug>/", views.tag, name="tag"),
    path("authors/<str:slug>/", views.author, name="author"),
    path("imprint/", views.imprint, name="imprint"),
    path("privacy/", views.privacy, name="privacy"),
    *(
        path(f"{where}{name}.xml", feeds.feed(channel, form), name=f"{about}{name}")
        for where, about, channel in FEEDS
        for name, form in (("rss", Rss201rev2Feed), ("atom", Atom1Feed))
    ),
    # After everything else that has an address of two parts; what is no article is Wagtail's to answer.
    path("<page:section>/<page:slug>/", views.article, name="article"),
]
