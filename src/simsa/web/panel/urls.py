"""Pages of the panel."""

from django.urls import path

from simsa.web.panel.conference import views as conference

app_name = "panel"
urlpatterns = [
    path("office/rounds/<str:slug>/conference/", conference.index, name="conference"),
    path("office/rounds/<str:slug>/conference/<key:pk>/", conference.draft, name="conference_draft"),
    path("office/rounds/<str:slug>/conference/<key:pk>/confirm/", conference.confirm, name="conference_confirm"),
]
