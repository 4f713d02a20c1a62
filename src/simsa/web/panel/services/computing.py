"""Computing what was asked for: once, whoever takes it, and what goes wrong is kept in words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from simsa.engine.assignment import AssignmentError
from simsa.engine.inputs import InputError
from simsa.web.panel.models.computing import Computed
from simsa.web.panel.services.assigning import AssignmentShortError
from simsa.web.programmes.services import StageError

C = TypeVar("C", bound=Computed)
log = logging.getLogger("simsa.panel")


def compute(one: C, work: Callable[[], Mapping[str, str]]) -> C:
    """Do the `work`, which says what it came to by field, if nobody has begun it; `one` as it is afterwards."""
    kept, state = type(one)._default_manager.filter(pk=one.pk), Computed.State
    if not kept.filter(state=state.WAITING).update(state=state.RUNNING):
        return one
    try:
        told = {"state": state.DONE, **work()}
    except (AssignmentShortError, AssignmentError, InputError, StageError) as error:
        told = {"state": state.FAILED, "error": str(error)}
    except Exception as error:
        log.exception("%s: not computed", one)
        told = {"state": state.FAILED, "error": f"{type(error).__name__}: {error}"}
    kept.update(**told)
    one.refresh_from_db()
    return one
