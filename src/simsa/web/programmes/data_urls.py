"""The record of a round for machines; addresses that tools know, without a language."""

from django.urls import path

from simsa.web.programmes import views

app_name = "record"
urlpatterns = [
    path("rounds/<str:slug>/record/checkpoint", views.checkpoint, name="checkpoint"),
    path("rounds/<str:slug>/record/tile/<path:path>", views.tile, name="tile"),
    path("rounds/<str:slug>/record/key", views.key, name="key"),
    path("rounds/<str:slug>/record/bundle.zip", views.bundle, name="bundle"),
]
