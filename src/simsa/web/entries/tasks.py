"""Background work of entries: a file is examined outside the request in which its last bytes came."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task


@task
def take_in(evidence: str) -> str:
    """Examine and store a file that has arrived; the state it is in now."""
    from simsa.web.entries.files.keeping import take_in_evidence  # noqa: PLC0415 (it enqueues this task)

    return take_in_evidence(UUID(hex=evidence))
