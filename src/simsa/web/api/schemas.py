"""What the API takes and tells. Numbers that decide something are exact decimals as text, or fractions n/d."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from simsa.tables.lists import LIMITS

Number = Annotated[str, Field(pattern=r"^-?[0-9]{1,40}(\.[0-9]{1,40}|/[1-9][0-9]{0,39})?$", examples=["12.5"])]
Degrees = Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,15})?$", examples=["37.5665"])]
Stage = Literal["preparing", "scoring", "closed", "announced"]


class Given(Schema):
    """What is sent: a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")


class RoundOut(Schema):
    slug: str
    programme: str
    names: dict[str, str]
    stage: Stage
    phase: str
    time_zone: str
    rules_hash: str
    published: bool


class ReportedNumber(Given):
    criterion: str = ""
    field: str
    number: Number


class EntryIn(Given):
    """One entry, all of it."""

    code: str
    group: str
    name_ko: str
    name_en: str = ""
    region: str = ""
    latitude: Degrees | None = None
    longitude: Degrees | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    reported: list[ReportedNumber] = Field(default_factory=list)


class ReportedOut(Schema):
    criterion: str
    field: str
    number: str


class EntryOut(Schema):
    code: str
    group: str
    name_ko: str
    name_en: str
    region: str
    latitude: str | None
    longitude: str | None
    fields: dict[str, str]
    reported: list[ReportedOut]


class EvidenceOut(Schema):
    id: UUID
    criterion: str
    name: str
    size: int
    sha256: str
    kind: str
    state: str
    pages: int
    added_at: datetime


class FieldIn(Given):
    """One field of a draft, with the version of it that was read."""

    name: Annotated[str, Field(max_length=300)]
    value: str
    version: Annotated[int, Field(ge=0, le=10**9)] = 0


class DraftIn(Given):
    fields: Annotated[list[FieldIn], Field(min_length=1, max_length=1000)]


class FieldOut(Schema):
    name: str
    value: str
    version: int


class ItemOut(Schema):
    """A line of the checklist: `wrong` cannot be submitted, `missing` can, once that is confirmed."""

    name: str
    label: str
    state: str
    what: str


class DraftOut(Schema):
    """`open`: it is taken now."""

    open: bool
    fields: list[FieldOut]
    checklist: list[ItemOut]


class SavedField(FieldOut):
    clash: bool


class SavedOut(Schema):
    fields: list[SavedField]


class SubmitIn(Given):
    """`with_missing`: what is missing is meant to be."""

    with_missing: bool = False


class ReasonIn(Given):
    reason: Annotated[str, Field(max_length=2000)]


class SubmissionOut(Schema):
    """A version: `content` is canonical JSON, whose SHA-256 is in the record; empty where it was withdrawn."""

    version: int
    sha256: str
    late: bool
    withdrawn: bool
    submitted_at: datetime
    content: str


class ReviewerIn(Given):
    """One member of the panel, all that is known of them."""

    code: str
    name: str
    fields: dict[str, str] = Field(default_factory=dict)


class ReviewerOut(Schema):
    code: str
    name: str
    fields: dict[str, str]


class _Import(Given):
    update: bool = False
    remove: bool = False
    dry_run: bool = False


class EntriesImport(_Import):
    """`update`: who is there already is changed to what the row says; `remove`: who is not listed leaves."""

    rows: Annotated[list[EntryIn], Field(max_length=LIMITS.rows)]


class ReviewersImport(_Import):
    """`update`: who is there already is changed to what the row says; `remove`: who is not listed leaves."""

    rows: Annotated[list[ReviewerIn], Field(max_length=LIMITS.rows)]


class DifferenceOut(Schema):
    key: str
    before: str
    after: str


class ChangeOut(Schema):
    row: int
    code: str
    name: str
    differences: list[DifferenceOut]


class PlanOut(Schema):
    """What an import does; `import_id` is None where it was tried alone (`dry_run`)."""

    import_id: int | None
    added: list[ChangeOut]
    changed: list[ChangeOut]
    unchanged: int
    removed: list[ChangeOut]


class ImportOut(Schema):
    id: int
    kind: str
    actor: str
    at: datetime
    file_name: str
    sha256: str
    rows: int
    undone_at: datetime | None


class Slots(Schema):
    assigned: int
    submitted: int
    recused: int


class ReviewerProgress(Schema):
    code: str
    slots: Slots


class Progress(Schema):
    stage: Stage
    phase: str
    entries: int
    reviewers: int
    slots: Slots
    by_reviewer: list[ReviewerProgress]


class _Page(Schema):
    count: int
    next: str | None


class RoundPage(_Page):
    items: list[RoundOut]


class EntryPage(_Page):
    items: list[EntryOut]


class EvidencePage(_Page):
    items: list[EvidenceOut]


class ReviewerPage(_Page):
    items: list[ReviewerOut]


class ImportPage(_Page):
    items: list[ImportOut]
