"""Why a reviewer withdraws, in the words that are offered to them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

REASONS = {
    "own": gettext_lazy("A direct interest of my own"),
    "kin": gettext_lazy("Kin, or close personal ties"),
    "work": gettext_lazy("I work or worked there, or with them"),
    "advice": gettext_lazy("I advised them or acted for them"),
    "other": gettext_lazy("Another reason for which fairness could be doubted"),
}


def reason_words(key: str, more: str = "") -> str:
    """A reason in words, with what the reviewer adds; a key that there is not is another reason."""
    reason = str(REASONS.get(key, REASONS["other"]))
    return f"{reason}: {more.strip()}" if more.strip() else reason
