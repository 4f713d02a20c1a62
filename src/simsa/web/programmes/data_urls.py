"""The record of a round for machines, and the page that verifies one; their addresses have no language."""

from django.urls import path

from simsa.web.programmes import views

app_name = "record"
urlpatterns = [
    path("verify/", views.verifier, name="verifier"),
    path("rounds/<str:slug>/record/checkpoint", views.checkpoint, name="checkpoint"),
    path("rounds/<str:slug>/record/tile/<path:path>", views.tile, name="tile"),
    path("rounds/<str:slug>/record/key", views.key, name="key"),
    path("rounds/<str:slug>/record/bundle.zip", views.bundle, name="bundle"),
]
