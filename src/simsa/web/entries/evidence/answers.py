"""The files that the worker leaves for the site."""

LOOKED, CLEANED, SHOWN = "looked.json", "cleaned.json", "shown.json"
"""What was found; that there is a copy; pages and words. Each is there if the step was done."""
COPY = "cleaned.bin"


def page_name(number: int) -> str:
    """The picture of a page, counted from 1."""
    return f"page-{number}.webp"
