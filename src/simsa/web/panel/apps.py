"""The panel as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PanelConfig(AppConfig):
    name = "simsa.web.panel"
    label = "panel"
    verbose_name = _("panel")
    default_auto_field = "django.db.models.BigAutoField"
