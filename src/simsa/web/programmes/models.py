"""A programme, its rounds under frozen rules, and the events of each round as a chain of hashes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.record import canonical_text
from simsa.rules import Rules, digest, parse
from simsa.web.programmes.append_only import AppendOnly

models.CharField.register_lookup(Length)

HASH = 64
"""Hexadecimal digits of a SHA-256."""

FIRST = "0" * HASH
"""What stands for the previous event of the first one."""


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
        return self.name_ko or self.name_en or self.slug


class Stage(models.TextChoices):
    """How far a round has come; it only ever moves forward."""

    PREPARING = "preparing", pgettext_lazy("stage of a round", "in preparation")
    SCORING = "scoring", pgettext_lazy("stage of a round", "being evaluated")
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

    @property
    def title(self) -> str:
        """The round's name in the language of the page."""
        return self.rules.name.text(translation.get_language() or settings.LANGUAGE_CODE)


class Event(AppendOnly):
    """Something that was done to a round: who (`actor`), what (`verb`), when, with what (`payload`, canonical JSON).

    `digest` is the SHA-256 of the event's canonical form, which holds `previous`, the digest of the round's event
    before it: a change, a gap or a fork anywhere shows in every later event. Payloads hold no score.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    payload = models.TextField()
    previous = models.CharField(max_length=HASH)
    digest = models.CharField(max_length=HASH, unique=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar[list[str]] = ["round", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "number"], name="event_number_once"),
            models.UniqueConstraint(fields=["round", "previous"], name="event_no_fork"),
            models.CheckConstraint(condition=Q(number__gte=1), name="event_number_from_1"),
            models.CheckConstraint(
                condition=Q(previous__length=HASH) & Q(digest__length=HASH), name="event_digest_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug} {self.number}: {self.verb}"

    def computed_digest(self) -> str:
        """SHA-256 of the canonical form of what the row says now."""
        form = {
            "simsa_event": 1,
            "round": self.round.slug,
            "number": self.number,
            "verb": self.verb,
            "actor": self.actor,
            "at": moment_text(self.at),
            "payload": self.payload,
            "previous": self.previous,
        }
        return digest(canonical_text(form).encode())


def moment_text(moment: datetime) -> str:
    """A moment as it is hashed: UTC, ISO 8601, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=64)
def _parsed(text: str) -> Rules:
    return parse(text)
