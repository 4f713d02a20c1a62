"""Addresses of entries, their evidence, and the lists that they come from, under a language."""

from django.urls import path

from simsa.web import converters  # noqa: F401 (knows `key`)
from simsa.web.entries.cases import views as cases
from simsa.web.entries.desk import peers
from simsa.web.entries.desk import views as desk
from simsa.web.entries.files import tus
from simsa.web.entries.files import views as files
from simsa.web.entries.indicators import views as indicators
from simsa.web.entries.lists import views as lists
from simsa.web.entries.progress import views as progress

app_name = "entries"
urlpatterns = [
    path("entries/<key:pk>/", desk.desk, name="desk"),
    path("entries/<key:pk>/draft/", desk.save, name="save"),
    path("entries/<key:pk>/checklist/", desk.checks, name="checklist"),
    path("entries/<key:pk>/cases/", desk.cases, name="cases"),
    path("entries/<key:pk>/preview/", desk.preview, name="preview"),
    path("entries/<key:pk>/submit/", desk.submit, name="submit"),
    path("entries/<key:pk>/withdraw/", desk.withdraw, name="withdraw"),
    path("entries/<key:pk>/receipt.txt", desk.receipt, {"ending": "txt"}, name="receipt"),
    path("entries/<key:pk>/receipt.svg", desk.receipt, {"ending": "svg"}, name="receipt_picture"),
    path("entries/<key:pk>/submitted.json", desk.submitted, name="submitted"),
    path("rounds/<str:slug>/peers/", peers.index, name="peers"),
    path("rounds/<str:slug>/peers/<key:entry>/", peers.entry, name="peer"),
    path("office/rounds/<str:slug>/progress/", progress.progress, name="progress"),
    path("office/rounds/<str:slug>/progress/remind/", progress.send_reminders, name="remind"),
    path("office/rounds/<str:slug>/indicators/", indicators.indicators, name="indicators"),
    path("office/rounds/<str:slug>/indicators.<str:ending>", indicators.indicators_file, name="indicators_file"),
    path("office/rounds/<str:slug>/cases/", cases.cases, name="cases_compared"),
    path("office/rounds/<str:slug>/cases.<str:ending>", cases.cases_file, name="cases_file"),
    path("objections/<key:pk>/reply/", peers.reply, name="objection_reply"),
    path("objections/<key:pk>/rule/", peers.rule, name="objection_rule"),
    path("entries/<key:pk>/evidence/", files.evidence, name="evidence"),
    path("entries/<key:pk>/uploads/", tus.creation, name="uploads"),
    path("uploads/<uuid:pk>/", tus.upload, name="upload"),
    path("evidence/<uuid:pk>/preview/", files.preview, name="file_preview"),
    path("evidence/<uuid:pk>/remove/", files.remove, name="remove"),
    path("evidence/<uuid:pk>/move/", files.move, name="move"),
    path("evidence/<uuid:pk>/examine-again/", progress.try_again, name="examine_again"),
    path("office/rounds/<str:slug>/lists/<str:kind>/", lists.index, name="lists"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/", lists.draft, name="list_draft"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/columns/", lists.columns, name="list_columns"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/confirm/", lists.confirm, name="list_confirm"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/drop/", lists.drop, name="list_drop"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/faults.<str:ending>", lists.faults, name="list_faults"),
    path("office/rounds/<str:slug>/lists/<str:kind>/done/<key:pk>/undo/", lists.undo, name="list_undo"),
]
