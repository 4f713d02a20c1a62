"""The search as a Django app of its own: it follows what editors publish, and nothing depends on it."""

from __future__ import annotations

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "simsa.web.newsroom.search"
    label = "newsroom_search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from simsa.web.newsroom.search.following import follow  # noqa: PLC0415 (models load after apps)

        follow()
