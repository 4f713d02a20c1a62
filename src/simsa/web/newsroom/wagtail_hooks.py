"""What the newsroom adds to the editors' pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail.rich_text import FeatureRegistry

from simsa.web.newsroom.drafting import desk, rich_text
from simsa.web.newsroom.drafting.announcement import may_draft
from simsa.web.newsroom.drafting.publishing import problems
from simsa.web.newsroom.embargo import is_held
from simsa.web.newsroom.links import PublicLink
from simsa.web.newsroom.models import ArticlePage, Author


@hooks.register("register_rich_text_features")
def figures_in_rich_text(features: FeatureRegistry) -> None:
    rich_text.register(features)


@hooks.register("register_rich_text_features", order=1)  # after Wagtail's own
def links_in_rich_text(features: FeatureRegistry) -> None:
    features.register_link_type(PublicLink)


@hooks.register("insert_editor_js")
def saves_in_order() -> str:
    return format_html('<script src="{}"></script>', static("newsroom/saving.js"))


@hooks.register("after_publish_page")
def say_what_is_held(request: HttpRequest, page: Page) -> None:
    """An editor who holds back what readers could see already is told so."""
    if isinstance(page, ArticlePage) and page.live and is_held(page):
        said = _("“%(title)s” is not public now: its embargo lasts until %(moment)s. It then appears by itself.")
        moment = date_format(timezone.localtime(page.embargo), "DATETIME_FORMAT")
        messages.warning(request, said % {"title": page.title, "moment": moment})


@hooks.register("after_edit_page")
def say_when_it_appears(request: HttpRequest, page: Page) -> None:
    """Whoever gives the last approval is told when readers will see it, where that is not now."""
    approved = "action-workflow-action" in request.POST and request.POST.get("workflow-action-name") == "approve"
    article = ArticlePage.objects.filter(pk=page.pk).first() if approved else None
    if article is None or article.is_public or article.current_workflow_state is not None:
        return
    due = article.get_latest_revision_as_object().go_live_at
    if due is not None:
        moment = date_format(timezone.localtime(due), "DATETIME_FORMAT")
        messages.info(request, _("It becomes public by itself: %(at)s.") % {"at": moment})


@hooks.register("register_admin_urls")
def desk_addresses() -> list[URLPattern | URLResolver]:
    return [path("newsroom/", include((desk.urlpatterns, "newsroom_desk")))]


@hooks.register("before_delete_snippet")
def keep_authors_of_articles(request: HttpRequest, instances: Iterable[Any]) -> HttpResponse | None:
    """An author who stands in a byline is not deleted; an editor is told of which articles."""
    kept = False
    for author in instances:
        if isinstance(author, Author) and (titles := sorted({line.article.title for line in author.written.all()})):
            said = _("%(author)s stands in the byline of: %(titles)s. Take the name out there first.")
            messages.error(request, said % {"author": author.name_ko, "titles": ", ".join(titles[:5])})
            kept = True
    return redirect("wagtailsnippets_newsroom_author:list") if kept else None


class DraftMenuItem(MenuItem):
    """Shown to those who may add articles."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_draft(request.user)


@hooks.register("register_admin_menu_item")
def draft_in_menu() -> MenuItem:
    return DraftMenuItem(
        _("Draft the announcement"), reverse("newsroom_desk:draft"), icon_name="doc-full-inverse", order=150
    )


@hooks.register("construct_settings_menu")
def people_are_managed_elsewhere(request: HttpRequest, items: list[MenuItem]) -> None:
    """Accounts and roles belong to the office; what Wagtail has of them is switched off (`simsa.web.site.editors`)."""
    items[:] = [item for item in items if item.name not in {"users", "groups"}]


@hooks.register("register_account_menu_item")
def own_account(request: HttpRequest) -> dict[str, str]:
    return {
        "url": reverse("accounts:own"),
        "label": _("My account"),
        "help_text": _("Name, e-mail address, password, second factor"),
    }


@hooks.register("before_bulk_action")
def publish_many(request: HttpRequest, action_type: str, objects: Iterable[Page], action: Any) -> HttpResponse | None:
    """Publish several at once only where nothing has to be put right in any of them."""
    if action_type != "publish":
        return None
    wanted = Page.objects.filter(pk__in=[page.pk for page in objects])
    if request.POST.get("include_descendants"):
        wanted = Page.objects.filter(pk__in=[one.pk for page in wanted for one in page.get_descendants(inclusive=True)])
    blocked = False
    for article in ArticlePage.objects.filter(pk__in=wanted.values("pk")):
        if not article.permissions_for_user(request.user).can_publish():
            continue  # Wagtail refuses it; what is missing is for its editors to read
        for problem in problems(article.get_latest_revision_as_object()):
            messages.error(request, f"{article.title}: {problem}")
            blocked = True
    return redirect(action.next_url) if blocked else None
