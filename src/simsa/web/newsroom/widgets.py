"""What editors choose entrants from."""

from __future__ import annotations

from typing import Any, ClassVar

from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _


class EntrantsChoice(CheckboxSelectMultiple):
    """A long list of entrants: those chosen stand first, and a script adds a field that filters them."""

    class Media:
        js = ("newsroom/entrants.js",)
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("newsroom/entrants.css",)}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        words = {"data-filter": _("Filter by name"), "data-chosen": _("Chosen: %s")}
        return super().get_context(name, value, {**(attrs or {}), "class": "entrants-choice", **words})

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        """Each entrant is a group of its own."""
        return sorted(super().optgroups(name, value, attrs), key=lambda group: not group[1][0]["selected"])
