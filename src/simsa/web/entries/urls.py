"""Addresses of entries and their evidence, under a language."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from simsa.web.entries.files import tus, views


class Key(IntConverter):
    """The number of a row: no longer than any database has them."""

    regex = "[0-9]{1,18}"


register_converter(Key, "key")
app_name = "entries"
urlpatterns = [
    path("entries/<key:pk>/evidence/", views.evidence, name="evidence"),
    path("entries/<key:pk>/uploads/", tus.creation, name="uploads"),
    path("uploads/<uuid:pk>/", tus.upload, name="upload"),
    path("evidence/<uuid:pk>/remove/", views.remove, name="remove"),
    path("evidence/<uuid:pk>/move/", views.move, name="move"),
]
