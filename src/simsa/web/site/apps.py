"""The shell as a Django app, so that its templates, tags and commands are found."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "simsa.web.site"
    label = "simsa_site"
