"""A bundle verified from its first byte to its last winner, offline; nothing that it says is taken on trust."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from simsa.record.ballots import BallotReceipt
from simsa.record.notes import VerifierKey, encoded
from simsa.record.policy import Policy
from simsa.record.receipts import Receipt
from simsa.record.verification import chain, counting, deciding, files, held, opened, telling, voting
from simsa.record.verification.archive import ArchiveError, UnreadableError, unpacked
from simsa.record.verification.findings import FailedError, Findings, NotShownError
from simsa.record.verification.verdict import NAMES, Answer, Change, Check, Outcome, Verdict, Winner
from simsa.rules import Rules

Progress = Callable[[str, int, int], None]
"""Told the check that begins, how many are done, and how many there are."""

_STEPS: dict[str, tuple[Callable[[Findings], str | None], tuple[str, ...]]] = {
    "manifest": (files.check_manifest, ()),
    "log": (chain.check_log, ("manifest",)),
    "keys": (chain.check_keys, ("log",)),
    "witnesses": (chain.check_witnesses, ("keys",)),
    "timestamps": (chain.check_timestamps, ("log",)),
    "statements": (telling.check_statements, ("log",)),
    "rules": (telling.check_rules, ("statements",)),
    "slots": (counting.check_slots, ("rules",)),
    "sheets": (counting.check_sheets, ("slots",)),
    "ballots": (voting.check_ballots, ("rules",)),
    "seed": (counting.check_seed, ("slots",)),
    "tally": (deciding.check_tally, ("sheets",)),
    "selection": (deciding.check_selection, ("seed",)),
    "first-page": (files.check_first_page, ("rules",)),
    "openings": (opened.check_openings, ("sheets", "ballots")),
    "calibration": (opened.check_calibration, ("openings",)),
    "receipts": (held.check_receipts, ("keys", "sheets", "ballots")),
}
"""Each check, and those that must not have failed before it."""


def verify(
    data: bytes,
    *,
    key: VerifierKey | None = None,
    policy: Policy | None = None,
    roots: bytes | None = None,
    receipts: Iterable[tuple[str, Receipt | BallotReceipt]] = (),
    progress: Progress | None = None,
) -> Verdict:
    """Verify a bundle, the bytes of its ZIP file.

    `key`: the one with which the log began, as the organiser published it; `policy`: which witnesses must have
    cosigned; `roots`: certificates (PEM) of time-stamping authorities; `receipts` by a name for each.
    """
    try:
        unzipped = unpacked(data)
    except UnreadableError as error:
        return Verdict(Answer.UNREADABLE, (Check("archive", Outcome.FAILED, str(error)),))
    except ArchiveError as error:
        return Verdict(Answer.REFUSED, (Check("archive", Outcome.FAILED, str(error)),))
    if "manifest.json" not in unzipped:
        return Verdict(Answer.UNREADABLE, (Check("archive", Outcome.FAILED, "is no bundle: it has no manifest.json"),))
    found = Findings(unzipped, key, policy, roots, tuple(receipts))
    checks = [Check("archive", Outcome.PASSED, f"{len(unzipped)} files")]
    for name, (step, needed) in _STEPS.items():
        if progress is not None:
            progress(name, len(checks), len(NAMES))
        checks.append(_checked(found, name, step, needed, checks))
    return _verdict(found, tuple(checks))


def _checked(
    found: Findings,
    name: str,
    step: Callable[[Findings], str | None],
    needed: Sequence[str],
    before: Sequence[Check],
) -> Check:
    ended = {one.name for one in before if one.outcome is Outcome.FAILED or one.why.startswith(_UNCHECKED)}
    cause = next((one for one in needed if one in ended), None)
    if cause is not None:
        return Check(name, Outcome.NOT_SHOWN, f"{_UNCHECKED}{cause}")
    try:
        return Check(name, Outcome.PASSED, step(found) or "")
    except FailedError as error:
        return Check(name, Outcome.FAILED, str(error))
    except NotShownError as reason:
        return Check(name, Outcome.NOT_SHOWN, str(reason))
    except Exception as error:  # no bundle may pass, or stop the verifier, by a mistake of ours
        return Check(name, Outcome.FAILED, f"{BEYOND}: {type(error).__name__}: {error}")


_UNCHECKED = "it builds on what failed: "
BEYOND = "this is beyond what the verifier understands"
"""Begins the reason of a failed check that the verifier itself did not foresee."""


def _verdict(found: Findings, checks: tuple[Check, ...]) -> Verdict:
    outcome = {check.name: check.outcome for check in checks}
    if Outcome.FAILED in outcome.values():
        answer = Answer.REFUSED
    elif all(outcome[name] is Outcome.PASSED for name in _deciding(found.rules_now)):
        answer = Answer.VERIFIED
    else:
        answer = Answer.INCOMPLETE
    manifest, last = found.manifest, found.checkpoint
    told = outcome.get("rules") is Outcome.PASSED
    rules = found.rules_now if told else None
    return Verdict(
        answer,
        checks,
        tier=manifest.get("tier", ""),
        round=manifest.get("round", ""),
        names=dict(rules.name.by_language) if rules is not None else None,
        language=rules.language if rules is not None else "en",
        origin=manifest.get("origin", ""),
        key=manifest.get("key", ""),
        size=last.size if last is not None else 0,
        root=encoded(last.root) if last is not None else "",
        synthetic=found.story.statements[0][1].content["synthetic"] if told else "",
        winners=_winners(found) if told else (),
        changes=tuple(_changes(found)) if told else (),
    )


def _deciding(rules: Rules) -> list[str]:
    """The checks without which nobody knows whether the result follows."""
    decide = {"tally": True, "calibration": rules.calibration.official, "ballots": rules.vote is not None}
    return [name for name, needed in decide.items() if needed]


def _changes(found: Findings) -> Iterator[Change]:
    """What was changed on the way, in the order of the log."""
    for index, one in found.story.statements:
        if one.kind == "amendment":
            rules = one.content["previous"] != one.content["rules_hash"]
            yield Change("amendment", index, one.content["reason"], rules=rules)
        elif one.kind == "key":
            yield Change("key", index)
        elif one.kind == "slots":
            entries = {slot: entry for slot, entry, _hidden in one.content["slots"]}
            for slot, _old, reason in one.content["replaces"]:
                yield Change("replaced", index, reason, entries[slot])


def _winners(found: Findings) -> tuple[Winner, ...]:
    result, said = found.story.result, found.story.last("entries")
    if result is None:
        return ()
    names = {row["id"]: row["name"] for row in said.content["entries"]} if said is not None else {}
    groups = {group.id: dict(group.name.by_language) for group in found.rules_now.groups}
    return tuple(
        Winner(
            row["group"],
            groups.get(row["group"], {}),
            row["rank"],
            row["entry"],
            names.get(row["entry"], {}),
            row["score"],
        )
        for row in result.content["standings"]
        if row["outcome"] == "selected"
    )
