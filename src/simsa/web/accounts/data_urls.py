"""The address to which a provider of OpenID Connect sends visitors back; without a language, so that it is one."""

from django.urls import path

from simsa.web.accounts import openid

app_name = "accounts_data"
urlpatterns = [path("account/oidc/callback/", openid.callback, name="openid_callback")]
