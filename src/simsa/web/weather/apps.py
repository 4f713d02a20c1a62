"""Weather as a Django app; it puts the strip under the masthead."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from simsa.web.frame import Frame


class WeatherConfig(AppConfig):
    name = "simsa.web.weather"
    label = "weather"
    verbose_name = _("weather")
    default_auto_field = "django.db.models.BigAutoField"

    def around_pages(self) -> Frame:
        """The weather of the whole country, in the language of the page; nothing where none is known."""
        from simsa.web.weather.fragment import weather_strip  # noqa: PLC0415 (models load after apps)

        strip = weather_strip()
        return Frame() if strip is None else Frame(strips=(strip,))
