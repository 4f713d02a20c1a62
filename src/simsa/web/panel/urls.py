"""Pages of the panel."""

from django.urls import path

from simsa.web.panel.conference import views as conference
from simsa.web.panel.scoring import views as scoring

app_name = "panel"
urlpatterns = [
    path("office/rounds/<str:slug>/conference/", conference.index, name="conference"),
    path("office/rounds/<str:slug>/conference/<key:pk>/", conference.draft, name="conference_draft"),
    path("office/rounds/<str:slug>/conference/<key:pk>/confirm/", conference.confirm, name="conference_confirm"),
    path("panel/worker.js", scoring.worker, name="worker"),
    path("panel/rounds/<str:slug>/", scoring.own, name="own"),
    path("panel/rounds/<str:slug>/sign/", scoring.sign, name="sign"),
    path("panel/sheets/<str:name>/", scoring.sheet, name="sheet"),
    path("panel/sheets/<str:name>/draft/", scoring.draft, name="draft"),
    path("panel/sheets/<str:name>/submit/", scoring.submit, name="submit"),
    path("panel/sheets/<str:name>/receipt.txt", scoring.receipt_of, {"ending": "txt"}, name="receipt"),
    path("panel/sheets/<str:name>/receipt.svg", scoring.receipt_of, {"ending": "svg"}, name="receipt_picture"),
]
