"""The imprint: what the Newspaper Act (신문법, article 21) asks a news site to say about itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="info-circle")
class Imprint(BaseSiteSetting):
    """Who publishes the site. What is empty is not shown; a newsroom that is registered fills in all of it."""

    title = models.CharField(_("name of the publication"), max_length=100, blank=True)
    registration = models.CharField(_("registration number"), max_length=50, blank=True)
    registered_on = models.DateField(_("date of registration"), null=True, blank=True)
    issued_since = models.DateField(_("date of first publication"), null=True, blank=True)
    publisher = models.CharField(_("publisher"), max_length=100, blank=True)
    editor = models.CharField(_("editor"), max_length=100, blank=True)
    youth_officer = models.CharField(
        _("youth-protection officer"), max_length=100, blank=True, help_text=_("Named on every page, as the law asks.")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    telephone = models.CharField(_("telephone"), max_length=50, blank=True)
    email = models.EmailField(_("email"), blank=True)
    privacy = models.TextField(
        _("privacy statement"), blank=True, help_text=_("Added to what the site itself says about the data it keeps.")
    )

    panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [FieldPanel(name) for name in ("title", "registration", "registered_on", "issued_since")],
            heading=_("Publication"),
        ),
        MultiFieldPanel([FieldPanel(name) for name in ("publisher", "editor", "youth_officer")], heading=_("People")),
        MultiFieldPanel([FieldPanel(name) for name in ("address", "telephone", "email")], heading=_("Contact")),
        FieldPanel("privacy"),
    ]

    class Meta:
        verbose_name = _("imprint")
