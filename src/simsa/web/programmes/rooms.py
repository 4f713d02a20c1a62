"""What rooms to the right tell about roles: whom they may act for, and where they work.

A room tells it by methods of its AppConfig, so that this one need not know it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from django.apps import apps

from simsa.web.programmes.models import Role, Round


@dataclass(frozen=True)
class Work:
    """One place to work in: what it is, where, and how far it has come. `begins`: who has just taken the role is led
    there at once."""

    title: str
    url: str
    state: str = ""
    begins: bool = False


@runtime_checkable
class OffersWork(Protocol):
    """Tells where a role works; nothing for roles of other rooms."""

    def work_of(self, role: Role) -> list[Work]: ...


@runtime_checkable
class NamesCodes(Protocol):
    """Tells for whom roles of a kind can act in a round, by code: their names. None for kinds of other rooms."""

    def codes_of(self, round_: Round, kind: str) -> Mapping[str, str] | None: ...


@dataclass(frozen=True)
class Alarm:
    """Something in a round that is not as its rules want it: what, where, and what to do (an address, if it is there
    to be done)."""

    what: str
    todo: str = ""
    url: str = ""


@runtime_checkable
class OpensOffice(Protocol):
    """Tells officers of a round what they work on in a room, and what is not as it should be there."""

    def office_of(self, round_: Round) -> list[Work]: ...

    def alarms_of(self, round_: Round) -> list[Alarm]: ...


def office_of(round_: Round) -> list[Work]:
    """What officers of a round work on, in the order of the rooms."""
    return [work for room in _offices() for work in room.office_of(round_)]


def alarms_of(round_: Round) -> list[Alarm]:
    """What is not as it should be in a round, in the order of the rooms."""
    return [alarm for room in _offices() for alarm in room.alarms_of(round_)]


def _offices() -> list[OpensOffice]:
    return [room for room in apps.get_app_configs() if isinstance(room, OpensOffice)]


def work_of(role: Role) -> list[Work]:
    """Where a role works, in the order of the rooms."""
    return [work for room in apps.get_app_configs() if isinstance(room, OffersWork) for work in room.work_of(role)]


def in_rounds(role: Role, of_round: Callable[[Round], list[Work]]) -> list[Work]:
    """What there is to do in the round of a role; in every one of its programme, the newest first, named by round,
    where it is for all of them."""
    if role.round is not None:
        return of_round(role.round)
    rounds = role.programme.rounds.select_related("programme").order_by("-opened_at")
    return [replace(work, title=f"{one.title}: {work.title}") for one in rounds for work in of_round(one)]


def codes_of(round_: Round, kind: str) -> Mapping[str, str]:
    """Whom a role of this kind can act for, by code; empty for kinds that act for nobody."""
    told = (room.codes_of(round_, kind) for room in apps.get_app_configs() if isinstance(room, NamesCodes))
    return next((codes for codes in told if codes is not None), {})
