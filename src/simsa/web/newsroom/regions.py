"""The 17 upper-level governments, by which articles are listed."""

from __future__ import annotations

from functools import lru_cache

from simsa.tables import korea


@lru_cache
def regions(language: str) -> dict[str, str]:
    """Names in a language, by code."""
    return {one.code: one.name(language) for one in korea.governments() if one.is_region}
