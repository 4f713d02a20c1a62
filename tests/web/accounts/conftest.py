from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.accounts.provider import CLIENT, SECRET, Provider


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    """A provider of OpenID Connect that the site knows."""
    running = Provider()
    app = {
        "provider_id": "oidc",
        "name": "행정망",
        "client_id": CLIENT,
        "secret": SECRET,
        "settings": {"server_url": running.url},
    }
    known = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**known, "APPS": [app]}}
    yield running
    running.stop()
