"""What the editor's page says about the figures of an article, above the fields."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

from simsa.web.newsroom.drafting.binding import figures
from simsa.web.newsroom.drafting.publishing import notices, problems


class FiguresPanel(Panel):
    """How many figures are bound, and what has to be put right before publishing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"heading": _("Before publishing")} | kwargs))

    class BoundPanel(Panel.BoundPanel):
        template_name = "newsroom/desk/panel.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.instance.pk)

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {
                "article": self.instance,
                "figures": figures(self.instance),
                "problems": problems(self.instance),
                "notices": notices(self.instance),
            }
