"""The page of all stations."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from simsa.web.public import public_page
from simsa.web.weather.fragment import items
from simsa.web.weather.map import weather_map
from simsa.web.weather.services import strip
from simsa.web.weather.stations import region_name
from simsa.web.weather.table import View, choices, headings
from simsa.web.weather.wording import clock, dated


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """Every station, as a map and as a table; 404 on a site that shows no weather."""
    if settings.WEATHER == "off":
        raise Http404("this site shows no weather")
    language, view, weather = get_language() or settings.LANGUAGE_CODE, View.of(request.GET), strip()
    context = {"view": view, "choices": choices(language), "weather": weather}
    if weather is not None:
        lines = view.of_lines(weather.lines, language)
        context |= {
            "map": weather_map(weather.lines, language),
            "headings": headings(view),
            "rows": [
                (region_name(line.station.region_code, language), item)
                for line, item in zip(lines, items(tuple(lines), language), strict=True)
            ],
            "clock": clock(weather.observed),
            "dated": dated(weather.observed),
        }
    return render(request, "weather/index.html", context)
