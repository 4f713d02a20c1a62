"""What stands in addresses of several rooms."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class Key(IntConverter):
    """The number of a row: no longer than any database has them."""

    regex = "[0-9]{1,18}"


register_converter(Key, "key")
