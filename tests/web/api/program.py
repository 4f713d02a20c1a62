"""A program that speaks to the API with a token."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from simsa.web.api.services import create_token
from simsa.web.programmes.models import Round
from tests.web.people import with_role


class Program:
    """A program with a token for a role in a round; paths are those below it."""

    def __init__(self, round_: Round, kind: str, code: str = "", *, writes: bool = True) -> None:
        role = with_role(f"{kind}{code}", round_, kind, code)
        secret = create_token(role, round_, "test", days=1, writes=writes, actor="person/1")
        self.headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
        self.client, self.round = Client(), f"/api/v1/rounds/{round_.slug}"

    def get(self, path: str = "", **headers: str) -> Any:
        return self.client.get(self.round + path, headers={**self.headers, **headers})

    def delete(self, path: str) -> Any:
        return self.client.delete(self.round + path, headers=self.headers)

    def post(self, path: str, content: object = None, **headers: str) -> Any:
        data = content if isinstance(content, str) else json.dumps(content)
        wanted = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.post(self.round + path, data, content_type="application/json", headers=wanted)

    def send(self, path: str, name: str, content: bytes, **fields: str) -> Any:
        data = {"file": SimpleUploadedFile(name, content), **fields}
        return self.client.post(self.round + path, data, headers=self.headers)
