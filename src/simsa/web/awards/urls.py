"""Public pages of rounds, under a language."""

from django.urls import path

from simsa.web.awards import views

app_name = "awards"
urlpatterns = [
    path("rounds/", views.index, name="index"),
    path("rounds/<str:slug>/", views.round_page, name="round"),
    path("rounds/<str:slug>/table/", views.table, name="table"),
    path("rounds/<str:slug>/state/", views.state, name="state"),
    path("rounds/<str:slug>/rules/", views.rules, name="rules"),
    path("rounds/<str:slug>/entries/<path:code>/", views.entrant, name="entrant"),
]
