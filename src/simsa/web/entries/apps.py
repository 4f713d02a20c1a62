"""Entries as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EntriesConfig(AppConfig):
    name = "simsa.web.entries"
    label = "entries"
    verbose_name = _("entries")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from simsa.web.entries.lists.entries import ENTRIES  # noqa: PLC0415 (models are not there before)
        from simsa.web.entries.lists.kinds import KINDS  # noqa: PLC0415

        KINDS[ENTRIES.key] = ENTRIES
