"""Rows that are written once: what counts is added to, never changed and never removed."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what may only be added to."""


class AppendOnlyQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """A query set that reads and adds."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model._meta.label} is append-only: add a row, do not change one")

    def delete(self) -> NoReturn:  # type: ignore[override]
        raise AppendOnlyError(f"{self.model._meta.label} is append-only: nothing is deleted")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.update()

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("update_conflicts"):
            self.update()
        return super().bulk_create(objs, *args, **kwargs)

    # Templates must not call them either.
    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]


class AppendOnly(models.Model):
    """Refuses to be saved twice or deleted. Point foreign keys at it, and out of it, with PROTECT."""

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{self._meta.label} {self.pk} is append-only: add a row, do not change one")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self._meta.label} {self.pk} is append-only: nothing is deleted")
