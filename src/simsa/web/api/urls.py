"""Pages of tokens, under a language."""

from django.urls import path

from simsa.web.api import views

app_name = "api"
urlpatterns = [
    path("office/roles/<key:pk>/tokens/", views.tokens, name="tokens"),
    path("office/tokens/<key:pk>/revoke/", views.revoke, name="revoke"),
]
