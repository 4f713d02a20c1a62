"""Ways in and out, and what people manage of their account: the views of allauth, by the names that it links them with.

Not all that it has: nobody signs up, nobody signs in by a code in a letter.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.socialaccount import views as elsewhere
from django.urls import include, path, re_path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.generic import RedirectView

from simsa.web.accounts import openid, views
from simsa.web.public import public_page

own = ([path("", views.own, name="own")], "accounts")
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include(own)),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", views.sign_out, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/address/", account.email, name="account_email"),
    path("account/address/sent/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^account/address/confirm/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/first/", account.password_set, name="account_set_password"),
    path("account/password/reset/", account.password_reset, name="account_reset_password"),
    path("account/password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/reset/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # Linked by pages of the library, never shown: there is no signing up.
    path(
        "account/signup/",
        public_page(RedirectView.as_view(pattern_name="account_login")),
        name="account_signup",
    ),
    path("account/factors/", include("allauth.mfa.urls")),
    path("account/elsewhere/", elsewhere.connections, name="socialaccount_connections"),
    path("account/elsewhere/cancelled/", elsewhere.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/elsewhere/failed/", elsewhere.login_error, name="socialaccount_login_error"),
    path("account/elsewhere/new/", elsewhere.signup, name="socialaccount_signup"),
    path("account/oidc/", openid.login, name="openid_login"),
]
