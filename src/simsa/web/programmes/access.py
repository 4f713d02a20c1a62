"""Authorisation: who may know of what, and who may do what. What nobody allows is refused.

Each room declares its permissions with the library `rules` (`rules.add_perm("entries.edit_entry", predicate)`) from the
predicates below, in a module `access`; a permission that was never declared is nobody's. Views ask by `permitted`. Who
may not even know of an object (its `APP.view_MODEL`) gets the answer for one that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from simsa.web.accounts.access import View, needs_second_factor
from simsa.web.accounts.models import User
from simsa.web.prepared import Prepared
from simsa.web.programmes.models import Draft, Kind, Programme, Role, Round

Found = Callable[..., Any]


def permitted(permission: str, find: Found) -> Callable[[View], View]:
    """The view is for who has `permission` on the object that `find(request, **kwargs)` returns, or raises Http404 for.

    The view is called as `view(request, object, **kwargs)`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            found = find(request, **kwargs)
            check(request.user, permission, found)
            return view(request, found, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def check(user: Any, permission: str, found: Any) -> None:
    """Http404 for who may not know of the object, PermissionDenied for who may know of it and not do this."""
    if user.has_perm(permission, found):
        return
    meta = getattr(type(found), "_meta", None)
    if meta is not None and user.has_perm(f"{meta.app_label}.view_{meta.model_name}", found):
        raise PermissionDenied
    raise Http404("not there, or not for this visitor")


def roles_of(user: Any) -> list[Role]:
    """The roles that a visitor has now; asked of the database once for each request."""
    if not isinstance(user, User) or not user.is_active:
        return []
    if not hasattr(user, "_roles_now"):
        user._roles_now = _ROLES(person=user.pk, now=timezone.now())  # type: ignore[attr-defined]
    return user._roles_now  # type: ignore[attr-defined, no-any-return]


def ask_roles_anew(user: Any) -> None:
    """Have `roles_of` ask the database again: for what lasts longer than a request."""
    if hasattr(user, "_roles_now"):
        del user._roles_now


_ROLES = Prepared(
    lambda person, now: Role.objects.filter(Q(until__isnull=True) | Q(until__gt=now), person=person),
    person=2023,
    now=datetime(2023, 1, 1, tzinfo=UTC),
)


def has_role(user: Any, where: Round | Programme, *kinds: str, code: str | None = None) -> bool:
    """Whether somebody has one of these roles in a round (or in all of its programme), for `code` if given."""
    round_id, programme_id = (None, where.pk) if isinstance(where, Programme) else (where.pk, where.programme_id)
    return any(
        role.kind in kinds
        and role.programme_id == programme_id
        and role.round_id in {None, round_id}
        and code in {None, role.code}
        for role in roles_of(user)
    )


def is_staff(user: Any) -> bool:
    """Whoever runs the installation."""
    return bool(user.is_active and getattr(user, "is_staff", False))


@rules.predicate
def staff(user: Any, _found: Any = None) -> bool:
    return is_staff(user)


def with_role(*kinds: str) -> rules.Predicate:
    """Predicate: has one of these roles in the round or programme, or in that which the object belongs to."""

    @rules.predicate(name=f"with_role:{','.join(kinds) or 'any'}")
    def predicate(user: Any, found: Any = None) -> bool:
        where = where_of(found)
        return where is not None and has_role(user, where, *(kinds or Kind.values))

    return predicate


def where_of(found: Any) -> Round | Programme | None:
    """The round or programme that an object belongs to."""
    if found is None or isinstance(found, Round | Programme):
        return found
    return getattr(found, "round", None) or getattr(found, "programme", None)


@rules.predicate
def known_to_all(_user: Any, found: Any = None) -> bool:
    return isinstance(found, Round) and found.published_at is not None


@needs_second_factor
def runs_or_audits(person: User) -> bool:
    """Officers, auditors, and whoever runs the installation."""
    return person.is_staff or any(role.kind in {Kind.OFFICER, Kind.AUDITOR} for role in roles_of(person))


officer, auditor = with_role(Kind.OFFICER), with_role(Kind.AUDITOR)
rules.add_perm("programmes.view_round", known_to_all | staff | with_role())
rules.add_perm("programmes.view_programme", staff | with_role())
rules.add_perm("programmes.preview_round", staff | officer | auditor)
rules.add_perm("programmes.manage_round", officer | staff)
rules.add_perm("programmes.manage_programme", officer | staff)
rules.add_perm("programmes.manage_people", officer | staff)
rules.add_perm("programmes.audit_round", officer | auditor)
rules.add_perm("programmes.add_programme", staff)
rules.add_perm("programmes.view_letters", officer | auditor | staff)
rules.add_perm("programmes.view_sentletter", officer | auditor | staff)
rules.add_perm("programmes.view_all_letters", staff)
rules.add_perm("programmes.send_letters", officer | staff)
rules.add_perm("programmes.send_letter", officer | staff)
rules.add_perm("programmes.view_role", officer | staff)
rules.add_perm("accounts.forget_user", staff)


@rules.predicate
def own_role(user: Any, found: Any = None) -> bool:
    return isinstance(found, Role) and found in roles_of(user)


rules.add_perm("programmes.hand_over", own_role)


@rules.predicate
def runs_the_programme(user: Any, found: Any = None) -> bool:
    """Officer of the whole programme, not of one round alone."""
    return isinstance(found, Round) and has_role(user, found.programme, Kind.OFFICER)


@rules.predicate
def did_not_propose(user: Any, found: Any = None) -> bool:
    return isinstance(found, Draft) and found.proposed_by_id != user.pk


rules.add_perm("programmes.clone_round", runs_the_programme | staff)
rules.add_perm("programmes.view_draft", officer | auditor | staff)
rules.add_perm("programmes.edit_draft", officer | staff)
rules.add_perm("programmes.approve_draft", officer & did_not_propose)


def visible_rounds(user: Any) -> QuerySet[Round]:
    """Every round that a visitor may know of: those of `programmes.view_round`, as a query."""
    rounds = Round.objects.all()
    if is_staff(user):
        return rounds
    known = Q(published_at__isnull=False)
    for role in roles_of(user):
        known |= Q(pk=role.round_id) if role.round_id else Q(programme=role.programme_id)
    return rounds.filter(known)


def round_of(request: HttpRequest, slug: str, **_kwargs: Any) -> Round:
    """The round, if the visitor may know of it. Http404 for an unpublished one, as for one that is not there."""
    found = visible_rounds(request.user).filter(slug=slug).select_related("programme", "log").first()
    if found is None:
        raise Http404("no such round")
    return found


def programme_of(request: HttpRequest, programme: str, **_kwargs: Any) -> Programme:
    """The programme by its slug. Http404 if there is none."""
    found = Programme.objects.filter(slug=programme).first()
    if found is None:
        raise Http404("no such programme")
    return found
