"""A round's vote as tables: who has voted and what was voted stand apart, and nothing leads from one to the other.

Rows of both are known by hashes, so that no number tells their order, and neither says when to the second.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from simsa.web.entries.models import Entry
from simsa.web.programmes.models import HASH, Event, Round

TAG = 32
"""Characters of what a device or a network is known by."""


class Vote(models.Model):
    """The vote of a round, which is open from `opened_at` to `closed_at`; its rules are those of the round.

    `counted`, `cast`: ballots that counted, of all. `forgotten_at`: when all that was known of voters was destroyed.
    """

    round = models.OneToOneField(Round, models.PROTECT, related_name="vote")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    cast = models.PositiveIntegerField(null=True)
    counted = models.PositiveIntegerField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(counted_at__isnull=True, counted__isnull=True)
                | Q(closed_at__isnull=False, counted__isnull=False, cast__isnull=False),
                name="vote_is_closed_before_it_is_counted",
            ),
        ]

    def __str__(self) -> str:
        return self.round.slug

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


class Candidate(models.Model):
    """An entry on the ballot: those that the round had when its vote opened."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="candidates")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="candidate")

    class Meta:
        verbose_name = _("entry on the ballot")
        verbose_name_plural = _("entries on the ballot")
        ordering: ClassVar[list[str]] = ["vote", "entry__position"]

    def __str__(self) -> str:
        return str(self.entry)


class VoterLink(models.Model):
    """The right to vote once, by a link that was sent to an address. Of both the hashes alone are kept.

    `identity`: of the address (`simsa.web.votes.identities`); `digest`: of the link's secret. `invited`: the office
    listed it; otherwise its owner asked for it, from `network`.
    """

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="links")
    identity = models.CharField(max_length=HASH)
    digest = models.CharField(max_length=HASH, unique=True)
    invited = models.BooleanField()
    network = models.CharField(max_length=TAG, blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link of a voter")
        verbose_name_plural = _("links of voters")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["vote", "identity"], name="voter_link_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["vote", "network", "sent_at"], condition=~Q(network=""), name="voter_link_asked"),
        ]

    def __str__(self) -> str:
        return self.digest[:8]


class Participation(models.Model):
    """That somebody with this identity has voted."""

    identity = models.CharField(max_length=HASH, primary_key=True)
    vote = models.ForeignKey(Vote, models.PROTECT, related_name="participations", db_index=False)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")

    def __str__(self) -> str:
        return self.identity[:8]


class Batch(models.Model):
    """Ballots that were sealed together, in the order of their names: the event in the record holds their root."""

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="batches")
    event = models.OneToOneField(Event, models.PROTECT, related_name="ballots")
    size = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("sealed ballots")
        verbose_name_plural = _("sealed ballots")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.vote}: {self.size}"


class Aside(models.Model):
    """Ballots that are put aside together for a `kind` of reason: they count once they are released.

    `key` is the network or device that they share. A decision holds for ballots that come later, too.
    """

    class Kind(models.TextChoices):
        BURST = "burst", pgettext_lazy("ballots put aside", "many from one network in a few minutes")
        DEVICE = "device", pgettext_lazy("ballots put aside", "several from one device")
        PATTERN = "pattern", pgettext_lazy("ballots put aside", "nearly all the same, from one network")

    class Ruling(models.TextChoices):
        NONE = "", pgettext_lazy("ruling on ballots", "not decided")
        RELEASED = "released", pgettext_lazy("ruling on ballots", "released: they count")
        KEPT = "kept", pgettext_lazy("ruling on ballots", "they do not count")

    vote = models.ForeignKey(Vote, models.PROTECT, related_name="asides")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    key = models.CharField(max_length=TAG)
    found_at = models.DateTimeField()
    ruling = models.CharField(max_length=8, choices=Ruling.choices, default=Ruling.NONE, blank=True)
    reason = models.TextField(blank=True)
    ruled_at = models.DateTimeField(null=True)
    ruled_by = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("ballots put aside")
        verbose_name_plural = _("ballots put aside")
        ordering: ClassVar[list[str]] = ["found_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["vote", "kind", "key"], name="aside_once"),
            models.CheckConstraint(
                condition=Q(ruling="", ruled_at__isnull=True)
                | Q(ruling__in=["released", "kept"], ruled_at__isnull=False) & ~Q(reason=""),
                name="aside_ruled_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vote}: {self.get_kind_display()}"

    @property
    def round(self) -> Round:
        """Where it belongs, for who asks what somebody may do."""
        return self.vote.round


class Ballot(models.Model):
    """What somebody voted. `name` follows from the secret that the voter alone has; `commitment` binds what it says.

    `says` is canonical JSON (`simsa.engine.votes.ballot_rows`). `minute` is when, to the minute; `device` and `network`
    are keyed hashes, and empty once the voters were forgotten.
    """

    name = models.CharField(max_length=HASH, primary_key=True)
    vote = models.ForeignKey(Vote, models.PROTECT, related_name="ballots", db_index=False)
    commitment = models.CharField(max_length=HASH)
    says = models.TextField()
    minute = models.DateTimeField()
    device = models.CharField(max_length=TAG, blank=True)
    network = models.CharField(max_length=TAG, blank=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="ballots", null=True)
    aside = models.ForeignKey(Aside, models.PROTECT, related_name="ballots", null=True)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["vote"], condition=Q(batch__isnull=True), name="ballot_unsealed"),
        ]

    def __str__(self) -> str:
        return self.name[:8]
