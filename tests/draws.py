"""How much the costly randomised tests draw: a part in `make test`, everything in `make test-all`."""

from __future__ import annotations

from hypothesis import settings

EVERYTHING = "everything"
PART = 0.12
"""Of the draws. They differ from run to run, so that many runs see what one does not."""

settings.register_profile(EVERYTHING, settings.default)
settings.register_profile("a part", settings.default, max_examples=25)
settings.load_profile("a part")


def draws(number: int) -> int:
    """So many with `--hypothesis-profile everything`, else a part of them."""
    return number if settings.get_current_profile_name() == EVERYTHING else round(PART * number)
