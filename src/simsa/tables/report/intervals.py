"""An interval as the tables of the report write it."""

from __future__ import annotations

from simsa.tables.words import NO_NUMBER


def interval_text(ends: tuple[float, float] | None, form: str = ".1f") -> str:
    """Both ends, to a tenth if not said otherwise, or that there is no interval."""
    if ends is None:
        return NO_NUMBER
    low, high = (format(end, form).replace("-", "−") for end in ends)
    return f"{low} – {high}"
