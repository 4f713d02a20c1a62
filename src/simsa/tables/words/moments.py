"""Dates and times for people."""

from __future__ import annotations

from datetime import datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def moment_words(moment: str, language: str = "ko") -> str:
    """A local date and time of the rules (ISO 8601) for people."""
    at = datetime.fromisoformat(moment)
    if language == "ko":
        return f"{at.year}년 {at.month}월 {at.day}일 {at:%H:%M}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"
