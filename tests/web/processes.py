"""Other processes on the database of the test."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


def environment() -> dict[str, str]:
    """That of a process with the site's own settings, on the database and the uploads of the running test."""
    name = connection.settings_dict["NAME"]
    database = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        there = urlsplit(os.environ["DATABASE_URL"])
        database = there._replace(path=f"/{name}").geturl()
    return {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "simsa.web.site.settings",
        "SIMSA_UPLOADS": str(settings.UPLOADS),
        "SIMSA_SECRET_KEY": settings.SECRET_KEY,
        "SIMSA_STATIC": "source",
    }
