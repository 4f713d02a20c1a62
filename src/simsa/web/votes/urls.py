"""Pages of votes."""

from django.urls import path

from simsa.web import converters  # noqa: F401 (knows `key`)
from simsa.web.votes import office, views

app_name = "votes"
urlpatterns = [
    path("votes/ballots/<str:secret>/", views.ballot, name="ballot"),
    path("votes/ballots/<str:secret>/entries/<key:pk>/", views.entry_by_link, name="entry_by_link"),
    path("votes/<str:slug>/", views.index, name="index"),
    path("votes/<str:slug>/own/", views.own, name="own"),
    path("votes/<str:slug>/own/<key:pk>/", views.own_entry, name="own_entry"),
    path("votes/<str:slug>/provided/", views.provided, name="provided"),
    path("votes/<str:slug>/provided/<key:pk>/", views.provided_entry, name="provided_entry"),
    path("votes/<str:slug>/receipt/", views.receipt, name="receipt"),
    path("office/rounds/<str:slug>/vote/", office.vote, name="office"),
    path("office/rounds/<str:slug>/vote/count/", office.count, name="count"),
    path("office/rounds/<str:slug>/vote/ballots.<str:ending>", office.ballots, name="ballots"),
    path("office/votes/asides/<key:pk>/", office.rule, name="rule"),
]
