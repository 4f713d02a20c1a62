"""The verb that begins a programme."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from simsa.web.accounts.models import User
from simsa.web.programmes.models import Kind, Programme
from simsa.web.programmes.services.roles import give_role

_SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def begin_programme(slug: str, name_ko: str, name_en: str, *, officer: User, actor: str) -> Programme:
    """A programme without rounds, and its first officer. ValidationError for an id that is taken, or is none."""
    if not _SLUG.fullmatch(slug):
        raise ValidationError(_("Write letters, digits, “.”, “_” and “-”, at most 64."), code="slug")
    with transaction.atomic():
        if Programme.objects.filter(slug=slug).exists():
            raise ValidationError(_("There is a programme with this id already."), code="taken")
        programme = Programme.objects.create(slug=slug, name_ko=name_ko, name_en=name_en)
        give_role(programme, None, Kind.OFFICER, officer, actor=actor)
    return programme
