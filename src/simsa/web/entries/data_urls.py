"""Addresses of evidence as files, which have no language."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from simsa.web.entries.files import downloads
from simsa.web.entries.files.storage import COPY, ORIGINAL


class PageNumber(IntConverter):
    """The number of a page of a file."""

    regex = "[0-9]{1,4}"


register_converter(PageNumber, "page_number")
app_name = "entries_data"
urlpatterns = [
    path("evidence/<uuid:pk>/original.bin", downloads.file, {"part": ORIGINAL}, name="original"),
    path("evidence/<uuid:pk>/copy.bin", downloads.file, {"part": COPY}, name="copy"),
    path("evidence/<uuid:pk>/pages/<page_number:number>.webp", downloads.page, name="page"),
    path("files/<str:token>", downloads.signed, name="signed"),
]
