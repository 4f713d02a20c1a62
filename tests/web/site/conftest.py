"""What pages of the whole site are made of: the rooms' own examples."""

from __future__ import annotations

from tests.web.newsroom.conftest import picture, sections, write

__all__ = ["picture", "sections", "write"]
