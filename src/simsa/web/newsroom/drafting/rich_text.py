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

WORDS = {
    "title": _("Figure from the result"),
    "search": _("Search"),
    "asking": _("The result is being asked …"),
    "found": _("%(found)s of %(all)s"),
    "cancel": _("Cancel"),
    "unsaved": _("Choose a round under “Promote” and save the draft: then its result can be chosen from here."),
    "failed": _("The result could not be asked. Is the connection there? Close this and try again."),
    "none": _("The result says nothing about this any more."),
    "now": _("The result says now: %(said)s"),
    "inside": _("Stands inside another number: delete that number as a whole and choose the figure again."),
}
"""What the editor's script says. The chooser has it from the page: one that was never saved has nothing to ask for."""


class FigureElementHandler(InlineEntityElementHandler):
    """From the database to the editor."""

    mutability = "IMMUTABLE"  # changed in part it would say what the result does not

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
            {
                "type": ENTITY,
                "icon": "order",
                "description": _("Figure from the result"),
                "attributes": ["reference"],
                "words": WORDS,
            },
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
