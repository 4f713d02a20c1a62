"""A cache that all processes of the site share: how often somebody has tried to sign in, and which code was used."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.utils import timezone

PUT = """
INSERT INTO accounts_counted ("key", value, expires_at) VALUES (%s, %s, %s)
ON CONFLICT ("key") DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""


class SharedCache(BaseCache):
    """Django's cache over the table of `Counted`.

    Values are JSON, and not pickles as in Django's own: who can write into the database must not run programs here.
    """

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = self._rows(key, version).filter(expires_at__gt=timezone.now()).values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._put(PUT + " WHERE accounts_counted.expires_at <= %s", key, value, timeout, version, timezone.now())

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._put(PUT, key, value, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        count, _by_model = self._rows(key, version).delete()
        return count > 0

    def clear(self) -> None:
        self._model.objects.all().delete()

    @property
    def _model(self) -> Any:
        from simsa.web.accounts.models import Counted  # noqa: PLC0415 (caches are there before models)

        return Counted

    def _key(self, key: str, version: int | None) -> str:
        """Keys hold addresses of networks and codes: here only their hash."""
        return hashlib.sha256(self.make_and_validate_key(key, version=version).encode()).hexdigest()

    def _rows(self, key: str, version: int | None) -> Any:
        return self._model.objects.filter(key=self._key(key, version))

    def _put(self, sql: str, key: str, value: Any, timeout: Any, version: int | None, *moments: datetime) -> bool:
        """Whether a row was written, by one statement: somebody who signs in waits for each."""
        until = self.get_backend_timeout(timeout)
        ends = datetime.max.replace(tzinfo=UTC) if until is None else datetime.fromtimestamp(until, UTC)
        at = [connection.ops.adapt_datetimefield_value(moment) for moment in (ends, *moments)]
        with connection.cursor() as cursor:
            cursor.execute(sql, [self._key(key, version), json.dumps(value), *at])
            return bool(cursor.rowcount)
