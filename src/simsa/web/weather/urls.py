"""Public pages of the weather, under a language."""

from django.urls import path

from simsa.web.weather import views

app_name = "weather"
urlpatterns = [path("weather/", views.index, name="index")]
