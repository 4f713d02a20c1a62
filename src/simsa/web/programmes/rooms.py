"""What rooms to the right tell about roles: whom they may act for, and where they work.

A room tells it by methods of its AppConfig, so that this one need not know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from django.apps import apps

from simsa.web.programmes.models import Role, Round


@dataclass(frozen=True)
class Work:
    """One place to work in: what it is, where, and how far it has come."""

    title: str
    url: str
    state: str = ""


@runtime_checkable
class OffersWork(Protocol):
    """Tells where a role works; nothing for roles of other rooms."""

    def work_of(self, role: Role) -> list[Work]: ...


@runtime_checkable
class NamesCodes(Protocol):
    """Tells for whom roles of a kind can act in a round, by code: their names. None for kinds of other rooms."""

    def codes_of(self, round_: Round, kind: str) -> Mapping[str, str] | None: ...


def work_of(role: Role) -> list[Work]:
    """Where a role works, in the order of the rooms."""
    return [work for room in apps.get_app_configs() if isinstance(room, OffersWork) for work in room.work_of(role)]


def codes_of(round_: Round, kind: str) -> Mapping[str, str]:
    """Whom a role of this kind can act for, by code; empty for kinds that act for nobody."""
    told = (room.codes_of(round_, kind) for room in apps.get_app_configs() if isinstance(room, NamesCodes))
    return next((codes for codes in told if codes is not None), {})
