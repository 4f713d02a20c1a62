"""The verbs of the newsroom."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Site

from simsa.web.newsroom.models import HomePage

RIGHTS = (("newsroom", "add_author"), ("newsroom", "change_author"), ("simple_translation", "submit_translation"))
"""What Wagtail's groups of editors and moderators may do in a newsroom besides writing: authors and translations."""


def columns(registry: Any) -> set[tuple[str, str]]:
    """Table columns of the front page and of what it stands on, in a registry of models (now, or at some migration)."""
    models = [("wagtailcore", "Page"), ("wagtailcore", "Site"), ("wagtailcore", "Locale"), ("newsroom", "HomePage")]
    try:
        found = [registry.get_model(*name) for name in models]
    except LookupError:
        return set()
    return {(model._meta.db_table, field.column) for model in found for field in model._meta.local_fields}


def ensure_front_page(using: str = "default") -> None:
    """Give the site one front page per language and make it the root, unless there is a front page already.

    Wagtail's page of welcome, which stands at the root of a new site, is removed.
    """
    with transaction.atomic(using):
        if HomePage.objects.using(using).exists():
            return
        locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code, _name in settings.LANGUAGES}
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=locales["ko"])
        Site.objects.all().delete()
        root.get_children().filter(slug="home").delete()
        root.refresh_from_db()
        key = None
        for code, locale in locales.items():
            with translation.override(code):
                page = HomePage(title=_("Evaluations anyone can check"), intro=_opening(), locale=locale)
            page.slug, page.draft_title = f"home-{code}", page.title
            page.translation_key = key = key or page.translation_key
            root.add_child(instance=page)
            if code == settings.LANGUAGE_CODE:
                Site.objects.create(hostname="localhost", root_page=page, is_default_site=True, site_name="simsa")
        grant_rights()


def grant_rights() -> None:
    """Let editors and moderators do what a newsroom asks of them; for a new site, which nobody has arranged yet."""
    for label in {label for label, _codename in RIGHTS}:
        create_permissions(apps.get_app_config(label), verbosity=0)  # Django's own turn comes later
    rights = [Permission.objects.get(content_type__app_label=label, codename=codename) for label, codename in RIGHTS]
    for group in Group.objects.filter(name__in=("Editors", "Moderators")):
        group.permissions.add(*rights)


def _opening() -> str:
    text = _(
        "From the rules to the announced result, every step of an evaluation is recorded here, "
        "and the result can be checked from the public files."
    )
    return f"<p>{text}</p>"
