"""The bundle: one file from which anyone can check a round's result."""

from .contents import Contents, Openings, Tier, earlier, linkless, shows_ballots, shows_sheets
from .writing import write_bundle

__all__ = ["Contents", "Openings", "Tier", "earlier", "linkless", "shows_ballots", "shows_sheets", "write_bundle"]
