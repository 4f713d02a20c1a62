"""Addresses of entries, their evidence, and the lists that they come from, under a language."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from simsa.web.entries.files import tus
from simsa.web.entries.files import views as files
from simsa.web.entries.lists import views as lists


class Key(IntConverter):
    """The number of a row: no longer than any database has them."""

    regex = "[0-9]{1,18}"


register_converter(Key, "key")
app_name = "entries"
urlpatterns = [
    path("entries/<key:pk>/evidence/", files.evidence, name="evidence"),
    path("entries/<key:pk>/uploads/", tus.creation, name="uploads"),
    path("uploads/<uuid:pk>/", tus.upload, name="upload"),
    path("evidence/<uuid:pk>/remove/", files.remove, name="remove"),
    path("evidence/<uuid:pk>/move/", files.move, name="move"),
    path("office/rounds/<str:slug>/lists/<str:kind>/", lists.index, name="lists"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/", lists.draft, name="list_draft"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/columns/", lists.columns, name="list_columns"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/confirm/", lists.confirm, name="list_confirm"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/drop/", lists.drop, name="list_drop"),
    path("office/rounds/<str:slug>/lists/<str:kind>/<key:pk>/faults.<str:ending>", lists.faults, name="list_faults"),
    path("office/rounds/<str:slug>/lists/<str:kind>/done/<key:pk>/undo/", lists.undo, name="list_undo"),
]
