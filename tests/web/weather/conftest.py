"""What tests of the weather share: feeds on this machine, and an empty cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.web.weather.feed import Feed, hub_body, map_text, running

KEY = "the-key-of-nobody"


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def feed(settings) -> Iterator[Feed]:
    """Both feeds, in order, on a site that shows them and has a key."""
    with running() as found:
        found.hub(hub_body())
        found.map(map_text().encode())
        settings.WEATHER, settings.KMA_KEY = "live", KEY
        settings.KMA_HUB, settings.KMA_MAP = f"{found.url}/hub", f"{found.url}/map"
        yield found


@pytest.fixture
def only_hub(feed: Feed) -> Feed:
    """The map is away: what is wrong with the hub decides."""
    feed.map(b"", status=503)
    return feed


@pytest.fixture
def only_map(feed: Feed, settings) -> Feed:
    """A site without a key."""
    settings.KMA_KEY = ""
    return feed
