"""What tests of awards share besides the reference programme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.web.example import EXAMPLE

__all__ = ["EXAMPLE", "RULES_OF_NUMBERS"]

RULES_OF_NUMBERS = """
simsa_rules = 1
[round]
id = "numbers"
name = "수치"
time_zone = "Asia/Seoul"
[[group]]
id = "a"
quota = 1
[missing]
not_submitted = "no_result"
not_applicable = "no_result"
abstained = "no_result"
recused = "no_result"
[[criterion]]
id = "total"
combine = { method = "sum" }
[[criterion]]
id = "debt"
indicator = { method = "rank", field = "debt", better = "lower", points = { min = 0, max = 10 } }
[[tie_break]]
lot = true
"""
"""Rules by which reported numbers alone decide, without a panel."""


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Pictures are kept by the digest of their result; a test must not see those of another."""
    cache.clear()
    yield
    cache.clear()
