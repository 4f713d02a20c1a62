"""Numbers and moments of the weather as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

MINUS = "\N{MINUS SIGN}"


def degrees(temperature: Decimal) -> str:
    """A temperature without its unit: −9.0."""
    return f"{temperature:.1f}".replace("-", MINUS) if temperature else "0.0"


def celsius(temperature: Decimal) -> str:
    """A temperature with its unit: 18.3℃ or 18.3°C."""
    return _("%(degrees)s°C") % {"degrees": degrees(temperature)}


def clock(moment: datetime) -> str:
    """The hour and minute of an observation, in its own zone: 10:00."""
    return f"{moment:%H:%M}"


def dated(moment: datetime) -> str:
    """Day, hour and minute of an observation: 2024-05-21 10:00."""
    return f"{moment:%Y-%m-%d %H:%M}"
