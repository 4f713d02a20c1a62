"""A file as its readers see it: pictures of its pages, and its words as plain text."""

from simsa.web.entries.evidence.previews.making import Preview, preview

__all__ = ["Preview", "preview"]
