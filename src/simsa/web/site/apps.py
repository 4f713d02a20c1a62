"""The shell as a Django app, so that its templates, tags and commands are found; it keeps pages until they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db.models.signals import post_delete

if TYPE_CHECKING:
    from simsa.web.programmes.models import Round
    from simsa.web.programmes.rooms import Alarm, Work


class SiteConfig(AppConfig):
    name = "simsa.web.site"
    label = "simsa_site"

    def ready(self) -> None:
        from wagtail.models import Page  # noqa: PLC0415 (models load after apps)
        from wagtail.signals import page_published, page_unpublished, post_page_move  # noqa: PLC0415

        from simsa.web.public import new_edition, publish_pages, published  # noqa: PLC0415

        published.connect(new_edition, dispatch_uid="site.new_edition")

        for signal in (page_published, page_unpublished, post_page_move):
            signal.connect(publish_pages, dispatch_uid="site.pages_changed")
        post_delete.connect(publish_pages, sender=Page, dispatch_uid="site.page_deleted")

    def office_of(self, _round: Round) -> list[Work]:
        """Nothing of its own (see `simsa.web.programmes.rooms`)."""
        return []

    def alarms_of(self, _round: Round) -> list[Alarm]:
        """Background work that nobody does."""
        from simsa.web.site.background import background_alarms  # noqa: PLC0415 (models load after apps)

        return background_alarms()
