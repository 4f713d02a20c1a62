"""Figures in the editor: kept through editing, underlined, and red where the result says something else now."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from draftjs_exporter.dom import DOM
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineEntityElementHandler
from wagtail.admin.rich_text.editors.draftail.features import EntityFeature
from wagtail.rich_text import FeatureRegistry

FEATURE = "figure"
ENTITY = "FIGURE"


class FigureElementHandler(InlineEntityElementHandler):
    """From the database to the editor."""

    mutability = "MUTABLE"

    def get_attribute_data(self, attrs: dict[str, str]) -> dict[str, str]:
        return {"reference": attrs["data-figure"]}


def figure_element(props: dict[str, Any]) -> Any:
    """From the editor to the database."""
    return DOM.create_element("span", {"data-figure": props["reference"]}, props["children"])


def register(features: FeatureRegistry) -> None:
    """Add figures to the rich text of articles."""
    features.register_editor_plugin(
        "draftail",
        FEATURE,
        EntityFeature(
            {"type": ENTITY, "icon": "order", "description": _("Figure from the result"), "attributes": ["reference"]},
            js=["newsroom/figures.js"],
            css={"all": ["newsroom/figures.css"]},
        ),
    )
    features.register_converter_rule(
        "contentstate",
        FEATURE,
        {
            "from_database_format": {"span[data-figure]": FigureElementHandler(ENTITY)},
            "to_database_format": {"entity_decorators": {ENTITY: figure_element}},
        },
    )
