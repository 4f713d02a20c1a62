"""Programmes as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    name = "simsa.web.programmes"
    label = "programmes"
    verbose_name = _("programmes")
    default_auto_field = "django.db.models.BigAutoField"
