"""What pages of the whole site are made of: the rooms' own examples."""

from __future__ import annotations

from tests.web.example import example, example_rows
from tests.web.newsroom.conftest import picture, sections, write

__all__ = ["example", "example_rows", "picture", "sections", "write"]
