"""What a feed says: the sky and the temperature at each station at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from simsa.record import canonical_text, parse_canonical
from simsa.web.weather.sky import Sky

KOREA = ZoneInfo("Asia/Seoul")
COLDEST, WARMEST = Decimal(-60), Decimal(60)
"""Beyond these no temperature was ever observed in Korea, by far: the number is wrong."""


class FeedError(RuntimeError):
    """A feed did not answer, or with nothing that can be used; the message says why and holds no key."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Sky and temperature (°C, to a tenth) at a station; None where the feed has none."""

    sky: Sky | None = None
    temperature: Decimal | None = None

    def __bool__(self) -> bool:
        return self.sky is not None or self.temperature is not None


@dataclass(frozen=True)
class Observation:
    """The readings of one moment by the number of the station, and notes on what in the feed was left aside."""

    observed: datetime
    readings: Mapping[int, Reading]
    notes: tuple[str, ...] = ()


def temperature_of(text: str) -> Decimal | None:
    """A temperature as the feeds write it, None for an empty text. ValueError if it is none or cannot be true."""
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text[:20]!r} is no temperature") from None
    if not value.is_finite() or not COLDEST <= value <= WARMEST:
        raise ValueError(f"{text[:20]!r} is no temperature of Korea")
    return value.quantize(Decimal("0.1"))


def to_text(readings: Mapping[int, Reading]) -> str:
    """Readings as canonical JSON (RFC 8785), temperatures as texts: no number is ever rounded on the way."""
    return canonical_text(
        {
            str(station): {
                "sky": reading.sky.value if reading.sky else None,
                "temperature": None if reading.temperature is None else str(reading.temperature),
            }
            for station, reading in readings.items()
        }
    )


def from_text(text: str) -> dict[int, Reading]:
    """What `to_text` wrote."""
    return {
        int(station): Reading(
            Sky(one["sky"]) if one["sky"] else None,
            None if one["temperature"] is None else Decimal(one["temperature"]),
        )
        for station, one in parse_canonical(text.encode()).items()
    }
