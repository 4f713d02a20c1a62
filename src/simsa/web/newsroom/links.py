"""Links to pages in editors' texts: a page that is not public is named by its words alone, without its address."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from wagtail.rich_text.pages import PageLinkHandler


class PublicLink(PageLinkHandler):
    """A link to a page of this site, where the page has a public address."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        addresses = [page and page.live and page.localized.url for page in cls.get_many(attrs_list)]
        return [f'<a href="{escape(address)}">' if address else "<a>" for address in addresses]
