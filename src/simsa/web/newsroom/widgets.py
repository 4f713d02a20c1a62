"""What editors choose entrants from."""

from __future__ import annotations

from typing import Any, ClassVar

from django.forms import CheckboxSelectMultiple


class EntrantsChoice(CheckboxSelectMultiple):
    """A long list of entrants: those chosen stand first, and a script adds a field that filters them."""

    template_name = "newsroom/desk/entrants.html"

    class Media:
        js = ("newsroom/entrants.js",)
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("newsroom/entrants.css",)}

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        """Each entrant is a group of its own."""
        return sorted(super().optgroups(name, value, attrs), key=lambda group: not group[1][0]["selected"])
