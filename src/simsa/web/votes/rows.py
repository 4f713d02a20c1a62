"""The rows of a ranked ballot as HTML: thousands ask for a page with hundreds of them within minutes, and a template
takes ten times as long for each."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from simsa.web.votes.booth import Booth, Choice

_ROW = (
    '<li><input type="hidden" name="chosen" value="{key}"{out}>'
    '<span class="name"><a href="{at}{key}/" target="_blank" rel="noopener">{name}</a></span>'
    '<span class="moves">'
    '<button class="button quiet up" name="do" value="up:{key}"{first} aria-label="{name}: {up}">↑</button>'
    '<button class="button quiet down" name="do" value="down:{key}"{last} aria-label="{name}: {down}">↓</button>'
    '<button class="button quiet drop" name="do" value="drop:{key}" aria-label="{name}: {drop}">✕</button>'
    '<button class="button quiet add" name="do" value="add:{key}"{full} aria-label="{name}: {add}">{choose}</button>'
    "</span></li>\n"
)
_DISABLED = SafeString(" disabled")


class Rows:
    """Every row has all buttons; the style sheet shows those that belong where it stands, and a script moves it."""

    def __init__(self, booth: Booth, entries: str) -> None:
        self._booth = booth
        self._same = {
            "at": entries,
            "up": pgettext("move an entry on the ballot", "up"),
            "down": pgettext("move an entry on the ballot", "down"),
            "drop": pgettext("move an entry on the ballot", "take off"),
            "add": pgettext("move an entry on the ballot", "choose"),
            "choose": _("Choose"),
        }

    def chosen(self) -> SafeString:
        """What was chosen, in order."""
        first = self._booth.first
        return _joined(
            self._row(one, first=one is first[0], last=one is first[-1], full=False, chosen=True) for one in first
        )

    def rest(self) -> list[tuple[str, SafeString]]:
        """What can be chosen, by group."""
        full = self._booth.full
        return [
            (group, _joined(self._row(one, first=False, last=False, full=full, chosen=False) for one in choices))
            for group, choices in self._booth.rest
        ]

    def _row(self, one: Choice, *, first: bool, last: bool, full: bool, chosen: bool) -> SafeString:
        said = {"out": not chosen, "first": first, "last": last, "full": full}
        flags = {key: _DISABLED if on else "" for key, on in said.items()}
        return format_html(_ROW, key=one.key, name=one.name, **flags, **self._same)


def _joined(rows: Iterable[SafeString]) -> SafeString:
    return SafeString("".join(rows))
