"""The verbs of an export that waits to be confirmed; it is kept as a list is (`simsa.web.entries.lists`)."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from simsa.tables.conference import Conference, read_hotcrp, read_openreview
from simsa.tables.table import TableError
from simsa.web.entries.models import ImportDraft
from simsa.web.entries.services.plans import Source, StalePlanError
from simsa.web.panel.services.conferring import import_conference
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import check_stage

KIND = "conference"
ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
MOST_FILES, MOST_BYTES = 20, 20 * 2**20
READERS = {"hotcrp": read_hotcrp, "openreview": read_openreview}


def begin_conference(round_: Round, product: str, files: Iterable[tuple[str, bytes]], *, actor: str) -> ImportDraft:
    """Keep what was exported (name and bytes of each file). TableError, RowsError as `read_hotcrp` has them."""
    check_stage(round_.slug, round_.stage, Stage.PREPARING)
    sent = [(Path(name).name or "file", data) for name, data in files]
    if len(sent) > MOST_FILES or sum(len(data) for _name, data in sent) > MOST_BYTES:
        raise TableError(f"export: is more than {MOST_FILES} files or {MOST_BYTES // 2**20} MiB")
    wrong = next((name for name, _data in sent if Path(name).suffix.lower() not in ENDINGS), None)
    if wrong is not None:
        raise TableError(f"{wrong}: is neither CSV nor JSON")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(n), name) for n, (name, _data) in enumerate(sent)]
        for path, (_name, data) in zip(paths, sent, strict=True):
            path.parent.mkdir()
            path.write_bytes(data)
        found = READERS[product](paths)
    whole = hashlib.sha256()
    for _name, data in sent:
        whole.update(hashlib.sha256(data).digest())
    return ImportDraft.objects.create(
        round=round_,
        kind=KIND,
        actor=actor,
        file_name=", ".join(name for name, _data in sent)[:255],
        sha256=whole.hexdigest(),
        content=json.dumps(found.to_json(), ensure_ascii=False),
    )


def conference_of(draft: ImportDraft) -> Conference:
    return Conference.of_json(json.loads(draft.content))


def confirm_conference(draft: ImportDraft, group: str, *, actor: str) -> None:
    """Take the conference into the round and drop the draft. StalePlanError if it is gone; errors of the verb."""
    with transaction.atomic():
        kept = ImportDraft.objects.select_for_update().filter(pk=draft.pk, kind=KIND).first()
        if kept is None:
            raise StalePlanError(_("This list was confirmed or dropped before."))
        source = Source(kept.file_name, kept.sha256)
        import_conference(kept.round, conference_of(kept), group, source=source, actor=actor)
        kept.delete()
