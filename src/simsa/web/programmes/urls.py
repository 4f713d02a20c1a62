"""Pages of programmes: the office."""

from django.urls import include, path

urlpatterns = [path("", include("simsa.web.programmes.office.urls"))]
