"""Addresses of the newsroom beside its Wagtail pages, under the language prefix."""

from django.urls import path

from simsa.web.newsroom import views

app_name = "newsroom"
urlpatterns = [
    path("news/", views.news, name="index"),
    path("news/archive/", views.archive, name="archive"),
    path("news/archive/<int:year>/", views.archive, name="archive_year"),
    path("news/archive/<int:year>/<int:month>/", views.archive, name="archive_month"),
    path("news/archive/<int:year>/<int:month>/<int:day>/", views.archive, name="archive_day"),
    path("news/tags/<str:slug>/", views.tag, name="tag"),
    path("authors/<str:slug>/", views.author, name="author"),
    path("imprint/", views.imprint, name="imprint"),
    path("privacy/", views.privacy, name="privacy"),
]
