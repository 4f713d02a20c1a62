"""Bodies of requests: JSON whose texts are text."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser


class JsonParser(Parser):
    """Refuses what is no JSON, and half characters (lone surrogates), which no database and no record can keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            found = json.loads(request.body)
            if b"\\u" in request.body:
                json.dumps(found, ensure_ascii=False).encode()
        except (ValueError, RecursionError):  # UnicodeError is a ValueError
            raise HttpError(400, "The body is not JSON that can be read.") from None
        return found
