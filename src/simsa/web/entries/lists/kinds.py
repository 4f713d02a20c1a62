"""What can be listed: which columns a list of its kind has, what it would do, and the verbs that do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simsa.rules import Rules
from simsa.tables.lists import FIELD, REPORTED, ListRow, Target
from simsa.web.entries.models import Import
from simsa.web.entries.services.plans import Plan, Source
from simsa.web.programmes.models import Round
from simsa.web.programmes.rooms import Work


class Take(Protocol):
    """Takes a list into a round if its plan still has the `expected` state; the errors of the kind's import verb."""

    def __call__(
        self, round_: Round, rows: Sequence[ListRow], *, removes: bool, expected: str, source: Source, actor: str
    ) -> Import: ...


class Undo(Protocol):
    """Takes an import back; ImportRefusedError names what stands in the way."""

    def __call__(self, done: Import, *, actor: str) -> None: ...


@dataclass(frozen=True)
class ListKind:
    """A kind of list. `permission` is what who imports needs for the round; `labels` say by key what columns hold."""

    key: str
    permission: str
    title: str | Promise
    labels: Mapping[str, str | Promise]
    needed: tuple[str, ...]
    targets: Callable[[Rules], tuple[Target, ...]]
    plan: Callable[[Round, Sequence[ListRow], bool], Plan]
    take: Take
    undo: Undo

    def label(self, key: str) -> str:
        """What a key is called on pages: a name from `labels`, or that of the field or number that it stands for."""
        if key in self.labels:
            return str(self.labels[key])
        for start, called in ((FIELD, _("field “%(name)s”")), (REPORTED, _("reported number “%(name)s”"))):
            if key.startswith(start):
                return called % {"name": key.removeprefix(start)}
        return key


KINDS: dict[str, ListKind] = {}
"""By key. A room adds its own when it is ready (`AppConfig.ready`)."""

CODE = gettext_lazy("code")


def works(round_: Round) -> list[Work]:
    """Where officers of a round import lists: each kind there is."""
    return [Work(str(kind.title), reverse("entries:lists", args=[round_.slug, kind.key])) for kind in KINDS.values()]
