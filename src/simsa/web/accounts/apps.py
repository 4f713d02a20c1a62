from __future__ import annotations

from django.apps import AppConfig
from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "simsa.web.accounts"
    label = "accounts"
    verbose_name = _("accounts")

    def ready(self) -> None:
        from allauth.core.internal import ratelimit  # noqa: PLC0415 (models load after apps)
        from allauth.mfa.totp.internal import auth  # noqa: PLC0415

        # The library counts in the cache `default`, which every process has for itself so that readers' pages cost no
        # query. What somebody tries counts in all of them.
        ratelimit.cache = auth.cache = ConnectionProxy(caches, "shared")
