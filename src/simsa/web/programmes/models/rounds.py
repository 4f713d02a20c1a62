"""A programme, and its rounds under frozen rules."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.rules import Rules, parse
from simsa.web.naming import called

models.CharField.register_lookup(Length)

HASH = 64
"""Hexadecimal digits of a SHA-256."""


class RulesChangedError(RuntimeError):
    """The stored rules no longer have the hash under which they were frozen."""


class Programme(models.Model):
    """An evaluation that recurs. Names are empty until somebody gives them; the slug comes from the rules."""

    slug = models.CharField(max_length=64, unique=True)
    name_ko = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return called(self.name_ko, self.name_en) or self.slug


class Stage(models.TextChoices):
    """How far a round has come; it only ever moves forward."""

    PREPARING = "preparing", pgettext_lazy("stage of a round", "in preparation")
    SCORING = "scoring", pgettext_lazy("stage of a round", "being evaluated")
    CLOSED = "closed", pgettext_lazy("stage of a round", "evaluation closed")
    ANNOUNCED = "announced", pgettext_lazy("stage of a round", "announced")


class Round(models.Model):
    """One running of a programme. `rules_toml` is frozen: `rules` refuses a text that does not have `rules_hash`.

    `seed` decides lots; empty means that none has been drawn yet. `synthetic_note` says where invented data came from,
    `credit` whose data is used and under which licence. `published_at` is None while the public must not know of the
    round; its result is published on its own.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rounds")
    slug = models.CharField(max_length=64, unique=True)
    rules_toml = models.TextField()
    rules_hash = models.CharField(max_length=HASH)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.PREPARING)
    seed = models.CharField(max_length=200, blank=True)
    synthetic = models.BooleanField(default=False)
    synthetic_note = models.TextField(blank=True)
    credit = models.TextField(blank=True)
    language = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    opened_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering: ClassVar[list[Any]] = [F("published_at").desc(nulls_first=True), "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(rules_hash__length=HASH), name="round_rules_hash_length"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="round_stage_known"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) | ~Q(stage="announced"), name="round_announced_is_public"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def rules(self) -> Rules:
        """The rules, checked against their hash. RulesChangedError if they were changed behind simsa's back."""
        rules = _parsed(self.rules_toml)
        if rules.hash != self.rules_hash:
            raise RulesChangedError(f"round {self.slug}: rules have hash {rules.hash}, frozen was {self.rules_hash}")
        return rules

    def rules_texts(self) -> list[str]:
        """All rules that are or were in force, in order."""
        earlier = self.amendments.values_list("before", flat=True)
        return [*earlier, self.rules_toml]

    @property
    def title(self) -> str:
        """The round's name in the language of the page."""
        return self.rules.name.text(translation.get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Rules:
    return parse(text)
