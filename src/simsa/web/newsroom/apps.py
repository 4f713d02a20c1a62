"""The newsroom as a Django app; a new site gets its front page, in both languages, with the first migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as present
from django.db.models.signals import post_delete, post_migrate, post_save

from simsa.web.frame import Frame
from simsa.web.public import publish_pages


class NewsroomConfig(AppConfig):
    name = "simsa.web.newsroom"
    label = "newsroom"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from simsa.web.newsroom.publisher import forget_imprint  # noqa: PLC0415 (models load after apps)

        post_migrate.connect(plant_front_page, sender=self, dispatch_uid="newsroom.front_page")
        for signal in (post_save, post_delete):
            signal.connect(forget_imprint, sender="newsroom.Imprint", dispatch_uid="newsroom.imprint")
        for sender in ("newsroom.Author", "newsroom.NewsPicture", "taggit.Tag"):  # names and credits stand on pages
            for signal in (post_save, post_delete):
                signal.connect(publish_pages, sender=sender, dispatch_uid=f"newsroom.said.{sender}")
        self._follow_roles()
        self._follow_revisions()
        self._follow_pictures()

    def _follow_roles(self) -> None:
        """See that who may write and publish is said by roles alone."""
        from simsa.web.newsroom.editors import follow_roles  # noqa: PLC0415 (models load after apps)

        def changed(instance: Any, raw: bool = False, **_signal: object) -> None:
            if not raw:
                follow_roles(instance.person)

        post_save.connect(changed, sender="programmes.Role", weak=False, dispatch_uid="newsroom.roles")

    def _follow_revisions(self) -> None:
        """See that an embargo on what readers can see already holds at once."""
        from simsa.web.newsroom.embargo import closed_or_opened, withdraw_scheduled  # noqa: PLC0415 (models load after apps)

        for signal in (post_save, post_delete):
            signal.connect(
                closed_or_opened,
                sender="wagtailcore.PageViewRestriction",
                dispatch_uid="newsroom.closed",
            )
        post_save.connect(withdraw_scheduled, sender="wagtailcore.Revision", dispatch_uid="newsroom.embargo")

    def _follow_pictures(self) -> None:
        """See that pictures are there in every size, and are shown as soon as an article with them is public."""
        from wagtail.signals import page_published  # noqa: PLC0415 (models load after apps)

        from simsa.web.newsroom.models import ArticlePage, NewsPicture  # noqa: PLC0415
        from simsa.web.newsroom.pictures import note_pictures  # noqa: PLC0415
        from simsa.web.newsroom.renditions import ask_for  # noqa: PLC0415

        def published(instance: ArticlePage, **_signal: object) -> None:
            note_pictures(instance)

        def saved(instance: NewsPicture, **_signal: object) -> None:
            ask_for(instance.pk)

        page_published.connect(published, sender=ArticlePage, weak=False, dispatch_uid="newsroom.note_pictures")
        post_save.connect(saved, sender=NewsPicture, weak=False, dispatch_uid="newsroom.renditions")

    def around_pages(self) -> Frame:
        """Who publishes the site, and its feeds, in the language of the page."""
        from simsa.web.newsroom.publisher import foot  # noqa: PLC0415 (models load after apps)

        return foot()


def plant_front_page(sender: AppConfig, using: str, apps: Any = present, **kwargs: Any) -> None:
    """See that a fully migrated site has a front page; a database between two migrations is left alone."""
    from simsa.web.newsroom.services import columns, ensure_front_page  # noqa: PLC0415 (models load after apps)

    if columns(apps) == columns(present):
        ensure_front_page(using)
