"""The newsroom as a Django app; a new site gets its front page, in both languages, with the first migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as present
from django.db.models.signals import post_migrate


class NewsroomConfig(AppConfig):
    name = "simsa.web.newsroom"
    label = "newsroom"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(plant_front_page, sender=self, dispatch_uid="newsroom.front_page")


def plant_front_page(sender: AppConfig, using: str, apps: Any = present, **kwargs: Any) -> None:
    """See that a fully migrated site has a front page; a database between two migrations is left alone."""
    from simsa.web.newsroom.services import columns, ensure_front_page  # noqa: PLC0415 (models load after apps)

    if columns(apps) == columns(present):
        ensure_front_page(using)
