"""What the demo has besides the announced round: people with roles, a round whose call is open, one being scored."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from simsa.rules.model import MOMENTS
from simsa.web.accounts.models import User
from simsa.web.accounts.services import open_account
from simsa.web.entries.models import Entry
from simsa.web.entries.services import EntryRow, import_entries, save_fields, submit_entry
from simsa.web.panel.services import ReviewerRow, assign, import_reviewers
from simsa.web.programmes.drafting.document import Document
from simsa.web.programmes.models import Kind, Round
from simsa.web.programmes.services import give_role, open_round, publish_round
from simsa.web.site.demo_meeting import convene_on_one, with_meeting
from simsa.web.site.demo_scales import with_meanings

HOST = "example.org"
RUNNING, SCORED = "proactive-practice", "proactive-panel"
NOTE = "연습용 회차입니다. 실적은 지어낸 것입니다. / A round to practise in; its entries are invented."
GWANGJU = "2900000000"
TO_SCORE = 12
"""Entries of the round that is being scored."""
REVIEWER = "reviewer"
ROLES = (
    ("officer", "officer", ""),
    ("officer2", "officer", ""),
    ("auditor", "auditor", ""),
    ("entrant", "entrant", GWANGJU),
)
"""Names of accounts (NAME@example.org), what they are, and for whom."""

# Days from now, and the hour, of each moment; whoever starts the demo always finds the call open.
_DAYS = {
    "call": (-3, 9),
    "deadline": (11, 18),
    "grace_until": (12, 18),
    "scoring_from": (20, 9),
    "scoring_until": (45, 18),
    "objections_until": (52, 18),
    "announcement": (60, 10),
}
_FORM = """
[entries]
text_limit = 2000
cases = { min = 1, max = 5 }
currency = "KRW"

[[entries.exchange]]
currency = "USD"
rate = "1272.5"
date = 2023-06-30

"""
_CASE = {
    "case/1/title": "무역촉진단 파견",
    "case/1/summary": "해외 바이어를 찾아 상담을 주선하고 계약까지 지원하였다. (지어낸 예시)",
    "case/1/from": "2023-01-01",
    "case/1/to": "2023-06-30",
    "case/1/outcome/1/measure": "수출 상담",
    "case/1/outcome/1/currency": "USD",
    "case/1/outcome/2/measure": "수출 계약",
    "case/1/outcome/2/currency": "USD",
}


def open_accounts(password: str) -> list[str]:
    """The accounts of the demo with the password of this start; their addresses."""
    found = [_account(name, password) for name in [*(name for name, _kind, _code in ROLES), REVIEWER]]
    return [person.email for person in found]


def open_running_round(announced: Round) -> Round:
    """A round of the same programme that is open now: the same bodies, some of which have submitted. Once."""
    there = Round.objects.filter(slug=RUNNING).first()
    if there is not None:
        return there
    round_ = _opened(announced, _scheduled(_named(announced, RUNNING, "연습", "practice")))
    publish_round(round_)
    for name, kind, code in ROLES:
        person = _account(name, None)
        give_role(round_.programme, round_ if code else None, kind, person, code)
    for number, entry in enumerate(round_.entries.order_by("position")[1:24:2], start=1):
        _submit(entry, number)
    return round_


def open_scored_round(announced: Round) -> Round:
    """A round without a schedule, whose panel is scoring a few of the bodies, and meets on one. Once."""
    there = Round.objects.filter(slug=SCORED).first()
    if there is not None:
        return there
    named = _named(announced, SCORED, "평가 연습", "scoring practice")
    rules = with_meeting(with_meanings(named.drop(("schedule",)).drop(("panel", "load"))))
    round_ = _opened(announced, rules, TO_SCORE)
    for number, entry in enumerate(round_.entries.order_by("position"), start=1):
        _submit(entry, number)
    assign(round_)
    busiest = round_.reviewers.annotate(load=Count("slots")).order_by("-load", "position")[0]
    give_role(round_.programme, round_, Kind.REVIEWER, _account(REVIEWER, None), busiest.code)
    convene_on_one(round_, busiest)
    return round_


def _opened(announced: Round, rules: Document, most: int | None = None) -> Round:
    """A round by these rules with the bodies, or the first of them, and the panel of the announced one."""
    form, group, rest = rules.text.partition("[[group]]")
    round_ = open_round(form + _FORM.lstrip() + group + rest, synthetic_note=NOTE, credit=announced.credit)
    entries = announced.entries.select_related("entrant").order_by("position")[:most]
    import_entries(round_, [_row(entry) for entry in entries])
    reviewers = announced.reviewers.order_by("position")
    import_reviewers(round_, [ReviewerRow(one.code, one.name, one.fields) for one in reviewers])
    return round_


def _account(name: str, password: str | None) -> User:
    address = f"{name}@{HOST}"
    person = User.objects.filter(email=address).first() or open_account(address, None, name=name)
    if password is not None:
        person.set_password(password)
        person.save(update_fields=["password"])
    return person


def _named(announced: Round, slug: str, ko: str, en: str) -> Document:
    """The rules of the announced round with another id and name."""
    names = {"ko": f"적극행정 성과평가({ko})", "en": f"Proactive administration ({en})"}
    return Document(announced.rules_toml).put(("round", "id"), slug).put(("round", "name"), names)


def _scheduled(rules: Document) -> Document:
    """Around the present day."""
    today = datetime.now(ZoneInfo("Asia/Seoul")).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    for key in MOMENTS:
        days, hour = _DAYS[key]
        rules = rules.put(("schedule", key), today.replace(hour=hour) + timedelta(days=days))
    return rules


def _row(entry: Entry) -> EntryRow:
    one = entry.entrant
    return EntryRow(
        one.code, entry.group, one.name_ko, one.name_en, one.region, one.latitude, one.longitude, one.fields
    )


def _submit(entry: Entry, number: int) -> None:
    """Fields of an invented entry, submitted."""
    said = {f"text/{node.id}": f"{node.name.text('ko')}: 지어낸 예시 글입니다." for node in entry.round.rules.leaves}
    amounts = {"case/1/outcome/1/value": f"{number * 1_700_000:,}", "case/1/outcome/2/value": f"{number * 160_000:,}"}
    save_fields(entry, {**said, **_CASE, **amounts}, {}, actor="system")
    submit_entry(entry, actor="system")
