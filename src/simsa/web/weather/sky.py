"""What the sky looks like in one word, from the codes and words of the KMA's feeds."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import pgettext_lazy


class Sky(StrEnum):
    """One word for the sky. The value is what is stored, `word` what people read, `icon` the class of its picture."""

    CLEAR = "clear"
    FEW = "few"
    MANY = "many"
    OVERCAST = "overcast"
    MIST = "mist"
    HAZE = "haze"
    FOG = "fog"
    DUST = "dust"
    DRIZZLE = "drizzle"
    RAIN = "rain"
    SHOWER = "shower"
    SLEET = "sleet"
    SNOW = "snow"
    HAIL = "hail"
    THUNDER = "thunder"

    @property
    def word(self) -> str:
        return str(_WORDS[self])

    @property
    def icon(self) -> str:
        return _ICONS[self]


_WORDS = {
    Sky.CLEAR: pgettext_lazy("sky", "Clear"),
    Sky.FEW: pgettext_lazy("sky", "Few clouds"),
    Sky.MANY: pgettext_lazy("sky", "Cloudy"),
    Sky.OVERCAST: pgettext_lazy("sky", "Overcast"),
    Sky.MIST: pgettext_lazy("sky", "Mist"),
    Sky.HAZE: pgettext_lazy("sky", "Haze"),
    Sky.FOG: pgettext_lazy("sky", "Fog"),
    Sky.DUST: pgettext_lazy("sky", "Yellow dust"),
    Sky.DRIZZLE: pgettext_lazy("sky", "Drizzle"),
    Sky.RAIN: pgettext_lazy("sky", "Rain"),
    Sky.SHOWER: pgettext_lazy("sky", "Shower"),
    Sky.SLEET: pgettext_lazy("sky", "Sleet"),
    Sky.SNOW: pgettext_lazy("sky", "Snow"),
    Sky.HAIL: pgettext_lazy("sky", "Hail"),
    Sky.THUNDER: pgettext_lazy("sky", "Thunderstorm"),
}
# One letter each: they stand 97 times on every page.
_ICONS = {
    Sky.CLEAR: "c",
    Sky.FEW: "f",
    Sky.MANY: "m",
    Sky.OVERCAST: "o",
    **dict.fromkeys((Sky.MIST, Sky.HAZE, Sky.FOG, Sky.DUST), "g"),
    **dict.fromkeys((Sky.DRIZZLE, Sky.RAIN, Sky.SHOWER), "r"),
    **dict.fromkeys((Sky.SLEET, Sky.SNOW, Sky.HAIL), "s"),
    Sky.THUNDER: "t",
}

# Present weather at the station, WMO code table 4677. Not here: the hour before (20-29), what is only in sight (13-16),
# and the development of clouds (00-03).
_PRESENT = (
    (range(4, 6), Sky.HAZE),
    (range(6, 10), Sky.DUST),
    (range(10, 11), Sky.MIST),
    (range(11, 13), Sky.FOG),
    (range(17, 18), Sky.THUNDER),
    (range(30, 36), Sky.DUST),
    (range(36, 40), Sky.SNOW),
    (range(40, 50), Sky.FOG),
    (range(50, 60), Sky.DRIZZLE),
    (range(60, 68), Sky.RAIN),
    (range(68, 70), Sky.SLEET),
    (range(70, 80), Sky.SNOW),
    (range(80, 83), Sky.SHOWER),
    (range(83, 85), Sky.SLEET),
    (range(85, 87), Sky.SNOW),
    (range(87, 91), Sky.HAIL),
    (range(91, 93), Sky.RAIN),
    (range(93, 95), Sky.SNOW),
    (range(95, 100), Sky.THUNDER),
)
# Of the KMA's own codes of two digits, for which there is no public table: what public programs know, worst first.
_DOMESTIC = {"70": Sky.THUNDER, "22": Sky.SNOW, "01": Sky.RAIN}
# The words of the keyless feed by what they contain; a longer one stands before its part.
_CONTAINED = (
    ("뇌", Sky.THUNDER),
    ("천둥", Sky.THUNDER),
    ("우박", Sky.HAIL),
    ("진눈", Sky.SLEET),
    ("비/눈", Sky.SLEET),
    ("소나기", Sky.SHOWER),
    ("이슬비", Sky.DRIZZLE),
    ("안개비", Sky.DRIZZLE),
    ("눈", Sky.SNOW),
    ("비", Sky.RAIN),
    ("황사", Sky.DUST),
    ("먼지", Sky.DUST),
    ("박무", Sky.MIST),
    ("연무", Sky.HAZE),
    ("연기", Sky.HAZE),
    ("안개", Sky.FOG),
    ("맑음", Sky.CLEAR),
    ("구름조금", Sky.FEW),
    ("구름많음", Sky.MANY),
    ("흐림", Sky.OVERCAST),
)


def of_present(code: int) -> Sky | None:
    """The word for a present weather (WMO code table 4677); None where the code says nothing of it."""
    return next((sky for codes, sky in _PRESENT if code in codes), None)


def of_domestic(codes: str) -> Sky | None:
    """The worst of the KMA's own codes, written one after the other in two digits each; None if none is known."""
    found = {codes[at : at + 2] for at in range(0, len(codes), 2)}
    return next((sky for code, sky in _DOMESTIC.items() if code in found), None)


def of_cover(tenths: int) -> Sky | None:
    """The word for a cloud cover in tenths, 0 to 10; None outside."""
    if not 0 <= tenths <= 10:
        return None
    return Sky.CLEAR if tenths <= 2 else Sky.FEW if tenths <= 5 else Sky.MANY if tenths <= 8 else Sky.OVERCAST


def of_words(text: str) -> Sky | None:
    """The sky that Korean words describe (`약한비단속` is rain); None for others and for what has ended (`비 끝남`)."""
    lasting = [part for part in text.replace(" ", "").split(",") if not part.endswith(("끝", "끝남"))]
    return next((sky for word, sky in _CONTAINED if any(word in part for part in lasting)), None)
