"""Meetings of the panel: their agenda, what happened in them in order, and which sheets were changed in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.panel.models.members import Reviewer
from simsa.web.panel.models.slots import Sheet, Slot
from simsa.web.programmes.append_only import AppendOnly
from simsa.web.programmes.models import Round


class Meeting(models.Model):
    """A meeting of the panel while it scores. `at`: when it is to begin; its chair, and the deputy who takes over where
    the chair has a conflict."""

    class State(models.TextChoices):
        CONVENED = "convened", pgettext_lazy("state of a meeting", "convened")
        OPEN = "open", pgettext_lazy("state of a meeting", "in session")
        ADJOURNED = "adjourned", pgettext_lazy("state of a meeting", "adjourned")
        CLOSED = "closed", pgettext_lazy("state of a meeting", "closed")
        VOIDED = "voided", pgettext_lazy("state of a meeting", "voided")
        CALLED_OFF = "called_off", pgettext_lazy("state of a meeting", "called off")

    round = models.ForeignKey(Round, models.PROTECT, related_name="meetings")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    chair = models.ForeignKey(Reviewer, models.PROTECT, related_name="chairs")
    deputy = models.ForeignKey(Reviewer, models.PROTECT, related_name="deputises")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CONVENED)
    convened_at = models.DateTimeField()
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("meeting of the panel")
        verbose_name_plural = _("meetings of the panel")
        ordering: ClassVar[list[str]] = ["round", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "number"], name="meeting_number_once"),
            models.CheckConstraint(condition=~Q(chair=F("deputy")), name="meeting_deputy_is_another"),
            models.CheckConstraint(
                condition=Q(state__in=["convened", "open", "adjourned", "closed", "voided", "called_off"]),
                name="meeting_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.slug}: {self.number}"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.CLOSED, self.State.VOIDED, self.State.CALLED_OFF}


class MeetingItem(models.Model):
    """An entry on the agenda. `lead`: the member whom an officer named to lead it, where neither chair nor deputy can.

    `newest_slot`: the last slot that there was when its discussion was (last) opened; none before. From then on the
    sheets of slots up to this one, and those of others after their first version, change in the meeting alone.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of an item", "to come")
        OPEN = "open", pgettext_lazy("state of an item", "in discussion")
        CLOSED = "closed", pgettext_lazy("state of an item", "closed")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="meeting_items")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    lead = models.ForeignKey(Reviewer, models.PROTECT, related_name="leads", null=True, blank=True)
    newest_slot = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("item of an agenda")
        verbose_name_plural = _("items of agendas")
        ordering: ClassVar[list[str]] = ["meeting", "position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "entry"], name="meeting_item_once"),
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="open"), name="meeting_item_open_one"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "open", "closed"]), name="meeting_item_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") ^ Q(newest_slot__isnull=False), name="meeting_item_opened_has_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, {self.position}"

    @property
    def round(self) -> Round:
        return self.meeting.round


class MeetingAct(AppendOnly):
    """One thing that happened in a meeting, in order: the minutes are made of these, and pages follow by their keys.

    `reviewer`: the member who did it or whom it is about; none for officers, observers, and a dissent without a name.
    `text`: a note, an outcome, a reason, a dissent. A note that `corrects` another takes its place.
    """

    class Kind(models.TextChoices):
        CONVENED = "convened", pgettext_lazy("in a meeting", "convened")
        ARRANGED = "arranged", pgettext_lazy("in a meeting", "the agenda was changed")
        CALLED_OFF = "called_off", pgettext_lazy("in a meeting", "called off")
        OPENED = "opened", pgettext_lazy("in a meeting", "opened")
        ADJOURNED = "adjourned", pgettext_lazy("in a meeting", "adjourned")
        RESUMED = "resumed", pgettext_lazy("in a meeting", "resumed")
        CLOSED = "closed", pgettext_lazy("in a meeting", "closed")
        ENDED = "ended", pgettext_lazy("in a meeting", "ended with the scoring")
        VOIDED = "voided", pgettext_lazy("in a meeting", "voided")
        JOINED = "joined", pgettext_lazy("in a meeting", "came in")
        LEFT = "left", pgettext_lazy("in a meeting", "left")
        STEPPED_OUT = "stepped_out", pgettext_lazy("in a meeting", "out of the room for a conflict of interest")
        LEAD_NAMED = "lead_named", pgettext_lazy("in a meeting", "named to lead the item")
        TAKEN_UP = "taken_up", pgettext_lazy("in a meeting", "discussion opened")
        ITEM_CLOSED = "item_closed", pgettext_lazy("in a meeting", "discussion closed")
        NOTE = "note", pgettext_lazy("in a meeting", "note")
        CHANGED = "changed", pgettext_lazy("in a meeting", "marks changed")
        RESTORED = "restored", pgettext_lazy("in a meeting", "marks as they were before")
        DISSENT = "dissent", pgettext_lazy("in a meeting", "dissenting opinion")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="acts")
    item = models.ForeignKey(MeetingItem, models.PROTECT, related_name="acts", null=True, blank=True)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="meeting_acts", null=True, blank=True)
    text = models.TextField(blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, related_name="corrected_by", null=True, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("act in a meeting")
        verbose_name_plural = _("acts in meetings")
        ordering: ClassVar[list[str]] = ["meeting", "pk"]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.kind}"


class SheetChange(AppendOnly):
    """A sheet that was changed in a meeting: what stood before and what after, each a version of its slot; why, its act
    says. `undoes`: the first change of the slot in a session that was voided, whose `before` this restores."""

    act = models.OneToOneField(MeetingAct, models.PROTECT, related_name="change")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="changes")
    before = models.ForeignKey(Sheet, models.PROTECT, related_name="changed_from")
    after = models.OneToOneField(Sheet, models.PROTECT, related_name="changed_to")
    undoes = models.OneToOneField("self", models.PROTECT, related_name="undone_by", null=True, blank=True)

    class Meta:
        verbose_name = _("change of a sheet")
        verbose_name_plural = _("changes of sheets")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after.version}"
