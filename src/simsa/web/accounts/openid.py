"""Signing in through a provider of OpenID Connect (Core 1.0, Discovery 1.0; PKCE, RFC 7636), as strictly as it says.

The library leaves out what is checked here: that the provider is the one that was configured, the signature, nonce and
times of the ID token, and that it and the user info are about the same person. Anything that is not as it must be signs
nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from requests import RequestException

from simsa.web.public import public_form

PROVIDER = "oidc"
SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that the provider alone has; a shared secret or none proves nothing."""
ASKED_FOR = ("exp", "iat", "iss", "aud", "sub", "nonce")
CLOCKS_DIFFER = 60
"""Seconds that the provider's clock may differ from ours."""
_WRONG = (OAuth2Error, RequestException, jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError)


def nonce_of(verifier: str) -> str:
    """The nonce that belongs to a PKCE verifier, which the visitor's session alone holds."""
    return hashlib.sha256(b"nonce " + verifier.encode()).hexdigest()


class Adapter(OpenIDConnectOAuth2Adapter):
    """One conversation with the provider."""

    _verifier = ""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """The provider's own description. OAuth2Error if it is that of another (Discovery, section 4.3)."""
        told: dict[str, Any] = OpenIDConnectOAuth2Adapter.openid_config.fget(self)
        wanted = self.get_provider().app.settings["server_url"]
        if str(told.get("issuer")).rstrip("/") != wanted.rstrip("/"):
            raise OAuth2Error("the provider calls itself by another address")
        return told

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """One address, whatever the language of the visitor."""
        return settings.PUBLIC_URL + reverse("accounts_data:openid_callback")

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        if not pkce_code_verifier:
            raise OAuth2Error("no verifier")
        self._verifier = pkce_code_verifier
        found: dict[str, Any] = super().get_access_token_data(request, app, client, pkce_code_verifier)
        return found

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        claims = self.claims(app, kwargs["response"]["id_token"])
        if "userinfo_endpoint" in self.openid_config:
            about = self._fetch_user_info(token.token)
            if about["sub"] != claims["sub"]:
                raise OAuth2Error("the user info is about somebody else")
            claims = {**claims, **about, "iss": claims["iss"]}
        return self.get_provider().sociallogin_from_response(request, claims)

    def claims(self, app: Any, token: str) -> dict[str, Any]:
        """What an ID token says, checked (Core, section 3.1.3.7)."""
        told: dict[str, Any] = jwt.decode(
            token,
            self._key(jwt.get_unverified_header(token)),
            algorithms=SIGNED_WITH,
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            leeway=CLOCKS_DIFFER,
            options={"require": list(ASKED_FOR)},
        )
        if not hmac.compare_digest(str(told["nonce"]), nonce_of(self._verifier)):
            raise OAuth2Error("an ID token of another conversation")
        if told.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("an ID token for another site")
        return told

    def _key(self, header: dict[str, Any]) -> Any:
        if header.get("alg") not in SIGNED_WITH:
            raise OAuth2Error("an ID token that anybody could have written")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [key for key in answer.json()["keys"] if key.get("use", "sig") == "sig"]
        named = [key for key in keys if key.get("kid") == header.get("kid")]
        if len(named) != 1:
            raise OAuth2Error("no such key")
        return jwt.PyJWK(named[0], algorithm=header["alg"]).key


class Provider(OpenIDConnectProvider):
    """Keeps of a person no more than what they are called there, as a hash, and their address."""

    oauth2_adapter_class = Adapter
    pkce_enabled_default = True

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("openid_login") + (f"?{urlencode(kwargs)}" if kwargs else "")

    def get_callback_url(self) -> str:
        return reverse("accounts_data:openid_callback")

    def get_pkce_params(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_pkce_params()
        return {**found, "nonce": nonce_of(found["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        """A link to this site has no say in what the provider is asked."""
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(self.get_scope())

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Who it is: the subject together with the issuer, without which it means nobody (Core, section 5.7)."""
        return hashlib.sha256(f"{data['iss']} {data['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"email": data.get("email", "")}


def _talk(request: HttpRequest, view: Any) -> HttpResponse:
    """Whatever goes wrong with the provider is said on a page; nobody is signed in."""
    adapter = Adapter(request, PROVIDER)
    if not get_adapter(request).list_apps(request):
        raise Http404("no provider")
    try:
        answer: HttpResponse = view.adapter_view(adapter)(request)
    except _WRONG as wrong:
        answer = render_authentication_error(request, adapter.get_provider(), exception=wrong)
    return answer


def _with_page(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A form is not led away from this site (`form-action`): a page is, which stands in between."""

    def answered(request: HttpRequest) -> HttpResponse:
        answer = view(request)
        away = answer.headers.get("Location", "")
        if request.method == "POST" and away.startswith(("https://", "http://")):
            return render(request, "accounts/elsewhere.html", {"away": away})
        return answer

    return answered


@public_form
@_with_page
def login(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the provider."""
    return _talk(request, OAuth2LoginView)


@public_form
def callback(request: HttpRequest) -> HttpResponse:
    """Where the provider sends them back to."""
    return _talk(request, OAuth2CallbackView)
