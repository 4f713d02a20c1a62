"""A small provider of OpenID Connect, on this machine: discovery, authorisation with PKCE, tokens, keys, user info.

`wrong` makes it do one thing as it must not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, SECRET = "simsa", "a secret"


@dataclass
class Provider:
    """The person who is signed in there, what is wrong with it, and what it was asked."""

    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "42", "email": "kim@example.kr", "email_verified": True, "name": "김"}
    )
    wrong: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key, self.other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(parse_qs(urlsplit(self.path).query))

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self.answer(parse_qs(self.rfile.read(length).decode()))

            def answer(self, query: dict[str, list[str]]) -> None:
                path = urlsplit(self.path).path
                facts = {name: values[0] for name, values in query.items()}
                provider.asked.append((path, facts))
                name = path.rpartition("/")[2].replace("-", "_")
                status, headers, body = getattr(provider, name)(facts, self.headers)
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_said: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def openid_configuration(self, _facts: Any, _headers: Any) -> tuple[int, dict[str, str], str]:
        if self.wrong == "down":
            return 503, {}, ""
        return _said(
            {
                "issuer": "https://evil.example" if self.wrong == "discovery" else self.url,
                **{f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token", "userinfo")},
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    def authorization(self, facts: dict[str, str], _headers: Any) -> tuple[int, dict[str, str], str]:
        code = secrets.token_urlsafe()
        self.codes[code] = facts
        state = "other" if self.wrong == "state" else facts["state"]
        answer = {"error": "access_denied"} if self.wrong == "denied" else {"code": code}
        return 302, {"Location": f"{facts['redirect_uri']}?{urlencode({**answer, 'state': state})}"}, ""

    def token(self, facts: dict[str, str], _headers: Any) -> tuple[int, dict[str, str], str]:
        asked = self.codes.pop(facts["code"], None)
        verifier = facts.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if (
            asked is None
            or (facts["client_id"], facts["client_secret"]) != (CLIENT, SECRET)
            or asked["redirect_uri"] != facts["redirect_uri"]
            or (asked["code_challenge_method"], asked["code_challenge"]) != ("S256", challenge)
        ):
            return 400, {}, "refused"
        return _said({"access_token": "access", "token_type": "Bearer", **self._id_token(asked["nonce"])})

    def _id_token(self, nonce: str) -> dict[str, str]:
        now, wrong = int(time.time()), self.wrong
        claims = {
            "iss": "https://evil.example" if wrong == "issuer" else self.url,
            "aud": "another site" if wrong == "audience" else CLIENT,
            "nonce": "other" if wrong == "nonce" else nonce,
            "iat": now,
            "exp": now - 3600 if wrong == "expired" else now + 300,
            **self.person,
        }
        if wrong in {"no nonce", "no subject", "no expiry"}:
            del claims[{"no nonce": "nonce", "no subject": "sub", "no expiry": "exp"}[wrong]]
        if wrong == "no token":
            return {}
        if wrong == "unsigned":
            return {"id_token": jwt.encode(claims, None, "none", headers={"kid": "a"})}
        if wrong == "shared secret":
            return {"id_token": jwt.encode(claims, SECRET * 8, "HS256", headers={"kid": "a"})}
        key = self.other if wrong == "signature" else self.key
        kid = "b" if wrong == "key" else "a"
        return {"id_token": jwt.encode(claims, key, "ES256", headers={"kid": kid})}

    def jwks(self, _facts: Any, _headers: Any) -> tuple[int, dict[str, str], str]:
        key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return _said({"keys": [{**key, "kid": "a", "use": "sig", "alg": "ES256"}]})

    def userinfo(self, _facts: Any, headers: Any) -> tuple[int, dict[str, str], str]:
        if headers["Authorization"] != "Bearer access":
            return 401, {}, ""
        if self.wrong == "halves":  # an address of which nobody says that it is verified
            return _said({"sub": self.person["sub"], "email": "kim@example.kr"})
        return _said({**self.person, "sub": "43" if self.wrong == "userinfo" else self.person["sub"]})


def _said(facts: dict[str, Any]) -> tuple[int, dict[str, str], str]:
    return 200, {"Content-Type": "application/json"}, json.dumps(facts)
