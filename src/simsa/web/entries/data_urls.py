"""Addresses of files: of evidence, and of the calendar of a round. They have no language."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from simsa.web.entries.files import downloads
from simsa.web.entries.progress.views import calendar


class PageNumber(IntConverter):
    """The number of a page of a file."""

    regex = "[0-9]{1,4}"


register_converter(PageNumber, "page_number")
app_name = "entries_data"
urlpatterns = [
    path("evidence/<uuid:pk>/original.bin", downloads.original_file, name="original"),
    path("evidence/<uuid:pk>/copy.bin", downloads.copy, name="copy"),
    path("evidence/<uuid:pk>/pages/<page_number:number>.webp", downloads.page, name="page"),
    path("rounds/<str:slug>/calendar.ics", calendar, name="calendar"),
    path("files/<str:token>", downloads.signed, name="signed"),
]
